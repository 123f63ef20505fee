//! What the log says of a collector that fails. One test, as it listens to the log of its process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod collector;
mod counted;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collector::Collector;
use counted::Counted;
use tracing_subscriber::fmt::MakeWriter;
use venice_export::settings::{endpoint, headers};
use venice_export::{Exporters, OtlpSettings, Settings};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

#[test]
fn failures_are_said_once_in_a_while_and_that_they_are_over() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false);
    subscriber.with_writer(log.clone()).init();

    let counted = Counted::new();
    counted.store("s").read(1.0);
    let refused = || Some((404, "", b"no\nsuch page".to_vec()));
    let collector = Collector::start((0..20).map(|_| refused()));
    let otlp = OtlpSettings {
        endpoint: endpoint(&collector.endpoint()).unwrap(),
        headers: headers("authorization=geheim").unwrap(),
        interval: Duration::from_millis(1),
        ..OtlpSettings::default()
    };
    let settings = Settings {
        otlp: Some(otlp),
        ..Settings::default()
    };
    let exporters = Exporters::start(settings, counted.source()).unwrap();
    for _ in 0..25 {
        collector.next();
    }
    exporters.stop(Duration::from_secs(60));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains("metrics do not arrive"), "{log}");
    assert!(
        lines[0].contains("404 Not Found: nosuch page; is the path right"),
        "{log}"
    );
    assert!(lines[0].contains(&collector.endpoint()), "{log}");
    assert!(lines[1].contains("metrics arrive again"), "{log}");
    assert!(!log.contains("geheim"), "{log}");
}
