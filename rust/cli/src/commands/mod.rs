//! The commands, one file for each.

mod admin;
mod batch_get;
mod bench;
mod compare;
mod diagnose;
mod generate;
mod get;
mod hot_keys;
mod inspect;
mod keys;
mod load;
mod location;
mod profile;
mod refused;
mod serve;
mod target;

use clap::{CommandFactory, Parser, Subcommand};

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
    Where(location::Where),
    Bench(bench::Bench),
    /// Show the state of a running server in short
    Status(admin::View),
    Top(admin::Top),
    /// Show the stores, versions and partitions of a running server, and how much each store is read
    Stores(admin::View),
    /// Show the connections of a running server, those that hold most first
    Conns(admin::View),
    /// Show the certificates of a running server, and the days that they have left
    Certs(admin::View),
    /// Show the limits that clients of a running server can meet, and how often they did
    Limits(admin::View),
    /// Show how a running server decides who may read
    Access(admin::View),
    /// Show the read quotas of a running server, and what was refused
    Quota(admin::View),
    Refused(refused::Refused),
    Slow(admin::Slow),
    #[command(name = "hotkeys")]
    HotKeys(hot_keys::HotKeys),
    Config(admin::Config),
    Diagnose(diagnose::Diagnose),
    Profile(profile::Profile),
    Drain(admin::Drain),
    Undrain(admin::Undrain),
    Completions(generate::Completions),
    #[command(name = "man")]
    Manual(generate::Manual),
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
            Command::Where(location) => location.run(output),
            Command::Bench(bench) => bench.run(output),
            Command::Status(view) => view.status(output),
            Command::Top(top) => top.run(output),
            Command::Stores(view) => view.run("/stores", output),
            Command::Conns(view) => view.run("/connections", output),
            Command::Certs(view) => view.run("/certificates", output),
            Command::Limits(view) => view.run("/limits", output),
            Command::Access(view) => view.run("/access", output),
            Command::Quota(view) => view.run("/quota", output),
            Command::Refused(refused) => refused.run(output),
            Command::Slow(slow) => slow.run(output),
            Command::HotKeys(hot_keys) => hot_keys.run(output),
            Command::Config(config) => config.run(output),
            Command::Diagnose(diagnose) => diagnose.run(output),
            Command::Profile(profile) => profile.run(output),
            Command::Drain(drain) => drain.run(output),
            Command::Undrain(undrain) => undrain.run(output),
            Command::Completions(completions) => completions.run(Arguments::command()),
            Command::Manual(manual) => manual.run(Arguments::command()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
