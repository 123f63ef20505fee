//! `venice`: loads, serves and reads store versions without a JVM, and looks at them.
//!
//! The rooms, from the top floor down: `commands` (one file for each), `client` (calls of the read
//! service), `admin` (the socket of a running server), `machine` (what Linux tells of its process), `description` (what a client knows of a store version), `known_stores` (what a server is told of them), `avro` (data between texts, JSON
//! and bytes), `plots`, `output`, `data_folder`, `failure` and `units`.

#![forbid(unsafe_code)]

mod admin;
mod avro;
mod client;
mod commands;
mod data_folder;
mod description;
mod failure;
mod known_stores;
mod output;
mod plots;
mod tls;
mod units;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::commands::Arguments;
use crate::failure::{Exit, Failure};

fn main() -> ExitCode {
    // `bazel run` starts programs elsewhere, and says where the command was typed.
    if let Some(folder) = std::env::var_os("BUILD_WORKING_DIRECTORY") {
        // Where that is not there, paths are taken from here.
        drop(std::env::set_current_dir(folder));
    }
    let ended = match Arguments::try_parse() {
        Ok(arguments) => arguments.run(),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // A reader that has gone has seen enough.
                drop(error.print());
                return ExitCode::SUCCESS;
            }
            _ => Err(usage(&error)),
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.told {
                eprintln!("venice: {failure}");
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// The command that was typed, if it is one.
fn command() -> String {
    let known = Arguments::command();
    let mut typed = std::env::args().skip(1);
    let typed = typed.find(|word| known.find_subcommand(word).is_some());
    typed.map_or_else(String::new, |word| format!(" {word}"))
}

/// What clap says, in one line.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let told = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .map(|line| line.trim_start_matches("error: "));
    let told: Vec<&str> = told.collect();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::new(
            Exit::Usage,
            "a command is missing; `venice --help` lists them",
        );
    }
    Failure::new(
        Exit::Usage,
        format!("{}; see `venice{} --help`", told.join(" "), command()),
    )
}
