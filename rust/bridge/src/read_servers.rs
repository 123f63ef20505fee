//! The servers of this process, by handle.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use venice_engine::Registry;
use venice_server::{Config, KeyStores, Server};

use crate::read_server_error::ReadServerError;

/// A table of running servers. Handles count up and are never used twice.
#[derive(Default)]
pub struct ReadServers {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    last: i64,
    servers: HashMap<i64, Arc<Server>>,
}

impl ReadServers {
    /// Starts a server with settings given as name, value, name, value, ... and returns its handle.
    /// `key_stores` opens what is no PEM.
    pub fn start(
        &self,
        settings: &[String],
        access_control: bool,
        library_version: &str,
        registry: Arc<Registry>,
        key_stores: &mut dyn KeyStores,
    ) -> Result<i64, ReadServerError> {
        let config = Config {
            access_control,
            library_version: library_version.to_owned(),
            ..Config::from_pairs(settings)?
        };
        // Started outside the lock: other servers go on being used meanwhile.
        let server = Arc::new(Server::start_with_key_stores(config, registry, key_stores)?);
        let mut table = self.table.lock();
        table.last += 1;
        let handle = table.last;
        table.servers.insert(handle, server);
        Ok(handle)
    }

    /// The port that a server listens on.
    pub fn port(&self, handle: i64) -> Result<u16, ReadServerError> {
        Ok(self.server(handle)?.port())
    }

    /// Stops a server and forgets it; connections that have not ended after `millis` milliseconds
    /// are broken off. Returns how many calls were, if connections had to be. Two stops at the same
    /// time return the same; later ones find no server.
    pub fn stop(&self, handle: i64, millis: i64) -> Result<Option<usize>, ReadServerError> {
        let server = self.server(handle)?;
        let drain = drain_time(millis)?;
        // Also outside the lock. The table keeps its reference until the end, so that the
        // server is not dropped, and thereby stopped hard, by someone else.
        let drained = server.stop(drain);
        self.table.lock().servers.remove(&handle);
        Ok((!drained).then(|| server.calls_cut()))
    }

    /// The server of a handle.
    pub fn server(&self, handle: i64) -> Result<Arc<Server>, ReadServerError> {
        let server = self.table.lock().servers.get(&handle).cloned();
        server.ok_or(ReadServerError::NoSuchServer { handle })
    }
}

/// A time of a drain that Java gives.
pub(crate) fn drain_time(millis: i64) -> Result<Duration, ReadServerError> {
    let drain = u64::try_from(millis).map_err(|_| ReadServerError::NegativeDrain { millis })?;
    Ok(Duration::from_millis(drain.min(LONGEST_DRAIN_MILLIS)))
}

/// One year: later deadlines overflow the clock of some systems, and nobody waits for them.
const LONGEST_DRAIN_MILLIS: u64 = 365 * 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use venice_server::PemOnly;

    use super::*;

    fn start(servers: &ReadServers, settings: &[&str]) -> Result<i64, ReadServerError> {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        servers.start(&settings, false, "1.0", Registry::new(), &mut PemOnly)
    }

    #[test]
    fn a_handle_lives_from_start_to_stop() {
        let servers = ReadServers::default();
        let first = start(&servers, &["bind.address", "127.0.0.1"]).unwrap();
        let second = start(&servers, &["bind.address", "127.0.0.1"]).unwrap();
        assert_ne!(first, second);
        assert_ne!(servers.port(first).unwrap(), servers.port(second).unwrap());

        assert_eq!(servers.stop(first, 1000).unwrap(), None);
        let stale = "read server 1 is stopped or was never started; start a new one";
        assert_eq!(servers.port(first).unwrap_err().to_string(), stale);
        assert_eq!(servers.stop(first, 0).unwrap_err().to_string(), stale);
        assert_eq!(servers.stop(second, i64::MAX).unwrap(), None);
    }

    #[test]
    fn invented_handles_are_refused() {
        let servers = ReadServers::default();
        for handle in [0, -1, 1, i64::MIN, i64::MAX] {
            assert!(matches!(
                servers.port(handle),
                Err(ReadServerError::NoSuchServer { .. })
            ));
        }
    }

    #[test]
    fn a_negative_drain_is_refused_and_the_server_runs_on() {
        let servers = ReadServers::default();
        let handle = start(&servers, &["bind.address", "127.0.0.1"]).unwrap();
        assert_eq!(
            servers.stop(handle, -1).unwrap_err().to_string(),
            "drain time is -1 ms; give 0 or more"
        );
        assert!(servers.port(handle).is_ok());
        assert_eq!(servers.stop(handle, 0).unwrap(), None);
    }

    #[test]
    fn a_port_in_use_and_a_bad_setting_are_errors() {
        let servers = ReadServers::default();
        let handle = start(&servers, &["bind.address", "127.0.0.1"]).unwrap();
        let port = servers.port(handle).unwrap().to_string();
        let error = start(&servers, &["bind.address", "127.0.0.1", "port", &port]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")),
            "{text}"
        );
        assert!(
            text.ends_with("; set port to a free one, or to 0 for any free one"),
            "{text}"
        );
        assert_eq!(
            start(&servers, &["port", "x"]).unwrap_err().to_string(),
            "setting port is \"x\"; give a whole number from 0 to 65535"
        );
        assert_eq!(servers.stop(handle, 0).unwrap(), None);
    }
}
