//! The commands, one file for each.

mod batch_get;
mod compare;
mod get;
mod inspect;
mod keys;
mod load;
mod serve;
mod target;

use clap::{Parser, Subcommand};

use crate::failure::{Outcome, EXIT_CODES};
use crate::output::Output;

/// Loads, serves and reads Venice store versions without a JVM.
///
/// A folder of store versions is what a Venice server has as `data.base.path`: `load` writes one,
/// `serve` answers reads from it over gRPC, `get` and `batch-get` ask.
#[derive(Debug, Parser)]
#[command(
    name = "venice",
    version,
    after_help = "A first try: venice load emoji.avro; venice serve & ; venice get emoji 😀",
    after_long_help = EXIT_CODES,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print lines of JSON; the default when standard output is no terminal
    #[arg(long, global = true, conflicts_with = "human", help_heading = "Output")]
    json: bool,
    /// Print text for people; the default at a terminal
    #[arg(long, global = true, help_heading = "Output")]
    human: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Load(load::Load),
    Serve(serve::Serve),
    Get(get::Get),
    BatchGet(batch_get::BatchGet),
    Inspect(inspect::Inspect),
    Compare(compare::Compare),
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Outcome {
        let output = Output::choose(self.json, self.human);
        match self.command {
            Command::Load(load) => load.run(output),
            Command::Serve(serve) => serve.run(output),
            Command::Get(get) => get.run(output),
            Command::BatchGet(batch_get) => batch_get.run(output),
            Command::Inspect(inspect) => inspect.run(output),
            Command::Compare(compare) => compare.run(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
