//! The settings of one read server: parsed once from name/value pairs, immutable afterwards.
//!
//! The names are shared with the Java class `com.linkedin.venice.rust.ReadServerConfig`. An unknown
//! name or a bad value is refused with an error that names the setting, the value, what is allowed,
//! and the remedy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

/// Setting name of [`Config::max_request_bytes`]; refusals name it, so that the reader knows the
/// remedy.
pub const MAX_REQUEST_BYTES: &str = "max.request.bytes";
/// Setting name of [`Config::max_response_bytes`].
pub const MAX_RESPONSE_BYTES: &str = "max.response.bytes";

/// 4 MiB: what every gRPC library takes and gives by default (grpc-java:
/// `DEFAULT_MAX_MESSAGE_SIZE`).
const GRPC_DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Protobuf and Java arrays count in signed 32-bit integers.
const MESSAGE_BYTES_LIMIT: u64 = i32::MAX as u64;
/// One thousand pools of this size fit no machine; a larger number is a slip of the pen.
const THREADS_LIMIT: u64 = 1024;
/// One day: a longer wait is a slip of the pen as well.
const MILLIS_LIMIT: u64 = 24 * 60 * 60 * 1000;

/// Every setting of a read server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `bind.address` and `port`: where to listen. An IP address, default `0.0.0.0` (every IPv4
    /// interface), and a TCP port, default 0 (the system picks a free one; ask
    /// [`crate::Server::port`]).
    pub address: SocketAddr,

    /// `worker.threads`: threads, default one per available core. Each serves its own connections,
    /// so this bounds the processor time that reads take from the rest of the process.
    pub worker_threads: usize,

    /// `disk.threads`: threads, default twice the cores and at least 4. Each does one read at a
    /// time that may wait for the disk, so this bounds the disk reads in flight.
    pub disk_threads: usize,

    /// `max.request.bytes`: bytes of one request message, default 4 MiB. A larger request is
    /// refused with gRPC status RESOURCE_EXHAUSTED before it is read.
    pub max_request_bytes: usize,

    /// `max.response.bytes`: bytes of one response message, default 4 MiB, which is what a gRPC
    /// client takes by default. A larger answer becomes errorCode 500 with a text instead of a
    /// client-side failure.
    pub max_response_bytes: usize,

    /// `max.concurrent.streams`: requests in flight per connection, default 1000. Further requests
    /// wait in the client.
    pub max_concurrent_streams: u32,

    /// `drain.ms`: milliseconds, default 10 000. How long a stop that names no time waits for
    /// requests in flight before it closes their connections.
    pub drain: Duration,

    /// `read.deadline.ms`: milliseconds, default 10 000. Bound of one RocksDB read, so that closing
    /// a partition, which waits for its readers, is bounded too. It holds for all databases of the
    /// process: of several servers, the last to start sets it.
    pub read_deadline: Duration,
}

/// Why settings were refused. The text names the setting, the value, the limit and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No setting has this name.
    #[error("unknown setting {name:?}; the settings are {}", NAMES.join(", "))]
    UnknownName {
        /// The name as given.
        name: String,
    },
    /// A setting has a value that it cannot take.
    #[error("setting {name} is {value:?}; give {allowed}")]
    BadValue {
        /// The setting.
        name: &'static str,
        /// The value as given.
        value: String,
        /// What the setting takes.
        allowed: String,
    },
    /// A name without a value at the end of the list.
    #[error("setting {name:?} has no value; give names and values in turn")]
    NoValue {
        /// The name that stands alone.
        name: String,
    },
}

const NAMES: [&str; 9] = [
    "bind.address",
    "port",
    "worker.threads",
    "disk.threads",
    MAX_REQUEST_BYTES,
    MAX_RESPONSE_BYTES,
    "max.concurrent.streams",
    "drain.ms",
    "read.deadline.ms",
];

impl Default for Config {
    fn default() -> Self {
        // An unreadable processor count (a container without /proc) must not keep the server down.
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        Config {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            worker_threads: cores,
            disk_threads: (2 * cores).max(4),
            max_request_bytes: GRPC_DEFAULT_MESSAGE_BYTES,
            max_response_bytes: GRPC_DEFAULT_MESSAGE_BYTES,
            max_concurrent_streams: 1000,
            drain: Duration::from_secs(10),
            read_deadline: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Reads settings given as name, value, name, value, ... over the defaults. A name that comes
    /// twice takes its last value.
    pub fn from_pairs<S: AsRef<str>>(settings: &[S]) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        for pair in settings.chunks(2) {
            let name = pair[0].as_ref();
            let Some(value) = pair.get(1) else {
                return Err(ConfigError::NoValue {
                    name: name.to_owned(),
                });
            };
            config.set(name, value.as_ref())?;
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let Some(name) = NAMES.iter().copied().find(|known| *known == name) else {
            return Err(ConfigError::UnknownName {
                name: name.to_owned(),
            });
        };
        match name {
            "bind.address" => self.address.set_ip(address(name, value)?),
            "port" => self
                .address
                .set_port(number(name, value, 0, u64::from(u16::MAX))? as u16),
            "worker.threads" => {
                self.worker_threads = number(name, value, 1, THREADS_LIMIT)? as usize;
            }
            "disk.threads" => self.disk_threads = number(name, value, 1, THREADS_LIMIT)? as usize,
            MAX_REQUEST_BYTES => {
                self.max_request_bytes = number(name, value, 1, MESSAGE_BYTES_LIMIT)? as usize;
            }
            MAX_RESPONSE_BYTES => {
                self.max_response_bytes = number(name, value, 1, MESSAGE_BYTES_LIMIT)? as usize;
            }
            "max.concurrent.streams" => {
                self.max_concurrent_streams = number(name, value, 1, MESSAGE_BYTES_LIMIT)? as u32;
            }
            "drain.ms" => {
                self.drain = Duration::from_millis(number(name, value, 0, MILLIS_LIMIT)?);
            }
            _ => self.read_deadline = Duration::from_millis(number(name, value, 1, MILLIS_LIMIT)?),
        }
        Ok(())
    }
}

fn address(name: &'static str, value: &str) -> Result<IpAddr, ConfigError> {
    value.parse().map_err(|_| ConfigError::BadValue {
        name,
        value: value.to_owned(),
        allowed: "an IP address such as 0.0.0.0, 127.0.0.1 or ::1 (not a host name)".to_owned(),
    })
}

fn number(name: &'static str, value: &str, least: u64, most: u64) -> Result<u64, ConfigError> {
    match value.parse::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(ConfigError::BadValue {
            name,
            value: value.to_owned(),
            allowed: format!("a whole number from {least} to {most}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_settings_are_the_defaults() {
        let config = Config::from_pairs::<&str>(&[]).unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.address.to_string(), "0.0.0.0:0");
        assert_eq!(config.max_request_bytes, 4194304);
        assert_eq!(config.max_response_bytes, 4194304);
        assert!(config.worker_threads >= 1);
        assert!(config.disk_threads >= 4);
    }

    #[test]
    fn every_name_sets_its_field() {
        let config = Config::from_pairs(&[
            "bind.address",
            "::1",
            "port",
            "7777",
            "worker.threads",
            "3",
            "disk.threads",
            "5",
            "max.request.bytes",
            "100",
            "max.response.bytes",
            "200",
            "max.concurrent.streams",
            "7",
            "drain.ms",
            "0",
            "read.deadline.ms",
            "250",
        ])
        .unwrap();
        let expected = Config {
            address: "[::1]:7777".parse().unwrap(),
            worker_threads: 3,
            disk_threads: 5,
            max_request_bytes: 100,
            max_response_bytes: 200,
            max_concurrent_streams: 7,
            drain: Duration::ZERO,
            read_deadline: Duration::from_millis(250),
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn refusals_name_the_setting_the_value_and_the_remedy() {
        let text = |settings: &[&str]| Config::from_pairs(settings).unwrap_err().to_string();
        assert_eq!(
            text(&["port", "65536"]),
            "setting port is \"65536\"; give a whole number from 0 to 65535"
        );
        assert_eq!(
            text(&["worker.threads", "0"]),
            "setting worker.threads is \"0\"; give a whole number from 1 to 1024"
        );
        assert_eq!(
            text(&["disk.threads", "four"]),
            "setting disk.threads is \"four\"; give a whole number from 1 to 1024"
        );
        assert_eq!(
            text(&["bind.address", "localhost"]),
            "setting bind.address is \"localhost\"; give an IP address such as 0.0.0.0, 127.0.0.1 \
             or ::1 (not a host name)"
        );
        assert_eq!(
            text(&["port"]),
            "setting \"port\" has no value; give names and values in turn"
        );
        let unknown = text(&["prot", "1"]);
        assert!(
            unknown.starts_with("unknown setting \"prot\"; the settings are bind.address, port, ")
        );
        assert!(unknown.ends_with("read.deadline.ms"));
    }
}
