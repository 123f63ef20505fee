//! `venice serve`: the read server over a folder of store versions.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use venice_engine::Registry;
use venice_server::{Config, Phase, Server, StartError};
use venice_storage::{BlockCache, Folder, Hosted, StorageError, StoredVersion};

use crate::admin::AdminSocket;
use crate::data_folder::DataFolder;
use crate::failure::{Exit, Failure, Outcome};
use crate::known_stores;
use crate::output::{array, count, shown, Object, Output};
use crate::units;

/// What stands where no other setting does: for a first try on one machine.
const DEFAULT_SETTINGS: &str = include_str!("default_settings.json");

/// How often it is looked for a signal, and for the end of a drain.
const LOOK: Duration = Duration::from_millis(50);
/// After a drain, before the admin socket goes.
const REPORT: Duration = Duration::from_millis(500);

/// Serve the store versions of a folder over gRPC
///
/// Answers Venice's Fast Client's get and batchGet, and this program's. Files are only read. SIGTERM and SIGINT
/// (Ctrl-C) end it when the calls in flight are answered, a second one at once.
///
/// Settings are those of the server's one table (docs/settings.md). Where none is given, it listens on 127.0.0.1:7777,
/// and Prometheus can scrape metrics at 127.0.0.1:9464.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    folder: DataFolder,
    /// A JSON file with settings, such as {"port": 7777, "worker.threads": 4}
    #[arg(short, long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A setting, over those of the file, such as max.client.bytes=64MiB or drain.ms=10s; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The port to listen on; 0 is a free one [default: as the settings say]
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Memory for blocks of block-based tables
    #[arg(long, value_name = "BYTES", default_value = "1GiB", value_parser = units::bytes)]
    block_cache: usize,
    /// Have no admin socket; else it is admin-PORT.socket in the folder, unless the settings say where
    #[arg(long)]
    no_admin: bool,
    /// Print the settings that would be used, and end
    #[arg(long)]
    print_settings: bool,
}

impl Serve {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let mut settings = self.settings()?;
        self.add_admin(&mut settings)?;
        let config = Config::from_pairs(&settings).map_err(|error| bad_setting(&error))?;
        if self.print_settings {
            return print_settings(&config);
        }
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_writer(std::io::stderr)
            .init();
        // From here on a signal is an order to end, whatever is being done.
        let mut signals = Signals::new([SIGINT, SIGTERM])
            .map_err(Failure::of(Exit::System, "cannot wait for signals"))?;
        let registry = Registry::new();
        let hosted = self.open(&registry)?;
        let drain = config.drain;
        let server = Server::start(config, registry).map_err(|error| not_started(&error))?;
        let versions: Vec<StoredVersion> = hosted.iter().map(|one| one.version().clone()).collect();
        let folder = Folder::at(&self.folder.data);
        let encrypted = server.tls().is_some();
        known_stores::describe(
            server.catalog(),
            &folder,
            &versions,
            server.address(),
            encrypted,
        )?;
        self.say_serving(&server, &hosted, output)?;

        wait_for_end(&mut signals, &server);
        // The second signal finds the first stop under way, and ends the process.
        std::thread::spawn(move || {
            if signals.forever().next().is_some() {
                eprintln!("venice: ended at once; calls in flight were not answered");
                std::process::exit(130);
            }
        });
        let drained = server.stop(drain);
        say_ended(&server, drained, drain, output)
    }

    /// Names and values in turn: later ones count.
    fn settings(&self) -> Outcome<Vec<String>> {
        let mut settings = pairs(DEFAULT_SETTINGS, "the settings of this program")?;
        if let Some(file) = &self.settings {
            let text = fs::read_to_string(file).map_err(|error| {
                let text = format!("cannot read the settings in {}: {error}", file.display());
                Failure::new(Exit::NoInput, text)
            })?;
            settings.extend(pairs(&text, &file.display().to_string())?);
        }
        for set in &self.set {
            let Some((name, value)) = set.split_once('=') else {
                let text = format!("--set {} has no value; give NAME=VALUE", shown(set));
                return Err(Failure::new(Exit::Usage, text));
            };
            settings.extend([name.trim().to_owned(), value.to_owned()]);
        }
        if let Some(port) = self.port {
            settings.extend(["port".to_owned(), port.to_string()]);
        }
        Ok(settings)
    }

    /// The admin socket of the settings, or one in the folder. A port that the system is to choose has none there: who
    /// looks for it would not know where.
    fn add_admin(&self, settings: &mut Vec<String>) -> Outcome {
        let named = settings.chunks(2).any(|pair| pair[0] == "admin.socket");
        let config = Config::from_pairs(settings).map_err(|error| bad_setting(&error))?;
        if self.no_admin || named || config.port == 0 || !self.folder.data.exists() {
            return Ok(());
        }
        let path = AdminSocket::default_path(&self.folder.data, config.port);
        settings.extend(["admin.socket".to_owned(), path.display().to_string()]);
        Ok(())
    }

    fn open(&self, registry: &Arc<Registry>) -> Outcome<Vec<Hosted>> {
        let folder = Folder::at(&self.folder.data);
        let versions = folder.all()?;
        if versions.is_empty() {
            return Err(StorageError::NoStoreVersions(self.folder.data.clone()).into());
        }
        let cache = BlockCache::new(self.block_cache)?;
        let hosted = versions
            .iter()
            .map(|version| Hosted::open(registry, version, &cache));
        Ok(hosted.collect::<Result<_, _>>()?)
    }

    fn say_serving(&self, server: &Server, hosted: &[Hosted], output: Output) -> Outcome {
        let metrics = server
            .prometheus()
            .map(|address| format!("http://{address}/metrics"));
        let versions = hosted.iter().map(|hosted| {
            Object::new()
                .text("name", hosted.version().name())
                .raw("partitions", hosted.version().partitions.len())
                .text("table", hosted.format().name())
                .end()
        });
        let object = Object::new()
            .text("event", "serving")
            .text("address", server.address().to_string())
            .maybe(
                "admin",
                server
                    .admin_socket()
                    .map(|path| crate::output::string(&path.display().to_string())),
            )
            .maybe("metrics", metrics.as_ref().map(|url| format!("{url:?}")))
            .raw("storeVersions", array(versions));
        output.say(object, || {
            let mut lines = Vec::new();
            for hosted in hosted {
                let version = hosted.version();
                lines.push(format!(
                    "{}: {}, {} tables",
                    version.name(),
                    count(version.partitions.len() as u64, "partition"),
                    hosted.format().name()
                ));
            }
            lines.push(format!("reads at {}", server.address()));
            lines.push(match &metrics {
                Some(url) => format!("metrics for Prometheus at {url}"),
                None => "metrics go nowhere: the setting metrics.exporters has neither prometheus nor all".to_owned(),
            });
            if let Some(path) = server.admin_socket() {
                lines.push(format!("operators look at {}: venice status, top, drain, ...", path.display()));
            }
            lines.push("Ctrl-C ends it when the calls in flight are answered".to_owned());
            lines.join("\n")
        })
    }
}

/// Waits for a signal, or until a drain has ended the server.
fn wait_for_end(signals: &mut Signals, server: &Server) {
    while signals.pending().next().is_none() {
        if server.phase() == Phase::Ended {
            // Who asked for the drain gets the report.
            std::thread::sleep(REPORT);
            return;
        }
        std::thread::sleep(LOOK);
    }
}

fn say_ended(server: &Server, drained: bool, drain: Duration, output: Output) -> Outcome {
    let cut = server.calls_cut() as u64;
    let object = Object::new()
        .text("event", "ended")
        .raw("drained", drained)
        .raw("callsCut", cut);
    output.say(object, || match drained {
        true => "ended: every call was answered".to_owned(),
        false => format!(
            "ended: {} cut after {drain:?}; the setting drain.ms gives them longer",
            count(cut, "call")
        ),
    })
}

/// The settings of a JSON object, as names and values in turn.
fn pairs(text: &str, name: &str) -> Outcome<Vec<String>> {
    let wrong = |reason: String| {
        let text =
            format!("{name} has no settings: {reason}; give an object such as {{\"port\": 7777}}");
        Failure::new(Exit::Config, text)
    };
    let json: Json = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let Json::Object(members) = json else {
        return Err(wrong("it is another JSON value".to_owned()));
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        let value = match value {
            Json::String(text) => text,
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            _ => {
                let text = shown(&value.to_string());
                return Err(wrong(format!(
                    "{name} is {text}, and is to be a text, a number, or a truth value"
                )));
            }
        };
        pairs.extend([name, value]);
    }
    Ok(pairs)
}

fn bad_setting(error: &venice_server::ConfigError) -> Failure {
    let text = match error {
        venice_server::ConfigError::UnknownName { name, .. } => {
            format!(
                "there is no setting {}; `venice serve --print-settings` lists them",
                shown(name)
            )
        }
        other => other.to_string(),
    };
    Failure::new(Exit::Config, text)
}

fn not_started(error: &StartError) -> Failure {
    let exit = match error {
        StartError::Bind { .. } | StartError::Thread { .. } => Exit::System,
        StartError::Metrics(_) => Exit::System,
        _ => Exit::Config,
    };
    Failure::new(exit, error)
}

/// A JSON object that --settings takes.
fn print_settings(config: &Config) -> Outcome {
    let mut members = Vec::new();
    for section in venice_server::sections() {
        for row in section.settings {
            if let Some(value) = row.value(config) {
                let json = match value.parse::<i64>() {
                    Ok(number) => number.to_string(),
                    Err(_) if value == "true" || value == "false" => value,
                    Err(_) => crate::output::string(&value),
                };
                members.push(format!(
                    "  {}: {json}",
                    crate::output::string(row.spec.name)
                ));
            }
        }
    }
    crate::output::line(&format!("{{\n{}\n}}", members.join(",\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_this_program_are_taken() {
        let settings = pairs(DEFAULT_SETTINGS, "default").unwrap();
        let config = Config::from_pairs(&settings).unwrap();
        assert_eq!(config.port, 7777);
        assert_eq!(config.bind_address.to_string(), "127.0.0.1");
        assert!(config.reflection);
    }

    #[test]
    fn settings_may_be_texts_numbers_and_truth_values() {
        let taken = pairs(r#"{"a": "x", "b": 1, "c": true}"#, "f").unwrap();
        assert_eq!(taken, ["a", "x", "b", "1", "c", "true"]);
        for (bad, reason) in [
            ("", "EOF"),
            ("[]", "another JSON value"),
            (r#"{"a": {}}"#, "a is \"{}\""),
        ] {
            let error = pairs(bad, "file").unwrap_err();
            assert_eq!(error.exit, Exit::Config);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
