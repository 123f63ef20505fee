//! `venice bench`: a load on a server, and how long its answers take.

use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use hdrhistogram::Histogram;
use rustls::pki_types::ServerName;
use venice_load::error::LoadError;
use venice_load::http2::{Answer, Requests};
use venice_load::run::{run, Measured, Pace, Plan, Speaks};
use venice_load::store::Draw;
use venice_wire::response::Response;

use crate::client::{batch_message, get_message, ServerOptions, BATCH_GET, GET, KEY_NOT_FOUND, OK};
use crate::commands::keys::{key_texts, stored_keys};
use crate::commands::target::{AskedKey, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, grouped, shown, Object, Output};
use crate::plots::{html, terminal, Summary};
use crate::tls::H2;
use crate::units;

/// Keys that are drawn for requests: enough that no cache of the processor holds what they ask for.
const KEYS: usize = 1 << 17;
/// The quantiles that are printed.
pub(crate) const QUANTILES: [(&str, f64); 7] = [
    ("p50", 0.5),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("p99.99", 0.9999),
    ("p99.999", 0.99999),
    ("max", 1.0),
];

/// Put a load on a server, and show how long its answers take
///
/// Requests are due at even times, whatever the server does (an open loop), and latency counts from when a request was
/// due: a server that stalls has all the late requests of that time on its account, so nothing is hidden by coordinated
/// omission. With --saturate each connection sends again when it was answered, for the rate that the server can take.
///
/// Keys are drawn at random, from those of the store version in the folder --data unless others are given. The load takes
/// one processor, which it does not leave while it runs.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    target: TargetOptions,
    /// Keys to draw from [default: all that are in the folder]
    #[arg(allow_negative_numbers = true)]
    keys: Vec<String>,
    /// A file with a key to draw from in each line; - is standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "keys")]
    keys_file: Option<PathBuf>,
    /// Requests a second
    #[arg(short, long, value_name = "N", default_value = "1000", value_parser = rate)]
    rate: f64,
    /// As many requests as the server answers
    #[arg(long, conflicts_with = "rate")]
    saturate: bool,
    /// How long is measured
    #[arg(short = 't', long, value_name = "TIME", default_value = "10s", value_parser = units::time)]
    time: Duration,
    /// How long before it is not measured
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = units::time)]
    warm_up: Duration,
    /// Connections
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Requests in flight on a connection, with --saturate
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    streams: u16,
    /// Which calls
    #[arg(long, value_enum, default_value_t = Call::Get)]
    call: Call,
    /// Keys of a batch get
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Write the result as a page with plots
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Call {
    /// Single gets
    Get,
    /// Batch gets
    BatchGet,
}

/// What answers said.
#[derive(Debug, Default)]
struct Answers {
    found: u64,
    missing: u64,
    /// Other codes than 200.
    refused: u64,
    /// The first of them.
    code: i32,
    /// No message in them, or none that can be read.
    broken: u64,
    /// What the first of these says instead.
    failure: String,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.001..=10_000_000.0).contains(&rate) => Ok(rate),
        _ => Err("give requests a second, from 0.001 to 10000000".to_owned()),
    }
}

impl Bench {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let target = self.target.target()?;
        let keys = match self.keys.is_empty() && self.keys_file.is_none() {
            true => stored_keys(&self.target, &target)?,
            false => target.keys(&key_texts(&self.keys, self.keys_file.as_deref())?)?,
        };
        if keys.is_empty() {
            let text = format!("{} has no keys to draw from; give some", target.resource);
            return Err(Failure::new(Exit::NoInput, text));
        }
        let messages = self.messages(&target.resource, &keys);
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let plan = self.plan()?;
        let mut answers = Answers::default();
        let single = self.call == Call::Get;
        let measured = run(&plan, &messages, |answer| {
            answers.take(answer, single);
            Ok(())
        });
        let measured = measured.map_err(|error| self.failed(&error))?;
        self.say(&target.resource, &measured, answers, output)
    }

    /// Requests in gRPC's frames, with keys drawn at random.
    fn messages(&self, resource: &str, keys: &[AskedKey]) -> Vec<Vec<u8>> {
        let mut draw = Draw::new(2026);
        let in_one = match self.call {
            Call::Get => 1,
            Call::BatchGet => usize::from(self.batch),
        };
        let mut one = || {
            // Fewer keys than a usize counts.
            let key = &keys[(draw.next() % keys.len() as u64) as usize];
            (key.partition, &key.bytes[..])
        };
        let messages = (0..(KEYS / in_one).clamp(16, 8192)).map(|_| {
            let placed: Vec<_> = (0..in_one).map(|_| one()).collect();
            let message = match (self.call, &placed[..]) {
                (Call::Get, [placed]) => get_message(resource, *placed),
                _ => batch_message(resource, &placed),
            };
            let length = (message.len() as u32).to_be_bytes();
            [&[0][..], &length, &message].concat()
        });
        messages.collect()
    }

    fn plan(&self) -> Outcome<Plan> {
        let address = self.resolve()?;
        let tls = self.server.tls.config(H2)?;
        let (host, _) = self.server.address.rsplit_once(':').unwrap_or_default();
        let name = self.server.tls.tls_name.as_deref().unwrap_or(host);
        let name = name.trim_matches(['[', ']']).to_owned();
        let tls = match tls {
            None => None,
            Some(config) => {
                let server = ServerName::try_from(name.clone()).map_err(|error| {
                    let text = format!(
                        "{} is no name of a server: {error}; give --tls-name",
                        shown(&name)
                    );
                    Failure::new(Exit::Usage, text)
                })?;
                Some((config, server))
            }
        };
        let path = match self.call {
            Call::Get => GET,
            Call::BatchGet => BATCH_GET,
        };
        let headers = Requests::grpc(path, &self.server.address, tls.is_some());
        Ok(Plan {
            address,
            tls,
            speaks: Speaks::Http2(headers),
            pace: match self.saturate {
                true => Pace::Saturation,
                false => Pace::Rate(self.rate),
            },
            connections: self.connections.into(),
            streams: self.streams.into(),
            warm_up: self.warm_up,
            measured: self.time,
            pid: None,
        })
    }

    fn resolve(&self) -> Outcome<SocketAddr> {
        let address = &self.server.address;
        let found = address.to_socket_addrs().map(|mut all| all.next());
        let wrong = |reason: String| {
            let text = format!("{} is no address: {reason}; give HOST:PORT", shown(address));
            Failure::new(Exit::Unavailable, text)
        };
        let found = found.map_err(|error| wrong(error.to_string()))?;
        found.ok_or_else(|| wrong("the host has none".to_owned()))
    }

    fn failed(&self, error: &LoadError) -> Failure {
        let text = format!(
            "the load on {} ended early: {error}; is a server there (`venice serve`), and does it take that rate?",
            self.server.address
        );
        Failure::new(Exit::Unavailable, text)
    }

    fn say(
        &self,
        resource: &str,
        measured: &Measured,
        answers: Answers,
        output: Output,
    ) -> Outcome {
        let rate = measured.answered as f64 / measured.seconds.max(1e-9);
        let latencies = &measured.latencies;
        let summary = Summary {
            title: format!("{resource} at {}", self.server.address),
            load: self.load(),
            result: format!(
                "{} answered, {} a second; {} not there, {} refused{}",
                count(measured.answered, "request"),
                grouped(rate.round() as u64),
                grouped(answers.missing),
                grouped(answers.refused + answers.broken),
                match (answers.refused, &answers.failure[..]) {
                    (0, "") => String::new(),
                    (0, failure) => format!(" (the first with {})", shown(failure)),
                    _ => format!(" (the first with code {})", answers.code),
                }
            ),
            quantiles: quantiles(latencies),
            latencies,
        };
        if let Some(file) = &self.html {
            let what = format!("cannot write {}", file.display());
            fs::write(file, html::page(&summary)).map_err(Failure::of(Exit::CannotCreate, what))?;
        }
        let times = summary
            .quantiles
            .iter()
            .fold(Object::new(), |all, (name, nanos)| {
                all.raw(name, format_args!("{:.1}", *nanos as f64 / 1e3))
            });
        let object = Object::new()
            .text("storeVersion", resource)
            .text("address", &self.server.address)
            .text(
                "call",
                if self.call == Call::Get {
                    "get"
                } else {
                    "batch-get"
                },
            )
            .maybe("askedRate", (!self.saturate).then_some(self.rate))
            .raw("rate", format_args!("{rate:.1}"))
            .raw("sent", measured.sent)
            .raw("answered", measured.answered)
            .raw("missing", answers.missing)
            .raw("refused", answers.refused)
            .raw("broken", answers.broken)
            .raw("latencyMicros", times.end());
        output.say(object, || terminal::text(&summary))?;
        match answers.refused + answers.broken {
            0 => Ok(()),
            bad => {
                let text = format!(
                    "{} refused or broken of {}, the first with code {}",
                    count(bad, "answer"),
                    grouped(measured.sent),
                    answers.code
                );
                let exit = match answers.code {
                    429 | 503 => Exit::TryLater,
                    _ => Exit::Software,
                };
                Err(Failure::new(exit, text))
            }
        }
    }

    fn load(&self) -> String {
        let calls = match self.call {
            Call::Get => "single gets".to_owned(),
            Call::BatchGet => format!("batch gets of {}", count(self.batch.into(), "key")),
        };
        let connections = count(self.connections.into(), "connection");
        match self.saturate {
            true => format!(
                "{calls} for {:?}, {} in flight on each of {connections}",
                self.time, self.streams
            ),
            false => format!(
                "{calls}, {} a second for {:?} over {connections}; latency counts from when a request was due",
                self.rate, self.time
            ),
        }
    }
}

impl Answers {
    fn take(&mut self, answer: &Answer, single: bool) {
        let message = answer.body.get(5..);
        let Some(Ok(response)) = message.map(Response::decode) else {
            if self.broken == 0 {
                self.failure = answer.failure.clone().unwrap_or_default();
            }
            self.broken += 1;
            return;
        };
        match response.error_code {
            OK => self.found += 1,
            KEY_NOT_FOUND if single => self.missing += 1,
            code => {
                if self.refused == 0 {
                    self.code = code;
                }
                self.refused += 1;
            }
        }
    }
}

fn quantiles(latencies: &Histogram<u64>) -> Vec<(&'static str, u64)> {
    let known = QUANTILES.iter();
    known
        .map(|(name, quantile)| (*name, latencies.value_at_quantile(*quantile)))
        .collect()
}
