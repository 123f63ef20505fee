//! `venice hotkeys`: the keys that are read most, counted for a while.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use venice_storage::Folder;

use crate::admin::{AdminOptions, AdminSocket};
use crate::avro::Codec;
use crate::description::Description;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, line, table, unhex, Object, Output};
use crate::units;

/// After the end of a session its report is there; a server that says otherwise is not waited for.
const LATE: Duration = Duration::from_secs(5);
/// Between two looks at a session.
const LOOK: Duration = Duration::from_secs(1);

/// Count which keys are read most, for a while
///
/// The session ends itself, also if this command is broken off; one runs at a time, an hour at most. Keys are numbers, others
/// in each session, unless --show asks for the keys and the server was started with admin.socket.keys=true.
#[derive(Debug, clap::Args)]
pub(crate) struct HotKeys {
    /// The keys of this store, or of one of its versions, alone
    store: Option<String>,
    #[command(flatten)]
    admin: AdminOptions,
    /// How long keys are counted
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = units::time)]
    time: Duration,
    /// Show keys, not numbers
    #[arg(long)]
    show: bool,
    /// How many keys
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    keys: usize,
    /// Do not wait for the end; `venice hotkeys --last` shows what was counted
    #[arg(long)]
    detach: bool,
    /// Start nothing: show what the session that runs, or the last one, has counted
    #[arg(long, conflicts_with_all = ["time", "show", "detach"])]
    last: bool,
    /// End the session that runs
    #[arg(long, conflicts_with_all = ["time", "show", "detach", "last"])]
    stop: bool,
}

impl HotKeys {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let socket = AdminSocket::of(&self.admin)?;
        let mut report = if self.stop {
            socket.change("/hotkeys/stop", Object::new(), Duration::ZERO)?
        } else if self.last {
            socket.see("/hotkeys")?
        } else {
            self.session(&socket)?
        };
        self.select(&mut report);
        match output {
            Output::Json => line(&report.to_string())?,
            Output::Human => line(&text(&report))?,
        }
        match report["state"].as_str() {
            Some("none") => Err(Failure::new(Exit::No, "there was no session")),
            _ => Ok(()),
        }
    }

    /// Has a session run to its end.
    fn session(&self, socket: &AdminSocket) -> Outcome<Json> {
        let body = Object::new()
            .raw("duration_ms", self.time.as_millis())
            .raw("show_keys", self.show);
        let mut report = socket.change("/hotkeys", body, Duration::ZERO)?;
        let end = Instant::now() + self.time + LATE;
        while !self.detach && report["state"] == "running" && Instant::now() < end {
            // A millisecond more, as what is left is cut to a whole number.
            let left = Duration::from_millis(report["left_ms"].as_u64().unwrap_or(0) + 1);
            std::thread::sleep(left.min(LOOK));
            report = socket.see("/hotkeys")?;
        }
        Ok(report)
    }

    /// Leaves the keys that were asked for, and says them as their schema does, where that is known.
    fn select(&self, report: &mut Json) {
        let Some(keys) = report["keys"].as_array_mut() else {
            return;
        };
        keys.retain(|key| {
            let of = key["store_version"].as_str().unwrap_or_default();
            self.store.as_deref().is_none_or(|store| {
                let version = of.strip_prefix(store).map(|rest| rest.strip_prefix("_v"));
                of == store || version.flatten().is_some_and(|n| n.parse::<u32>().is_ok())
            })
        });
        keys.truncate(self.keys);
        for key in keys {
            if let Some(decoded) = decoded(self.admin.data(), key) {
                key["key"] = decoded.into();
            }
        }
    }
}

/// A key by its schema, if both are known; the beginning of a long key is no datum.
fn decoded(data: &Path, key: &Json) -> Option<String> {
    let bytes = unhex(key["key_bytes"].as_str()?)?;
    let version = key["store_version"].as_str()?;
    let known = Description::find(&Folder::at(data), version).ok()??;
    Codec::new(&known.key_schema).ok()?.to_json(&bytes).ok()
}

fn text(report: &Json) -> String {
    let state = match (report["state"].as_str(), report["left_ms"].as_u64()) {
        (Some("none"), _) => return "no session has run; `venice hotkeys` starts one".to_owned(),
        (_, Some(left)) => format!("the session goes on for {:.1} s", left as f64 / 1000.0),
        _ => "the session is over".to_owned(),
    };
    let reads = count(report["reads"].as_u64().unwrap_or(0), "read");
    let head = format!("{reads} of keys counted; {state}");
    let keys = report["keys"].as_array().map_or(&[][..], |keys| keys);
    if keys.is_empty() {
        return head;
    }
    let titles = ["reads", "at least", "share", "store version", "key"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    for key in keys {
        let share = 100.0 * key["share"].as_f64().unwrap_or(0.0);
        let text = |field: &str| key[field].as_str().unwrap_or_default().to_owned();
        rows.push(vec![
            key["reads"].to_string(),
            key["at_least"].to_string(),
            format!("{share:.2}%"),
            text("store_version"),
            text("key"),
        ]);
    }
    format!("{head}\n\n{}", table(&rows))
}
