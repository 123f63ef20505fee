//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use venice_load::error::LoadError;
use venice_load::run::Pace;

pub(crate) const USAGE: &str = "\
load slice --address HOST:PORT --protocol grpc|http2|echo [options]
load merge FILE... [--hgrm FILE]
load request [options of protocol grpc]
load echo [--spin]

slice: puts load on a server and prints one line of JSON.
  --rate N              open loop: N requests a second, latency from the time each was due
  --saturate            closed loop (default): every stream sends again when it was answered
  --connections N       (default 1)
  --streams N           requests in flight on a connection, at most (default 1)
  --seconds S           measured time (default 2)
  --warm-up S           time before it (default 0.3)
  --pid N               process of the server, for its CPU time and memory
  --histogram FILE      where the latencies go, for `merge`
  --ca FILE             TLS, with this authority (PEM) and the server name localhost
 protocol grpc:
  --store NAME          store version, <store>_v<N>
  --data FOLDER         with <NAME>.partitions: one byte a key, its partition
  --value-bytes N       length of the store's values
  --call get|batch|stream   (default get)
  --keys N              keys of a batch (default 1)
  --misses              keys that the store does not have
 protocol http2:
  --path PATH           a file to get (default /)
  --value-bytes N       its length

request: writes one request to standard output, with gRPC's prefix, for other clients.
merge: prints the percentiles of several slices together; --hgrm also writes them for HdrHistogram's plotter.
echo: answers 64 bytes with 128 on a free port, which it prints. --spin: it never sleeps, and has a core to itself.
";

/// What to do.
pub(crate) enum Command {
    Slice(Box<Slice>),
    Request(Box<Slice>),
    Merge {
        files: Vec<PathBuf>,
        hgrm: Option<PathBuf>,
    },
    Echo {
        /// It never sleeps.
        spins: bool,
    },
    Help,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The read service.
    Grpc,
    /// GET of a static file.
    Http2,
    /// The canary.
    Echo,
}

/// Which call of the read service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Get,
    Batch,
    Stream,
}

/// One slice of load.
pub(crate) struct Slice {
    pub(crate) address: SocketAddr,
    pub(crate) protocol: Protocol,
    pub(crate) pace: Pace,
    pub(crate) connections: usize,
    pub(crate) streams: usize,
    pub(crate) measured: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) pid: Option<u32>,
    pub(crate) histogram: Option<PathBuf>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) store: String,
    pub(crate) data: PathBuf,
    pub(crate) value_bytes: usize,
    pub(crate) call: Call,
    pub(crate) keys: usize,
    pub(crate) misses: bool,
    pub(crate) path: String,
}

impl Command {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Command, LoadError> {
        match words.next().as_deref() {
            Some("slice") => Ok(Command::Slice(Box::new(Slice::parse(words)?))),
            Some("request") => {
                // It is not sent.
                let nowhere = ["--address", "127.0.0.1:0"].map(str::to_owned);
                let slice = Slice::parse(nowhere.into_iter().chain(words))?;
                match slice.protocol {
                    Protocol::Grpc => Ok(Command::Request(Box::new(slice))),
                    _ => Err(LoadError::Usage("request needs --protocol grpc".to_owned())),
                }
            }
            Some("merge") => {
                let mut files = Vec::new();
                let mut hgrm = None;
                while let Some(word) = words.next() {
                    match word.as_str() {
                        "--hgrm" => hgrm = Some(value(&word, &mut words)?),
                        _ => files.push(PathBuf::from(word)),
                    }
                }
                if files.is_empty() {
                    return Err(LoadError::Usage("merge needs a file".to_owned()));
                }
                Ok(Command::Merge { files, hgrm })
            }
            Some("echo") => match (words.next().as_deref(), words.next()) {
                (None, _) => Ok(Command::Echo { spins: false }),
                (Some("--spin"), None) => Ok(Command::Echo { spins: true }),
                _ => Err(LoadError::Usage("echo takes --spin alone".to_owned())),
            },
            Some("--help" | "help") => Ok(Command::Help),
            Some(other) => Err(LoadError::Usage(format!("{other} is no command"))),
            None => Err(LoadError::Usage("a command is missing".to_owned())),
        }
    }
}

impl Slice {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Slice, LoadError> {
        let mut address = None;
        let mut protocol = None;
        let mut slice = Slice {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            protocol: Protocol::Grpc,
            pace: Pace::Saturation,
            connections: 1,
            streams: 1,
            measured: Duration::from_secs(2),
            warm_up: Duration::from_millis(300),
            pid: None,
            histogram: None,
            ca: None,
            store: String::new(),
            data: PathBuf::new(),
            value_bytes: 0,
            call: Call::Get,
            keys: 1,
            misses: false,
            path: "/".to_owned(),
        };
        while let Some(word) = words.next() {
            let option = word.as_str();
            match option {
                "--address" => address = Some(value(option, &mut words)?),
                "--protocol" => protocol = Some(value(option, &mut words)?),
                "--rate" => slice.pace = Pace::Rate(positive(option, &mut words)?),
                "--saturate" => slice.pace = Pace::Saturation,
                "--connections" => slice.connections = count(option, &mut words)?,
                "--streams" => slice.streams = count(option, &mut words)?,
                "--seconds" => slice.measured = seconds(option, &mut words)?,
                "--warm-up" => slice.warm_up = seconds(option, &mut words)?,
                "--pid" => slice.pid = Some(value(option, &mut words)?),
                "--histogram" => slice.histogram = Some(value(option, &mut words)?),
                "--ca" => slice.ca = Some(value(option, &mut words)?),
                "--store" => slice.store = value(option, &mut words)?,
                "--data" => slice.data = value(option, &mut words)?,
                "--value-bytes" => slice.value_bytes = value(option, &mut words)?,
                "--call" => slice.call = value(option, &mut words)?,
                "--keys" => slice.keys = count(option, &mut words)?,
                "--misses" => slice.misses = true,
                "--path" => slice.path = value(option, &mut words)?,
                _ => return Err(LoadError::Usage(format!("{option} is no option of slice"))),
            }
        }
        slice.address = address.ok_or_else(|| missing("--address"))?;
        slice.protocol = protocol.ok_or_else(|| missing("--protocol"))?;
        if slice.protocol == Protocol::Grpc && slice.store.is_empty() {
            return Err(missing("--store"));
        }
        if slice.call == Call::Get && slice.keys != 1 {
            return Err(LoadError::Usage(format!(
                "--keys is {}: a get has one",
                slice.keys
            )));
        }
        Ok(slice)
    }
}

fn missing(option: &str) -> LoadError {
    LoadError::Usage(format!("{option} is missing"))
}

fn value<T: FromStr>(
    option: &str,
    words: &mut impl Iterator<Item = String>,
) -> Result<T, LoadError> {
    let word = words
        .next()
        .ok_or_else(|| LoadError::Usage(format!("{option} needs a value")))?;
    word.parse()
        .map_err(|_| LoadError::Usage(format!("{option} is {word}: that is no value of it")))
}

fn positive(option: &str, words: &mut impl Iterator<Item = String>) -> Result<f64, LoadError> {
    let number: f64 = value(option, words)?;
    if number > 0.0 && number.is_finite() {
        return Ok(number);
    }
    Err(LoadError::Usage(format!(
        "{option} is {number}: give a number above 0"
    )))
}

fn seconds(option: &str, words: &mut impl Iterator<Item = String>) -> Result<Duration, LoadError> {
    Ok(Duration::from_secs_f64(
        positive(option, words)?.min(86_400.0),
    ))
}

fn count(option: &str, words: &mut impl Iterator<Item = String>) -> Result<usize, LoadError> {
    match value(option, words)? {
        0 => Err(LoadError::Usage(format!("{option} is 0: give at least 1"))),
        number => Ok(number),
    }
}

impl FromStr for Protocol {
    type Err = ();

    fn from_str(word: &str) -> Result<Protocol, ()> {
        match word {
            "grpc" => Ok(Protocol::Grpc),
            "http2" => Ok(Protocol::Http2),
            "echo" => Ok(Protocol::Echo),
            _ => Err(()),
        }
    }
}

impl FromStr for Call {
    type Err = ();

    fn from_str(word: &str) -> Result<Call, ()> {
        match word {
            "get" => Ok(Call::Get),
            "batch" => Ok(Call::Batch),
            "stream" => Ok(Call::Stream),
            _ => Err(()),
        }
    }
}
