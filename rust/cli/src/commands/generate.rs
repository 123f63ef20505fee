//! `venice completions` and `venice man`: files for shells and for man, made from the arguments.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::{Exit, Failure, Outcome};

/// Print completions for a shell
///
/// For bash: venice completions bash > /etc/bash_completion.d/venice
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// `root` has all commands.
    pub(crate) fn run(&self, mut root: Command) -> Outcome {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut root, "venice", &mut out);
        print(&out)
    }
}

/// Print the manual page, or write one for each command
#[derive(Debug, clap::Args)]
pub(crate) struct Manual {
    /// Write venice.1, venice-load.1, ... to this folder
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

impl Manual {
    /// `root` has all commands.
    pub(crate) fn run(&self, mut root: Command) -> Outcome {
        root.build();
        let Some(folder) = &self.to else {
            return print(&page(&root)?);
        };
        let cannot = |error: std::io::Error| {
            let text = format!("cannot write to {}: {error}", folder.display());
            Failure::new(Exit::CannotCreate, text)
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        fs::write(folder.join("venice.1"), page(&root)?).map_err(cannot)?;
        for command in root.get_subcommands() {
            let name = format!("venice-{}", command.get_name());
            let file = folder.join(format!("{name}.1"));
            fs::write(file, page(command)?).map_err(cannot)?;
        }
        Ok(())
    }
}

fn page(command: &Command) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    let rendered = Man::new(command.clone()).render(&mut out);
    rendered.map_err(Failure::of(Exit::Software, "cannot make the page"))?;
    Ok(out)
}

fn print(bytes: &[u8]) -> Outcome {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let text = format!("cannot write to standard output: {error}");
            Err(Failure::new(Exit::Io, text))
        }
        _ => Ok(()),
    }
}
