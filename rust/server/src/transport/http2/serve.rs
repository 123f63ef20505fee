//! A connection with our own HTTP/2, from its first call to its end.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Poll;

use tokio::select;
use tokio::time::{timeout_at, Instant};
use venice_http2::Protocol;

use crate::config::Config;
use crate::memory::account::Account;
use crate::runtime::rarely::Rarely;
use crate::transport::connection_age::{Calls, ConnectionAge};
use crate::transport::connection_limit::ConnectionPermit;
use crate::transport::ending::{
    gave_way, has_to_go, held_up, in_flight, left, time_to_close, Ends,
};
use crate::transport::floods::Floods;
use crate::transport::handler::Handler;
use crate::transport::http2::driver::Http2Connection;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::gathering::{Gathered, Gathering};
use crate::transport::http2::turn::Called;
use crate::transport::opening::Opening;

/// A connection on which HTTP/2 has begun.
pub(crate) struct Begun {
    pub(crate) opening: Opening,
    pub(crate) address: SocketAddr,
    pub(crate) permit: Arc<ConnectionPermit>,
    pub(crate) account: Account,
    pub(crate) ends: Ends,
}

/// Serves a connection to its end, as [`crate::transport::connection::serve`] says.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub(crate) async fn serve<H: Handler>(
    connection: Begun,
    config: &Config,
    floods: &Floods,
    late_calls: &AtomicU64,
    protocol: &Arc<Protocol<Fields>>,
    gathering: &Arc<Gathering<H>>,
    handler: H,
) -> io::Result<()> {
    let Begun {
        opening,
        address,
        permit: counted,
        account,
        mut ends,
    } = connection;
    let permit = &*counted;
    let calls = Arc::<Calls>::default();
    let lifetime = ConnectionAge::new(config.max_idle, config.max_age, Instant::now());
    let connection = Http2Connection::new(
        opening,
        protocol,
        Arc::new(handler),
        Called {
            calls: Arc::clone(&calls),
            permit: Arc::clone(&counted),
        },
        &account,
        (config.keep_alive, config.keep_alive_timeout),
    );
    let open = connection.open_calls();
    let connection = Gathered::new(connection, gathering);
    let busy = || open.load(Ordering::Relaxed) > 0;
    let expired = lifetime.expired(&calls, busy);
    let grace = config.max_age_grace;
    let begun = {
        // Each comes once at most, and the connection's turns are many.
        let ends = pin!(async {
            select! {
                () = account.has_to_end() => None,
                until = has_to_go(&mut ends.drain, expired, permit, address, grace) => Some(until),
            }
        });
        let mut ends = Rarely::new(ends);
        poll_fn(|context| match connection.poll(context) {
            Poll::Ready(ended) => Poll::Ready(Err(ended)),
            Poll::Pending => ends.poll(context).map(Ok),
        })
        .await
    };
    let hang_up = |why| connection.lock().hang_up(why);
    let drive = || poll_fn(|context| connection.poll(context));
    let (ended, until) = match begun {
        Err(ended) => {
            let closing = time_to_close(&ended);
            (ended, Instant::now() + closing)
        }
        Ok(None) => held_up(&account, config, hang_up),
        Ok(Some(until)) => {
            connection.lock().begin_goaway();
            select! {
                ended = timeout_at(until, drive()) => {
                    (ended.unwrap_or_else(|_| Err(in_flight(grace))), until)
                }
                () = left(permit) => (Err(gave_way()), Instant::now()),
                () = account.has_to_end() => held_up(&account, config, hang_up),
                never = ends.tell_calls(until) => match never {},
            }
        }
    };
    let flood = connection.lock().flood();
    if let Some(flood) = flood {
        floods.note(address, flood);
    }
    let close = poll_fn(|context| connection.lock().poll_close(context));
    select! {
        _ = timeout_at(until, close) => {}
        () = left(permit) => {}
    }
    late_calls.fetch_add(connection.lock().late(), Ordering::Relaxed);
    ended
}
