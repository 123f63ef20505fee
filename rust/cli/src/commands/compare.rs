//! `venice compare`: the same keys to two servers, and whether both answer alike.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use venice_storage::Strategy;

use crate::client::{Client, ServerOptions, Value};
use crate::commands::keys::{key_texts, stored_keys};
use crate::commands::target::{AskedKey, Target, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, line, Object, Output};

/// Ask two servers for the same keys, and compare the answers byte by byte
///
/// For a change of servers: Java's and Rust's, an old version and a new one. Compared are values as they are stored,
/// schema ids, compression, what is not there, and what is refused. Each difference is a line; if there is one, the exit
/// code is 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    #[command(flatten)]
    target: TargetOptions,
    /// The keys
    #[arg(required_unless_present_any = ["keys_file", "all"], allow_negative_numbers = true)]
    keys: Vec<String>,
    /// A file with a key in each line; - is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "keys")]
    keys_file: Option<PathBuf>,
    /// All keys of the store version in the folder --data
    #[arg(long, conflicts_with_all = ["keys", "keys_file"])]
    all: bool,
    /// The other server's host and port
    #[arg(long, value_name = "HOST:PORT", help_heading = "Server")]
    other: String,
    /// By which calls
    #[arg(long, value_enum, default_value_t = Calls::Both)]
    call: Calls,
    /// Keys of one batch get at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Keys a second at most, of each server
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Calls {
    /// Single gets
    Get,
    /// Batch gets
    BatchGet,
    /// Both, one after the other
    Both,
}

/// What a server says of a key.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Found(Value, Strategy),
    Missing(Strategy),
    /// With which exit code; texts may differ.
    Refused(u8),
}

#[derive(Default)]
struct Totals {
    compared: u64,
    missing: u64,
    refused: u64,
    different: u64,
}

impl Compare {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let target = self.target.target()?;
        let keys = match self.all {
            true => stored_keys(&self.target, &target)?,
            false => target.keys(&key_texts(&self.keys, self.keys_file.as_deref())?)?,
        };
        let other = ServerOptions {
            address: self.other.clone(),
            ..self.server.clone()
        };
        let clients = [Client::connect(&self.server)?, Client::connect(&other)?];
        let mut totals = Totals::default();
        let begin = Instant::now();
        for batch in keys.chunks(self.batch as usize) {
            if self.call != Calls::BatchGet {
                for key in batch {
                    let [ours, theirs] = clients.each_ref().map(|client| get(client, &target, key));
                    totals.compare("get", &target, key, [ours?, theirs?], output)?;
                    self.pace(begin, totals.compared);
                }
            }
            if self.call != Calls::Get {
                let [ours, theirs] = clients
                    .each_ref()
                    .map(|client| batch_get(client, &target, batch));
                for (key, answers) in batch.iter().zip(ours?.into_iter().zip(theirs?)) {
                    totals.compare("batch-get", &target, key, answers.into(), output)?;
                }
                self.pace(begin, totals.compared);
            }
        }
        totals.say(&self, output)
    }

    /// Waits until so many keys are due.
    fn pace(&self, begin: Instant, compared: u64) {
        let Some(rate) = self.rate else {
            return;
        };
        let due = Duration::from_secs_f64(compared as f64 / f64::from(rate));
        std::thread::sleep(due.saturating_sub(begin.elapsed()));
    }
}

impl Totals {
    fn compare(
        &mut self,
        call: &str,
        target: &Target,
        key: &AskedKey,
        [first, other]: [Answer; 2],
        output: Output,
    ) -> Outcome {
        self.compared += 1;
        self.missing += u64::from(matches!(first, Answer::Missing(_)));
        self.refused += u64::from(matches!(first, Answer::Refused(_)));
        if first == other {
            return Ok(());
        }
        self.different += 1;
        let object = Object::new()
            .text("call", call)
            .text("storeVersion", &target.resource)
            .raw("key", &key.shown)
            .raw("partition", key.partition)
            .text("first", first.to_string())
            .text("other", other.to_string());
        match output {
            Output::Json => line(&object.end()),
            Output::Human => line(&format!(
                "{call} {}: {first}; the other: {other}",
                key.shown
            )),
        }
    }

    fn say(&self, compare: &Compare, output: Output) -> Outcome {
        let object = Object::new()
            .text("first", &compare.server.address)
            .text("other", &compare.other)
            .raw("compared", self.compared)
            .raw("missing", self.missing)
            .raw("refused", self.refused)
            .raw("different", self.different);
        output.say(object, || {
            format!(
                "{} compared, {} not there, {} refused, {} different",
                count(self.compared, "answer"),
                self.missing,
                self.refused,
                self.different
            )
        })?;
        match self.different {
            0 => Ok(()),
            _ => Err(Failure::new(Exit::No, "the servers differ")),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Found(value, compression) => write!(
                f,
                "{} bytes of schema id {}, {}, {}",
                value.stored.len(),
                value.schema_id,
                compression.name(),
                crate::output::hex(&value.stored[..value.stored.len().min(32)])
            ),
            Answer::Missing(compression) => write!(f, "not there, {}", compression.name()),
            Answer::Refused(code) => write!(f, "refused, as exit code {code}"),
        }
    }
}

fn answer(value: Option<Value>, compression: Strategy) -> Answer {
    match value {
        Some(value) => Answer::Found(value, compression),
        None => Answer::Missing(compression),
    }
}

/// A server that is away, or does not speak as asked for, has no answer that could be compared.
fn refused(failure: Failure) -> Outcome<u8> {
    match failure.exit {
        Exit::Unavailable => Err(failure),
        exit => Ok(exit as u8),
    }
}

fn get(client: &Client, target: &Target, key: &AskedKey) -> Outcome<Answer> {
    match client.get(&target.resource, (key.partition, &key.bytes)) {
        Ok(found) => Ok(answer(found.values, found.compression)),
        Err(failure) => refused(failure).map(Answer::Refused),
    }
}

fn batch_get(client: &Client, target: &Target, keys: &[AskedKey]) -> Outcome<Vec<Answer>> {
    let placed: Vec<_> = keys
        .iter()
        .map(|key| (key.partition, &key.bytes[..]))
        .collect();
    match client.batch_get(&target.resource, &placed) {
        Ok(found) => {
            let values = found.values.into_iter();
            Ok(values
                .map(|value| answer(value, found.compression))
                .collect())
        }
        Err(failure) => {
            let exit = refused(failure)?;
            Ok(keys.iter().map(|_| Answer::Refused(exit)).collect())
        }
    }
}
