//! `venice batch-get`: several values.

use std::path::PathBuf;

use crate::client::{Client, ServerOptions};
use crate::commands::keys::key_texts;
use crate::commands::target::{object, AskedKey, Target, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, line, Output};

/// Get the values of many keys from a server
///
/// Prints a line for each key, in the order in which they were given. Keys are texts, numbers, or the JSON of records, as
/// their schema says. If a key is not there, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(crate) struct BatchGet {
    #[command(flatten)]
    target: TargetOptions,
    /// The keys
    #[arg(required_unless_present = "keys_file", allow_negative_numbers = true)]
    keys: Vec<String>,
    /// A file with a key in each line; - is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "keys")]
    keys_file: Option<PathBuf>,
    /// Keys of one call at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// By streamed calls, of which values come as they are read
    #[arg(long)]
    stream: bool,
    #[command(flatten)]
    server: ServerOptions,
}

impl BatchGet {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let target = self.target.target()?;
        let keys = target.keys(&key_texts(&self.keys, self.keys_file.as_deref())?)?;
        let client = Client::connect(&self.server)?;
        let mut missing = 0;
        for batch in keys.chunks(self.batch as usize) {
            missing += self.get(&client, &target, batch, output)?;
        }
        if missing == 0 {
            return Ok(());
        }
        let text = format!("{} not there", count(missing, "key"));
        if output == Output::Human {
            eprintln!("{text}");
        }
        Err(Failure::new(Exit::No, text))
    }

    /// Gets and prints the values of one call, and tells how many keys are not there.
    fn get(
        &self,
        client: &Client,
        target: &Target,
        keys: &[AskedKey],
        output: Output,
    ) -> Outcome<u64> {
        let placed = keys.iter().map(|key| (key.partition, &key.bytes[..]));
        let placed: Vec<_> = placed.collect();
        let found = match self.stream {
            true => client.stream(&target.resource, &placed)?,
            false => client.batch_get(&target.resource, &placed)?,
        };
        let mut values = target.values(found.compression)?;
        let mut missing = 0;
        for (key, value) in keys.iter().zip(&found.values) {
            let value = value.as_ref().map(|value| values.show(value)).transpose()?;
            missing += u64::from(value.is_none());
            match output {
                Output::Json => line(&object(key, value.as_ref()).end())?,
                Output::Human => {
                    let value = value.map_or("(not there)".to_owned(), |value| value.json);
                    line(&format!("{}  {value}", key.shown))?;
                }
            }
        }
        Ok(missing)
    }
}
