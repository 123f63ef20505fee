//! Says now and then that clients are hung up on, and for what.
//!
//! A client that is hung up on comes back and is hung up on again, so a line for each would be a flood
//! of its own.

use std::net::SocketAddr;
use std::time::Instant;

use parking_lot::Mutex;
use venice_metrics::LogThrottle;

use crate::config::names::MAX_CLIENT_BYTES;
use crate::transport::flood::Flood;
use crate::transport::instruments;

/// Who was hung up on, on one server.
#[derive(Debug, Default)]
pub struct Floods {
    /// For what it sends.
    sent: Mutex<LogThrottle>,
    /// For what it makes the server hold.
    held: Mutex<LogThrottle>,
}

impl Floods {
    /// Counts a client that was hung up on, and says so if that was not said lately.
    pub(crate) fn note(&self, address: SocketAddr, why: Flood) {
        instruments::hung_up(why);
        let now = Instant::now();
        if let Flood::Held { bytes, limit } = why {
            if let Some(clients) = self.held.lock().count(now) {
                tracing::warn!(
                    %address,
                    bytes,
                    limit,
                    clients,
                    "a client is hung up on (GOAWAY, ENHANCE_YOUR_CALM): it holds `bytes` of the `limit` \
                     that all clients share ({MAX_CLIENT_BYTES}) and does not move them, while others \
                     need room; `clients` were since this was last said. See why it does not read its \
                     answers or finish its requests, or raise {MAX_CLIENT_BYTES}"
                );
            }
        } else if let Some(clients) = self.sent.lock().count(now) {
            tracing::warn!(
                %address,
                %why,
                clients,
                "a client is hung up on (GOAWAY, ENHANCE_YOUR_CALM); `clients` were since this was last \
                 said. If it is one that should be served, find out what it sends beside calls"
            );
        }
    }
}
