//! Files on disks that do not answer: no start waits for them longer than `files.timeout.ms` says. A pipe that nobody
//! writes to is such a file.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use harness::Harness;
use tempfile::TempDir;
use venice_engine::Registry;
use venice_server::{Config, Server};

/// Milliseconds: a file that is there is read in less, however busy the machine is.
const WAIT: &str = "1000";
const LATE: &str = "no answer within 1000 ms";

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A file whose bytes never come.
    fn hung(&self) -> PathBuf {
        let path = self.0.path().join("hung.pem");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        path
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

/// Lets whoever waits for the bytes of a pipe go.
fn answer(pipe: &Path) {
    drop(File::options().write(true).open(pipe).unwrap());
    fs::remove_file(pipe).unwrap();
}

fn start(settings: &[(&str, &str)]) -> Result<Server, String> {
    let pairs = [("bind.address", "127.0.0.1"), ("files.timeout.ms", WAIT)];
    let pairs = pairs.iter().chain(settings);
    let pairs: Vec<String> = pairs
        .flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()])
        .collect();
    let config = Config::from_pairs(&pairs).unwrap();
    Server::start(config, Registry::new()).map_err(|error| error.to_string())
}

#[test]
fn a_start_gives_up_on_a_file_that_does_not_answer_and_names_it() {
    let folder = Folder::new();
    let empty = folder.file("empty.pem", "");
    let empty = empty.to_str().unwrap();
    let admin = [
        ("admin.port", "0"),
        ("admin.port.view", "CN=operator"),
        ("admin.tls.trust.store", empty),
    ];
    let collector = [
        ("metrics.exporters", "otlp"),
        ("metrics.otlp.endpoint", "https://localhost:1"),
    ];
    let spans = [("traces.otlp.endpoint", "https://localhost:1")];
    for (setting, others) in [
        ("tls.key.store", &[("tls.client.auth", "none")][..]),
        (
            "tls.private.key",
            &[("tls.key.store", empty), ("tls.client.auth", "none")],
        ),
        ("tls.trust.store", &[("tls.key.store", empty)]),
        ("admin.tls.key.store", &admin),
        ("metrics.otlp.trust.file", &collector),
        ("metrics.otlp.trust.file", &spans),
    ] {
        let hung = folder.hung();
        let named = hung.to_str().unwrap();
        let text = start(&[others, &[(setting, named)]].concat()).err();
        let text = text.unwrap_or_else(|| panic!("{setting}: started"));
        for part in [
            setting,
            named,
            LATE,
            "files.timeout.ms",
            "name another file",
        ] {
            assert!(text.contains(part), "{setting}: {text}");
        }
        answer(&hung);
    }
    // A pipe is no description; nobody waits for what it might say.
    let hung = folder.hung();
    let text = start(&[("stores.descriptions", hung.to_str().unwrap())])
        .err()
        .unwrap();
    assert!(text.contains("it is no regular file"), "{text}");
    // Nothing of it is left but threads: the next start is as any.
    assert!(start(&[]).unwrap().stop(harness::HANG));
}

/// Whoever changes the trust file while the server runs is told so as well, and nothing changes.
#[test]
fn a_change_gives_up_as_well() {
    let folder = Folder::new();
    let settings = ["files.timeout.ms", WAIT];
    let others = [
        "metrics.exporters",
        "otlp",
        "metrics.otlp.endpoint",
        "http://localhost:1",
    ];
    let harness = Harness::start(&Registry::new(), &[&settings[..], &others].concat());
    let hung = folder.hung();
    harness
        .server
        .change("metrics.otlp.trust.file", hung.to_str().unwrap())
        .unwrap();
    let text = harness
        .server
        .change("metrics.otlp.endpoint", "https://localhost:1");
    let text = text.unwrap_err().to_string();
    assert!(text.contains(LATE), "{text}");
    answer(&hung);
}
