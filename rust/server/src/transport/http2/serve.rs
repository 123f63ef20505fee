//! A connection with our own HTTP/2, from its first call to its end.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use tokio::select;
use tokio::time::{timeout_at, Instant};
use venice_http2::Protocol;

use crate::config::Config;
use crate::memory::account::Account;
use crate::transport::connection_age::{Calls, ConnectionAge};
use crate::transport::connection_limit::ConnectionPermit;
use crate::transport::ending::{
    gave_way, has_to_go, held_up, in_flight, left, time_to_close, Ends,
};
use crate::transport::floods::Floods;
use crate::transport::handler::Handler;
use crate::transport::http2::driver::Http2Connection;
use crate::transport::http2::fields::Fields;
use crate::transport::opening::Opening;

/// A connection on which HTTP/2 has begun.
pub(crate) struct Begun<'a> {
    pub(crate) opening: Opening,
    pub(crate) address: SocketAddr,
    pub(crate) permit: &'a ConnectionPermit,
    pub(crate) account: Account,
    pub(crate) ends: Ends,
}

/// Serves a connection to its end, as [`crate::transport::connection::serve`] says.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub(crate) async fn serve<H: Handler>(
    connection: Begun<'_>,
    config: &Config,
    floods: &Floods,
    late_calls: &AtomicU64,
    protocol: &Arc<Protocol<Fields>>,
    handler: H,
) -> io::Result<()> {
    let Begun {
        opening,
        address,
        permit,
        account,
        mut ends,
    } = connection;
    let calls = Calls::default();
    let lifetime = ConnectionAge::new(config.max_idle, config.max_age, Instant::now());
    let called = || {
        calls.count();
        permit.called();
    };
    let mut connection = Http2Connection::new(
        opening,
        protocol,
        Arc::new(handler),
        called,
        &account,
        (config.keep_alive, config.keep_alive_timeout),
    );
    let open = connection.open_calls();
    let busy = || open.load(Ordering::Relaxed) > 0;
    let expired = lifetime.expired(&calls, busy);
    let grace = config.max_age_grace;
    let begun = select! {
        ended = connection.drive() => Err(ended),
        () = account.has_to_end() => Ok(None),
        until = has_to_go(&mut ends.drain, expired, permit, address, grace) => Ok(Some(until)),
    };
    let (ended, until) = match begun {
        Err(ended) => {
            let closing = time_to_close(&ended);
            (ended, Instant::now() + closing)
        }
        Ok(None) => held_up(&account, config, |why| connection.hang_up(why)),
        Ok(Some(until)) => {
            connection.begin_goaway();
            select! {
                ended = timeout_at(until, connection.drive()) => {
                    (ended.unwrap_or_else(|_| Err(in_flight(grace))), until)
                }
                () = left(permit) => (Err(gave_way()), Instant::now()),
                () = account.has_to_end() => {
                    held_up(&account, config, |why| connection.hang_up(why))
                }
                never = ends.tell_calls(until) => match never {},
            }
        }
    };
    if let Some(flood) = connection.flood() {
        floods.note(address, flood);
    }
    select! {
        _ = timeout_at(until, connection.close()) => {}
        () = left(permit) => {}
    }
    late_calls.fetch_add(connection.late(), Ordering::Relaxed);
    ended
}
