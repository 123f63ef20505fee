//! The commands for a running server: `status`, `stores`, `top`, `conns`, `certs`, `limits`, `access`, `quota`, `slow`,
//! `config`, `drain`, `undrain`.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{json, Value as Json};

use crate::admin::{text, AdminOptions, AdminSocket};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, grouped, line, shown, string, table, Object, Output};
use crate::units;

/// Partitions that a state shows at most.
const BUSIEST: usize = 5;

/// A look at what the server shows.
#[derive(Debug, clap::Args)]
pub(crate) struct View {
    #[command(flatten)]
    admin: AdminOptions,
}

impl View {
    /// Prints the state, with the partitions that are read most.
    pub(crate) fn status(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        let mut status = socket.see("/status")?;
        let busiest = busiest_partitions(&socket.see("/stores")?);
        // An empty table tells a person nothing.
        if output == Output::Json || !busiest.is_empty() {
            status["busiest_partitions"] = busiest.into();
        }
        say(&status, output)
    }

    /// Prints what is at a path of the socket.
    pub(crate) fn run(&self, target: &str, output: Output) -> Outcome {
        say(&AdminSocket::of(&self.admin)?.see(target)?, output)
    }
}

/// The partitions that are read most, of those that are read.
fn busiest_partitions(stores: &Json) -> Vec<Json> {
    let list = |json: &Json, field: &str| json[field].as_array().cloned().unwrap_or_default();
    let mut busy = Vec::new();
    for store in list(stores, "stores") {
        for version in list(&store, "versions") {
            for partition in list(&version, "partitions") {
                let rate = partition["reads_per_second"].as_f64().unwrap_or(0.0);
                if rate > 0.0 {
                    let shown = json!({
                        "name": version["name"],
                        "partition": partition["partition"],
                        "table": partition["table"],
                        "reads_per_second": rate,
                    });
                    busy.push((rate, shown));
                }
            }
        }
    }
    busy.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    busy.truncate(BUSIEST);
    busy.into_iter().map(|(_, shown)| shown).collect()
}

fn say(json: &Json, output: Output) -> Outcome {
    match output {
        Output::Json => line(&json.to_string()),
        Output::Human => line(&text(json)),
    }
}

/// Show the latest slow requests, and what each waited for
#[derive(Debug, clap::Args)]
pub(crate) struct Slow {
    #[command(flatten)]
    admin: AdminOptions,
    /// Leave out those up to this sequence number
    #[arg(long, value_name = "N")]
    after: Option<u64>,
}

impl Slow {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let target = match self.after {
            Some(after) => format!("/slow?after={after}"),
            None => "/slow".to_owned(),
        };
        say(&AdminSocket::of(&self.admin)?.see(&target)?, output)
    }
}

/// Show the settings, or change one while the server runs
///
/// A change lasts until the server ends. Those that need a new start are refused, with the reason.
#[derive(Debug, clap::Args)]
pub(crate) struct Config {
    #[command(flatten)]
    admin: AdminOptions,
    /// Show this setting alone, or those whose names begin so
    name: Option<String>,
    /// Give the setting this value
    #[arg(
        long,
        value_name = "VALUE",
        requires = "name",
        conflicts_with = "changed",
        allow_hyphen_values = true
    )]
    set: Option<String>,
    /// Show the settings that have another value than their default
    #[arg(long)]
    changed: bool,
}

impl Config {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        if let (Some(name), Some(value)) = (&self.name, &self.set) {
            let value = match serde_json::from_str::<Json>(value) {
                Ok(json @ (Json::Number(_) | Json::Bool(_))) => json.to_string(),
                _ => string(value),
            };
            let body = Object::new().text("setting", name).raw("value", value);
            return say(&socket.change("/config", body, Duration::ZERO)?, output);
        }
        let all = socket.see("/config")?;
        let settings = all["settings"].as_array().cloned().unwrap_or_default();
        let named = |one: &Json| match (&self.name, one["name"].as_str()) {
            (Some(wanted), Some(name)) => name.starts_with(wanted.as_str()),
            _ => true,
        };
        let changed = |one: &Json| !self.changed || one["value"] != one["default"];
        let settings = settings
            .into_iter()
            .filter(|one| named(one) && changed(one));
        let settings: Vec<Json> = settings.collect();
        if let (Some(name), true) = (&self.name, settings.is_empty() && !self.changed) {
            let text = format!(
                "there is no setting {}; `venice config` lists them",
                shown(name)
            );
            return Err(Failure::new(Exit::Config, text));
        }
        match output {
            Output::Json => settings.iter().try_for_each(|one| line(&one.to_string())),
            Output::Human => {
                let mut rows = vec![["setting", "value", "default", "changes"]
                    .map(str::to_owned)
                    .to_vec()];
                for one in &settings {
                    let cell = |field: &str| match &one[field] {
                        Json::String(text) => text.clone(),
                        Json::Null => "-".to_owned(),
                        other => other.to_string(),
                    };
                    rows.push(["name", "value", "default", "changes"].map(cell).to_vec());
                }
                line(&table(&rows))
            }
        }
    }
}

/// End the server without cutting a call: out of discovery, wait until it is idle, GOAWAY, end
///
/// The exit code is 1 if calls were cut. With --stay it is only taken out, and `undrain` puts it back.
#[derive(Debug, clap::Args)]
pub(crate) struct Drain {
    #[command(flatten)]
    admin: AdminOptions,
    /// How long it may take [default: the setting drain.ms]
    #[arg(long, value_name = "TIME", value_parser = units::time)]
    bound: Option<Duration>,
    /// How long nobody must have read before it is idle
    #[arg(long, value_name = "TIME", value_parser = units::time)]
    quiet: Option<Duration>,
    /// Do not end it
    #[arg(long)]
    stay: bool,
}

impl Drain {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let millis = |time: Duration| time.as_millis();
        let mut body = Object::new().raw("end", !self.stay);
        if let Some(bound) = self.bound {
            body = body.raw("bound_ms", millis(bound));
        }
        if let Some(quiet) = self.quiet {
            body = body.raw("quiet_ms", millis(quiet));
        }
        // The longest that drain.ms can be, if no bound is given: the server says when it is over.
        let patience = self.bound.unwrap_or(Duration::from_secs(86_400));
        let report = AdminSocket::of(&self.admin)?.change("/drain", body, patience)?;
        let cut = report["calls_cut"].as_u64().unwrap_or(0);
        match output {
            Output::Json => line(&report.to_string())?,
            Output::Human => line(&format!("{} cut\n\n{}", count(cut, "call"), text(&report)))?,
        }
        match cut {
            0 => Ok(()),
            _ => Err(Failure::new(Exit::No, "calls were cut")),
        }
    }
}

/// Put a server back that was drained with --stay
#[derive(Debug, clap::Args)]
pub(crate) struct Undrain {
    #[command(flatten)]
    admin: AdminOptions,
}

impl Undrain {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        say(
            &socket.change("/undrain", Object::new(), Duration::ZERO)?,
            output,
        )
    }
}

/// What stores are sorted by.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum By {
    /// Reads in a second
    Reads,
    /// Processor time
    Cpu,
    /// Reads that go to disk threads
    Disk,
}

impl By {
    /// What comes first has the most: in a second, and of those that are alike, since the start.
    fn key(self, store: &Json) -> (f64, f64) {
        let (rate, all) = match self {
            By::Reads => ("reads_per_second", "reads"),
            By::Cpu => ("processors", "cpu_seconds"),
            By::Disk => ("disk_reads_per_second", "disk_reads"),
        };
        (number(store, rate), number(store, all))
    }
}

fn number(json: &Json, field: &str) -> f64 {
    json[field].as_f64().unwrap_or(0.0)
}

/// Show the stores that are read most, or take most, again and again
#[derive(Debug, clap::Args)]
pub(crate) struct Top {
    #[command(flatten)]
    admin: AdminOptions,
    /// The time from one look to the next
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = units::time)]
    interval: Duration,
    /// How many looks [default: until Ctrl-C]
    #[arg(short = 'n', long, value_name = "N")]
    count: Option<u64>,
    /// How many stores
    #[arg(long, value_name = "N", default_value_t = 20)]
    stores: usize,
    /// What has most comes first
    #[arg(long, value_enum, default_value_t = By::Reads)]
    by: By,
}

impl Top {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        let mut looks = 0;
        loop {
            let (status, seen) = (socket.see("/status")?, socket.see("/stores")?);
            let mut stores = seen["stores"].as_array().cloned().unwrap_or_default();
            stores.sort_by(|a, b| {
                let ((rate, all), (other, other_all)) = (self.by.key(a), self.by.key(b));
                other.total_cmp(&rate).then(other_all.total_cmp(&all))
            });
            stores.truncate(self.stores);
            match output {
                Output::Json => {
                    let members = |store: &Json| {
                        Object::new()
                            .raw("store", &store["store"])
                            .raw("readsPerSecond", number(store, "reads_per_second"))
                            .raw("reads", &store["reads"])
                            .raw("processors", number(store, "processors"))
                            .raw("cpuSeconds", &store["cpu_seconds"])
                            .raw("diskReadsPerSecond", number(store, "disk_reads_per_second"))
                            .raw("diskReads", &store["disk_reads"])
                            .end()
                    };
                    let object = Object::new()
                        .raw("connections", &status["connections"])
                        .raw("openCalls", &status["open_calls"])
                        .raw("stores", crate::output::array(stores.iter().map(members)));
                    line(&object.end())?;
                }
                Output::Human => screen(&status, &stores)?,
            }
            looks += 1;
            if self.count.is_some_and(|count| looks >= count) {
                return Ok(());
            }
            std::thread::sleep(self.interval);
        }
    }
}

/// A screenful, from the upper left corner.
fn screen(status: &Json, stores: &[Json]) -> Outcome {
    let whole = |json: &Json| json.as_u64().map_or("-".to_owned(), grouped);
    let head = [
        "store",
        "reads/s",
        "reads",
        "processors",
        "processor s",
        "to disk/s",
        "to disk",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for store in stores {
        rows.push(vec![
            store["store"].as_str().unwrap_or_default().to_owned(),
            grouped(number(store, "reads_per_second").round() as u64),
            whole(&store["reads"]),
            format!("{:.3}", number(store, "processors")),
            format!("{:.3}", number(store, "cpu_seconds")),
            grouped(number(store, "disk_reads_per_second").round() as u64),
            whole(&store["disk_reads"]),
        ]);
    }
    let clear = if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        "\x1b[H\x1b[2J"
    } else {
        ""
    };
    line(&format!(
        "{clear}{} {}, {} connections, {} open calls, {} bytes held\n\n{}",
        status["address"].as_str().unwrap_or_default(),
        status["phase"].as_str().unwrap_or_default(),
        whole(&status["connections"]),
        whole(&status["open_calls"]),
        whole(&status["bytes_held"]),
        table(&rows)
    ))?;
    std::io::stdout()
        .flush()
        .map_err(Failure::of(Exit::Io, "cannot write to standard output"))
}
