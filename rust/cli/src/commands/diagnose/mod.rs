//! `venice diagnose`: all that a server and its machine tell, what is wrong with it, and what helps.

mod facts;
mod findings;

use std::fs;
use std::path::PathBuf;

use crate::admin::{text, AdminOptions, AdminSocket};
use crate::commands::diagnose::facts::{Facts, OfServer};
use crate::commands::diagnose::findings::{findings, objects, Finding};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{line, Object, Output};

/// Gather what a running server and its machine tell into one report, with what is wrong and what helps
///
/// Asks the admin socket for all it shows, and Linux for processor limits, memory, huge pages and descriptors of the process. There
/// are no keys, values and passwords in it; addresses of clients and subjects of their certificates are. The exit code is
/// 1 if something is wrong.
#[derive(Debug, clap::Args)]
pub(crate) struct Diagnose {
    #[command(flatten)]
    admin: AdminOptions,
    /// Write all of it to this file, to keep or to attach to a ticket; printed is what was found
    #[arg(short = 'o', long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Diagnose {
    pub(crate) fn run(&self, output: Output) -> Outcome {
        let facts = Facts::gather(&AdminSocket::of(&self.admin)?)?;
        let findings = findings(&facts);
        if let Some(path) = &self.output {
            let report = facts.report(&findings);
            fs::write(path, report).map_err(|error| {
                let text = format!(
                    "cannot write {}: {error}; give another --output",
                    path.display()
                );
                Failure::new(Exit::CannotCreate, text)
            })?;
        }
        match (output, &self.output) {
            (Output::Json, None) => line(&facts.object(&findings).end())?,
            (Output::Json, Some(path)) => {
                let object = Object::new()
                    .raw("findings", objects(&findings))
                    .text("written", path.display().to_string());
                line(&object.end())?;
            }
            (Output::Human, None) => line(&facts.report(&findings))?,
            (Output::Human, Some(path)) => line(&format!(
                "{}\n\nall of it is in {}",
                facts.summary(&findings),
                path.display()
            ))?,
        }
        match findings.iter().any(|finding| finding.is_problem) {
            true => Err(Failure::new(Exit::No, "something is wrong")),
            false => Ok(()),
        }
    }
}

impl Facts {
    /// All of it as an object.
    fn object(&self, findings: &[Finding]) -> Object {
        let mut object = Object::new().raw("findings", objects(findings));
        for (name, json) in &self.views {
            object = object.raw(name, json);
        }
        let machine = self.machine.as_ref().map(OfServer::object);
        object
            .maybe("machine", machine)
            .text("metrics", &self.metrics)
    }

    /// The server in a line, and what was found.
    fn summary(&self, findings: &[Finding]) -> String {
        let status = self.view("status");
        let mut out = format!(
            "{} {}, process {}, started {} s ago",
            status["address"].as_str().unwrap_or_default(),
            status["phase"].as_str().unwrap_or_default(),
            status["pid"],
            status["uptime_seconds"].as_f64().unwrap_or(0.0).round()
        );
        if findings.is_empty() {
            out += "\n\nnothing is wrong, as far as it can be seen";
        }
        for finding in findings {
            let (severity, what) = (finding.severity(), &finding.what);
            out += &format!("\n\n{severity}: {what}\n  {}", finding.remedy);
        }
        out
    }

    /// All of it as a text.
    fn report(&self, findings: &[Finding]) -> String {
        let mut out = self.summary(findings);
        let machine = match &self.machine {
            Some(machine) => {
                let json = serde_json::from_str(&machine.object());
                json.map_or_else(|_| String::new(), |json| text(&json))
            }
            None => "the process cannot be seen from here".to_owned(),
        };
        out += &format!("\n\n== machine ==\n\n{machine}");
        for (name, json) in &self.views {
            out += &format!("\n\n== {name} ==\n\n{}", text(json));
        }
        out += &format!("\n\n== metrics ==\n\n{}", self.metrics);
        out
    }
}
