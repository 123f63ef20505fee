//! The built program, run as a user runs it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{kill_process, Pid, Signal};
use serde_json::Value as Json;
use tempfile::TempDir;

/// 3,963 emoji with their names and embeddings.
pub(crate) const EMOJI: &[u8] = include_bytes!("../../../../tests/data/emoji.avro");

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Lines of JSON.
    pub(crate) fn json(&self) -> Vec<Json> {
        let lines = self.out.lines();
        lines
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?} of {self:?}"))
            })
            .collect()
    }

    /// The one line of JSON of a run that did what was asked for.
    pub(crate) fn ok(&self) -> Json {
        assert_eq!(self.code, 0, "{self:?}");
        let mut all = self.json();
        assert_eq!(all.len(), 1, "{self:?}");
        all.remove(0)
    }

    /// The one line of an error.
    pub(crate) fn error(&self) -> &str {
        let line = self.err.strip_suffix('\n').unwrap_or_default();
        assert!(!line.contains('\n'), "more than one line: {self:?}");
        line.strip_prefix("venice: ")
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }
}

/// A folder of its own, in which commands are run.
pub(crate) struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub(crate) fn new() -> Workplace {
        Workplace {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file there.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Bazel's path is relative to where tests start.
        let program = fs::canonicalize(env!("CARGO_BIN_EXE_venice")).unwrap();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_remove("VENICE_DATA")
            .env_remove("VENICE_ADDRESS")
            .env_remove("BUILD_WORKING_DIRECTORY");
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// Runs a command to its end, with bytes on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Loads the emoji.
    pub(crate) fn load_emoji(&self, options: &[&str]) -> Json {
        self.write("emoji.avro", EMOJI);
        self.run(&[&["load", "emoji.avro"], options].concat()).ok()
    }

    /// Starts a server on free ports.
    pub(crate) fn serve(&self, options: &[&str]) -> Serving {
        let ports = [
            "serve",
            "--set",
            "port=0",
            "--set",
            "metrics.prometheus.port=0",
        ];
        let mut child = self
            .command(&[&ports, options].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let said: Json = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        Serving { child, out, said }
    }
}

/// A server that runs until it is told to stop, or dropped.
pub(crate) struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it said when it had started.
    pub(crate) said: Json,
}

impl Serving {
    pub(crate) fn address(&self) -> &str {
        self.said["address"].as_str().unwrap()
    }

    /// Ends it by a signal, and returns its exit code and what it said last.
    pub(crate) fn stop(self, signal: Signal) -> (i32, Json) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap();
        self.ended()
    }

    /// Waits for its end, and returns its exit code and what it said last.
    pub(crate) fn ended(mut self) -> (i32, Json) {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (code, serde_json::from_str(&line).unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
