//! How many connections of one address there are whose client is not known yet: without a certificate anybody can begin
//! a handshake, and none is to keep the others from theirs.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::transport::connection_limit::Origin;

/// The addresses that have such connections.
#[derive(Clone)]
pub(crate) struct Origins {
    most: usize,
    connections: Arc<Mutex<HashMap<Origin, usize>>>,
}

/// An address has as many as it may have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// One connection, until it is dropped.
pub(crate) struct OfOrigin {
    origins: Origins,
    origin: Option<Origin>,
}

impl Origins {
    /// `most` of each address.
    pub(crate) fn new(most: usize) -> Origins {
        Origins {
            most,
            connections: Arc::default(),
        }
    }

    /// Counts a connection. Those of no address are as many as there are.
    pub(crate) fn enter(&self, origin: Option<Origin>) -> Result<OfOrigin, Full> {
        if let Some(origin) = origin {
            let mut connections = self.connections.lock();
            let count = connections.entry(origin).or_default();
            if *count >= self.most {
                return Err(Full);
            }
            *count += 1;
        }
        Ok(OfOrigin {
            origins: self.clone(),
            origin,
        })
    }
}

impl Drop for OfOrigin {
    fn drop(&mut self) {
        let Some(origin) = self.origin else {
            return;
        };
        let mut connections = self.origins.connections.lock();
        if let Some(count) = connections.get_mut(&origin) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn origin(address: &str) -> Option<Origin> {
        Some(address.parse::<IpAddr>().unwrap().into())
    }

    #[test]
    fn an_address_has_its_share_and_no_trace_is_left() {
        let origins = Origins::new(2);
        let enter = |address: &str| origins.enter(origin(address));
        let first = [enter("10.0.0.1"), enter("10.0.0.1")];
        assert_eq!(enter("10.0.0.1").err(), Some(Full));
        assert_eq!(enter("::ffff:10.0.0.1").err(), Some(Full), "the same");
        // Another has a share of its own, and of IPv6 a network has one.
        let others = [
            enter("10.0.0.2"),
            enter("2001:db8::1"),
            enter("2001:db8::2"),
        ];
        assert!(others.iter().all(Result::is_ok));
        assert_eq!(enter("2001:db8::3").err(), Some(Full));
        drop(first);
        let again = enter("10.0.0.1");
        assert!(again.is_ok());
        let local: Vec<_> = (0..100).map(|_| origins.enter(None)).collect();
        assert!(local.iter().all(Result::is_ok));
        drop((again, others, local));
        assert!(origins.connections.lock().is_empty());
    }
}
