//! The names of the settings, and what values they take.
//!
//! A new setting is a field of [`Config`] with its default, a row of [`SETTINGS`], and its twin in
//! the Java class `com.linkedin.venice.rust.ReadServerConfig`. An unknown name or a bad value is
//! refused with an error that names the setting, the value, what is allowed, and the remedy.

use std::time::Duration;

use crate::config::names::*;
use crate::config::tls::{ClientAuth, Password};
use crate::config::value::{ConfigError, SettingValue};
use crate::config::Config;

/// Protobuf and Java arrays count in signed 32-bit integers.
const INT_MAX: u64 = i32::MAX as u64;
/// One thousand pools of this size fit no machine; a larger number is almost certainly a typo.
const THREADS_LIMIT: u64 = 1024;
/// Ten milliseconds: who waits longer for a request sleeps.
const SPIN_MICROS_LIMIT: u64 = 10_000;
/// A tenth of a second, the longest that Linux has.
const SLICE_MICROS_LIMIT: u64 = 100_000;
/// A few entries: fewer remember nothing.
const CACHE_BYTES_LEAST: u64 = 64 * 1024;
/// Two requests and two answers of the default limits.
const MIN_CLIENT_BYTES: u64 = 16 * 1024 * 1024;
/// A tebibyte is no memory of a machine.
const CLIENT_BYTES_LIMIT: u64 = 1024 * 1024 * 1024 * 1024;
/// A bucket that holds a thousand refills limits nothing.
const MULTIPLE_LIMIT: u64 = 1000;

type Set = fn(&mut Config, SettingValue<'_>) -> Result<(), ConfigError>;

/// Every setting: its name, and how its value gets into the configuration.
const SETTINGS: &[(&str, Set)] = &[
    ("bind.address", |config, given| {
        config.address.set_ip(given.address()?);
        Ok(())
    }),
    ("port", |config, given| {
        config
            .address
            .set_port(given.number(0, u64::from(u16::MAX))? as u16);
        Ok(())
    }),
    ("worker.threads", |config, given| {
        config.worker_threads = given.number(1, THREADS_LIMIT)? as usize;
        Ok(())
    }),
    (WORKER_CPUS, |config, given| {
        config.worker_cpus = given.cpus()?;
        Ok(())
    }),
    ("worker.spin.us", |config, given| {
        config.worker_spin = Duration::from_micros(given.number(0, SPIN_MICROS_LIMIT)?);
        Ok(())
    }),
    (WORKER_NICE, |config, given| {
        config.worker_nice = given.nice()?;
        Ok(())
    }),
    (WORKER_SLICE, |config, given| {
        config.worker_slice = Duration::from_micros(given.number(0, SLICE_MICROS_LIMIT)?);
        Ok(())
    }),
    ("disk.threads", |config, given| {
        config.disk_threads = given.number(1, THREADS_LIMIT)? as usize;
        Ok(())
    }),
    (MAX_REQUEST_BYTES, |config, given| {
        config.max_request_bytes = given.number(1, INT_MAX)? as usize;
        Ok(())
    }),
    (MAX_RESPONSE_BYTES, |config, given| {
        config.max_response_bytes = given.number(1, INT_MAX)? as usize;
        Ok(())
    }),
    (MAX_BATCH_KEYS, |config, given| {
        config.max_batch_keys = given.number(1, INT_MAX)? as usize;
        Ok(())
    }),
    ("stream.chunk.bytes", |config, given| {
        config.stream_chunk_bytes = given.number(1, INT_MAX)? as usize;
        Ok(())
    }),
    ("max.concurrent.streams", |config, given| {
        config.max_concurrent_streams = given.number(1, INT_MAX)? as u32;
        Ok(())
    }),
    ("max.header.bytes", |config, given| {
        config.max_header_bytes = given.number(1024, 1024 * 1024)? as u32;
        Ok(())
    }),
    (MAX_CLIENT_BYTES, |config, given| {
        config.max_client_bytes = given.number(MIN_CLIENT_BYTES, CLIENT_BYTES_LIMIT)? as usize;
        Ok(())
    }),
    (MAX_CONNECTIONS, |config, given| {
        config.max_connections = given.number(1, 1_000_000)? as usize;
        Ok(())
    }),
    (MAX_OF_ADDRESS, |config, given| {
        config.max_connections_per_address = given.number(0, 1_000_000)? as usize;
        Ok(())
    }),
    ("max.handshakes", |config, given| {
        config.max_handshakes = given.number(0, THREADS_LIMIT)? as usize;
        Ok(())
    }),
    ("max.connection.idle.ms", |config, given| {
        config.max_idle = given.millis(0)?;
        Ok(())
    }),
    ("max.connection.age.ms", |config, given| {
        config.max_age = given.millis(0)?;
        Ok(())
    }),
    (MAX_CONNECTION_AGE_GRACE, |config, given| {
        config.max_age_grace = given.millis(1)?;
        Ok(())
    }),
    ("keep.alive.ms", |config, given| {
        config.keep_alive = given.millis(1)?;
        Ok(())
    }),
    ("keep.alive.timeout.ms", |config, given| {
        config.keep_alive_timeout = given.millis(1)?;
        Ok(())
    }),
    (RECEIVE_TIMEOUT, |config, given| {
        config.receive = given.millis(1)?;
        Ok(())
    }),
    ("handshake.timeout.ms", |config, given| {
        config.handshake = given.millis(1)?;
        Ok(())
    }),
    ("tls.key.store", |config, given| {
        config.tls.key_store = Some(given.path()?);
        Ok(())
    }),
    ("tls.key.store.type", |config, given| {
        config.tls.key_store_type = Some(given.value.to_owned());
        Ok(())
    }),
    ("tls.key.store.password", |config, given| {
        config.tls.key_store_password = Some(Password::new(given.value));
        Ok(())
    }),
    ("tls.key.password", |config, given| {
        config.tls.key_password = Some(Password::new(given.value));
        Ok(())
    }),
    ("tls.key.alias", |config, given| {
        config.tls.key_alias = Some(given.value.to_owned());
        Ok(())
    }),
    ("tls.private.key", |config, given| {
        config.tls.private_key = Some(given.path()?);
        Ok(())
    }),
    ("tls.trust.store", |config, given| {
        config.tls.trust_store = Some(given.path()?);
        Ok(())
    }),
    ("tls.trust.store.type", |config, given| {
        config.tls.trust_store_type = Some(given.value.to_owned());
        Ok(())
    }),
    ("tls.trust.store.password", |config, given| {
        config.tls.trust_store_password = Some(Password::new(given.value));
        Ok(())
    }),
    ("tls.client.auth", |config, given| {
        config.tls.client_auth = given.one_of(&[
            ("required", ClientAuth::Required),
            ("optional", ClientAuth::Optional),
            ("none", ClientAuth::None),
        ])?;
        Ok(())
    }),
    ("tls.min.version", |config, given| {
        config.tls.only_tls13 = given.one_of(&[("1.2", false), ("1.3", true)])?;
        Ok(())
    }),
    ("tls.reload.ms", |config, given| {
        config.tls.reload = given.millis(0)?;
        Ok(())
    }),
    ("drain.ms", |config, given| {
        config.drain = given.millis(0)?;
        Ok(())
    }),
    ("read.deadline.ms", |config, given| {
        config.read_deadline = given.millis(1)?;
        Ok(())
    }),
    ("reflection", |config, given| {
        config.reflection = given.one_of(&[("true", true), ("false", false)])?;
        Ok(())
    }),
    ("quota.interval.ms", |config, given| {
        config.quota_refill.interval_millis = given.millis(1)?.as_millis() as u64;
        Ok(())
    }),
    ("quota.capacity.multiple", |config, given| {
        config.quota_refill.capacity_multiple = given.number(1, MULTIPLE_LIMIT)?;
        Ok(())
    }),
    ("access.threads", |config, given| {
        config.access.threads = given.number(1, THREADS_LIMIT)? as usize;
        Ok(())
    }),
    ("access.refresh.ms", |config, given| {
        config.access.refresh = given.millis(1)?;
        Ok(())
    }),
    ("access.stale.ms", |config, given| {
        config.access.stale = given.millis(0)?;
        Ok(())
    }),
    (ACCESS_WAIT, |config, given| {
        config.access.wait = given.millis(1)?;
        Ok(())
    }),
    ("access.cache.entries", |config, given| {
        config.access.entries = given.number(1, INT_MAX)? as usize;
        Ok(())
    }),
    ("access.cache.bytes", |config, given| {
        config.access.bytes = given.number(CACHE_BYTES_LEAST, INT_MAX)? as usize;
        Ok(())
    }),
];

fn names() -> String {
    let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

impl Config {
    /// Reads settings given as name, value, name, value, ... over the defaults. A name that comes twice
    /// takes its last value.
    pub fn from_pairs<S: AsRef<str>>(settings: &[S]) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        for pair in settings.chunks(2) {
            let name = pair[0].as_ref();
            let Some(value) = pair.get(1) else {
                return Err(ConfigError::NoValue {
                    name: name.to_owned(),
                });
            };
            let Some((name, set)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
                return Err(ConfigError::UnknownName {
                    name: name.to_owned(),
                    names: names(),
                });
            };
            set(
                &mut config,
                SettingValue {
                    name,
                    value: value.as_ref(),
                },
            )?;
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::cpu_list;

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

    /// What `expected` makes of the defaults is what the setting does.
    fn sets(name: &str, value: &str, expected: impl FnOnce(&mut Config)) {
        let mut config = Config::default();
        expected(&mut config);
        assert_ne!(config, Config::default(), "{name} is to change something");
        assert_eq!(
            Config::from_pairs(&[name, value]).unwrap(),
            config,
            "{name}"
        );
    }

    #[test]
    fn every_name_sets_its_field() {
        sets("bind.address", "::1", |c| {
            c.address = "[::1]:0".parse().unwrap()
        });
        sets("port", "7777", |c| c.address.set_port(7777));
        sets("worker.threads", "1000", |c| c.worker_threads = 1000);
        if cpu_list::ON_LINUX {
            sets(WORKER_CPUS, "0-1,4", |c| c.worker_cpus = vec![0, 1, 4]);
            sets(WORKER_NICE, "-5", |c| c.worker_nice = -5);
        }
        sets("worker.spin.us", "50", |c| {
            c.worker_spin = Duration::from_micros(50)
        });
        sets(WORKER_SLICE, "500", |c| {
            c.worker_slice = Duration::from_micros(500)
        });
        sets("disk.threads", "1001", |c| c.disk_threads = 1001);
        sets("max.request.bytes", "100", |c| c.max_request_bytes = 100);
        sets("max.response.bytes", "200", |c| c.max_response_bytes = 200);
        sets("max.batch.keys", "300", |c| c.max_batch_keys = 300);
        sets("max.client.bytes", "16777216", |c| {
            c.max_client_bytes = 16 * 1024 * 1024
        });
        sets("stream.chunk.bytes", "1000", |c| {
            c.stream_chunk_bytes = 1000
        });
        sets("max.concurrent.streams", "7", |c| {
            c.max_concurrent_streams = 7
        });
        sets("max.header.bytes", "2048", |c| c.max_header_bytes = 2048);
        sets("max.connections", "3", |c| c.max_connections = 3);
        sets("max.connections.per.address", "2", |c| {
            c.max_connections_per_address = 2
        });
        sets("max.handshakes", "3", |c| c.max_handshakes = 3);
        sets("max.connection.idle.ms", "0", |c| {
            c.max_idle = Duration::ZERO
        });
        sets("max.connection.age.ms", "9", |c| {
            c.max_age = Duration::from_millis(9)
        });
        sets(MAX_CONNECTION_AGE_GRACE, "10", |c| {
            c.max_age_grace = Duration::from_millis(10)
        });
        sets("keep.alive.ms", "8", |c| {
            c.keep_alive = Duration::from_millis(8)
        });
        sets("keep.alive.timeout.ms", "7", |c| {
            c.keep_alive_timeout = Duration::from_millis(7);
        });
        sets("receive.timeout.ms", "6", |c| {
            c.receive = Duration::from_millis(6)
        });
        sets("handshake.timeout.ms", "5", |c| {
            c.handshake = Duration::from_millis(5)
        });
        sets("tls.key.store", "/a/b", |c| {
            c.tls.key_store = Some("/a/b".into())
        });
        sets("tls.key.store.type", "BCFKS", |c| {
            c.tls.key_store_type = Some("BCFKS".to_owned());
        });
        sets("tls.key.store.password", "x", |c| {
            c.tls.key_store_password = Some(Password::new("x"));
        });
        sets("tls.key.password", "y", |c| {
            c.tls.key_password = Some(Password::new("y"))
        });
        sets("tls.key.alias", "me", |c| {
            c.tls.key_alias = Some("me".to_owned())
        });
        sets("tls.private.key", "key", |c| {
            c.tls.private_key = Some("key".into())
        });
        sets("tls.trust.store", "t", |c| {
            c.tls.trust_store = Some("t".into())
        });
        sets("tls.trust.store.type", "JKS", |c| {
            c.tls.trust_store_type = Some("JKS".to_owned());
        });
        sets("tls.trust.store.password", "z", |c| {
            c.tls.trust_store_password = Some(Password::new("z"));
        });
        sets("tls.client.auth", "none", |c| {
            c.tls.client_auth = ClientAuth::None
        });
        sets("tls.min.version", "1.3", |c| c.tls.only_tls13 = true);
        sets("tls.reload.ms", "0", |c| c.tls.reload = Duration::ZERO);
        sets("drain.ms", "0", |c| c.drain = Duration::ZERO);
        sets("read.deadline.ms", "250", |c| {
            c.read_deadline = Duration::from_millis(250);
        });
        sets("reflection", "true", |c| c.reflection = true);
        sets("quota.interval.ms", "1000", |c| {
            c.quota_refill.interval_millis = 1000;
        });
        sets("quota.capacity.multiple", "2", |c| {
            c.quota_refill.capacity_multiple = 2;
        });
        sets("access.threads", "7", |c| c.access.threads = 7);
        sets("access.refresh.ms", "250", |c| {
            c.access.refresh = Duration::from_millis(250);
        });
        sets("access.stale.ms", "0", |c| c.access.stale = Duration::ZERO);
        sets("access.wait.ms", "1", |c| {
            c.access.wait = Duration::from_millis(1);
        });
        sets("access.cache.entries", "1", |c| c.access.entries = 1);
        sets("access.cache.bytes", "65536", |c| c.access.bytes = 65536);
    }

    #[test]
    fn passwords_are_not_printed() {
        let config = Config::from_pairs(&["tls.key.store.password", "geheim"]).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
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
        if cpu_list::ON_LINUX {
            assert_eq!(
                text(&[WORKER_NICE, "20"]),
                "setting worker.nice is \"20\"; give a whole number from -20 to 19"
            );
            assert_eq!(
                text(&[WORKER_CPUS, "3-1"]),
                "setting worker.cpus is \"3-1\"; give numbers of processors and ranges of them, \
                 such as 0-3,8"
            );
        }
        assert_eq!(
            text(&["worker.spin.us", "10001"]),
            "setting worker.spin.us is \"10001\"; give a whole number from 0 to 10000"
        );
        assert_eq!(
            text(&[WORKER_SLICE, "100001"]),
            "setting worker.slice.us is \"100001\"; give a whole number from 0 to 100000"
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
            text(&["tls.client.auth", "want"]),
            "setting tls.client.auth is \"want\"; give one of required, optional, none"
        );
        assert_eq!(
            text(&["reflection", "on"]),
            "setting reflection is \"on\"; give one of true, false"
        );
        assert_eq!(
            text(&["tls.key.store", " "]),
            "setting tls.key.store is \" \"; give the path of a file"
        );
        assert_eq!(
            text(&["port"]),
            "setting \"port\" has no value; give names and values in turn"
        );
        let unknown = text(&["prot", "1"]);
        assert!(
            unknown.starts_with("unknown setting \"prot\"; the settings are bind.address, port, ")
        );
    }
}
