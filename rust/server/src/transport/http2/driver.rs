//! Drives one connection: reads, has calls answered, writes.

use std::future::{poll_fn, Future};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{sleep, Instant, Sleep};
use venice_http2::{Connection, Ending, ErrorCode, Event, Protocol, Turn};

use crate::memory::account::Account;
use crate::runtime::busy_poll;
use crate::transport::ending::{Stall, MAX_FORGOTTEN};
use crate::transport::flood::Flood;
use crate::transport::handler::Handler;
use crate::transport::http2::calls::Calls;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::input::Input;
use crate::transport::http2::output::Output;
use crate::transport::instruments::{self, Ended};
use crate::transport::opening::Opening;
use crate::transport::socket::Socket;

/// How long a body may take behind its fields before its call is begun without it: clients send both at once, and
/// networks cut them apart.
const SOON: Duration = Duration::from_millis(10);

/// How long calls are taken after the client has answered the PING behind GOAWAY: until those who make
/// calls have heard of it.
const FAREWELL_PAUSE: Duration = Duration::from_millis(100);

/// What the server asks to see whether the client lives.
const ALIVE: [u8; 8] = *b"alive?\0\0";

/// A connection on which HTTP/2 is spoken.
pub(crate) struct Http2Connection<H: Handler, C> {
    socket: Socket,
    connection: Connection<Fields>,
    protocol: Arc<Protocol<Fields>>,
    /// Called for each call that begins.
    called: C,
    calls: Calls<H>,
    account: Account,
    input: Input,
    output: Output,
    begun: Instant,
    /// Calls that are not over, for who looks whether it is idle.
    open: Arc<AtomicUsize>,
    sent: u64,
    unflushed: bool,
    /// The last read left some of its room.
    drained: bool,
    stall: Stall,
    alive: Alive,
    farewell: Option<Pin<Box<Sleep>>>,
    /// Bodies that come soon.
    soon: Soon,
    /// Why the client is hung up on, if it is not for its frames.
    flood: Option<Flood>,
}

/// Waits for bodies that come soon.
#[derive(Default)]
struct Soon {
    timer: Option<Pin<Box<Sleep>>>,
    runs: bool,
}

impl Soon {
    /// Begins to wait, unless it does already; ready when the time is over.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(SOON)));
        if !self.runs {
            timer.as_mut().reset(Instant::now() + SOON);
            self.runs = true;
        }
        ready!(timer.as_mut().poll(context));
        self.runs = false;
        Poll::Ready(())
    }
}

/// Finds out whether a client that says nothing is still there.
struct Alive {
    interval: Duration,
    patience: Duration,
    heard: Instant,
    asked: bool,
    timer: Pin<Box<Sleep>>,
}

impl Alive {
    fn new(interval: Duration, patience: Duration) -> Alive {
        Alive {
            interval,
            patience,
            heard: Instant::now(),
            asked: false,
            timer: Box::pin(sleep(interval)),
        }
    }

    /// Whether the client has to be asked now. Fails if it did not answer.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            let wait = if self.asked {
                self.patience
            } else {
                self.interval
            };
            let until = self.heard + wait;
            if Instant::now() < until {
                self.timer.as_mut().reset(until);
                continue;
            }
            if self.asked {
                instruments::ended(Ended::KeepAlive);
                let text = "the client did not answer a PING in time";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)));
            }
            self.asked = true;
            self.heard = Instant::now();
            self.timer.as_mut().reset(self.heard + self.patience);
            return Poll::Ready(Ok(()));
        }
    }

    fn hear(&mut self) {
        self.heard = Instant::now();
        self.asked = false;
    }
}

impl<H: Handler, C: Fn()> Http2Connection<H, C> {
    /// A connection whose first bytes came already.
    pub(crate) fn new(
        opening: Opening,
        protocol: &Arc<Protocol<Fields>>,
        handler: Arc<H>,
        called: C,
        account: &Account,
        keep_alive: (Duration, Duration),
    ) -> Http2Connection<H, C> {
        let Opening { socket, start } = opening;
        let mut connection = Connection::new(protocol);
        Input::lend(&mut connection);
        connection.room()[..start.len()].copy_from_slice(&start);
        connection.received(start.len());
        let (interval, patience) = keep_alive;
        Http2Connection {
            socket,
            connection,
            protocol: Arc::clone(protocol),
            calls: Calls::new(handler),
            called,
            account: account.clone(),
            input: Input::new(account),
            output: Output::new(account),
            begun: Instant::now(),
            open: Arc::default(),
            sent: 0,
            unflushed: false,
            drained: false,
            stall: Stall::new(interval + patience),
            alive: Alive::new(interval, patience),
            farewell: None,
            soon: Soon::default(),
            flood: None,
        }
    }

    /// How many calls are not over, at any time.
    pub(crate) fn open_calls(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.open)
    }

    /// Tells the client to make no new calls.
    pub(crate) fn begin_goaway(&mut self) {
        self.connection.begin_goaway();
    }

    /// Hangs up. Whether the client takes what is sent, so that it hears why.
    pub(crate) fn hang_up(&mut self, why: Flood) -> bool {
        let takes = self.connection.out().is_empty();
        self.connection
            .end(ErrorCode::ENHANCE_YOUR_CALM, &why.to_string());
        self.flood = Some(why);
        takes
    }

    /// Why the client was hung up on.
    pub(crate) fn flood(&self) -> Option<Flood> {
        if self.flood.is_some() {
            return self.flood;
        }
        match self.connection.ending()? {
            Ending::FLOOD_OF_FRAMES => Some(Flood::Control),
            Ending::FLOOD_OF_RESETS => Some(Flood::Resets),
            ending => (ending.code == ErrorCode::ENHANCE_YOUR_CALM).then_some(Flood::Http2),
        }
    }

    /// Calls that came after the last GOAWAY.
    pub(crate) fn late(&self) -> u64 {
        self.connection.late()
    }

    /// Answers calls until the connection is over: the client left, or it broke a rule, or was told to go and
    /// has all its answers.
    pub(crate) async fn drive(&mut self) -> io::Result<()> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(asked) = self.alive.poll(context) {
            asked?;
            self.connection.ping(ALIVE);
            // Has the timer wake this task again.
            let _ = self.alive.poll(context)?;
        }
        if let Some(pause) = &mut self.farewell {
            if pause.as_mut().poll(context).is_ready() {
                self.farewell = None;
                self.connection.say_last();
            }
        }
        let mut answers = self.connection.answers();
        self.calls.poll(context, &mut self.output, &mut answers);
        if self.soon.runs {
            self.poll_soon(context);
        }
        let mut has_read = false;
        loop {
            // One at a time: others have their turn.
            if self.connection.has_more() {
                self.turn();
            }
            self.open.store(self.connection.open(), Ordering::Relaxed);
            let written = self.poll_write(context)?;
            if written.is_pending() {
                if let Poll::Ready(error) = self.stall.poll(context, self.sent) {
                    return Poll::Ready(Err(error));
                }
            }
            if self.is_over() {
                return written.map(|()| self.ended());
            }
            let has_more = self.connection.has_more();
            // What waits goes first, and who reads nothing is not read either.
            let waiting = self.connection.out().len();
            if written.is_pending() && (has_more || waiting >= self.output.room()) {
                self.input.rest(&mut self.connection);
                return Poll::Pending;
            }
            // What was read last left room, so nothing more is here: finding that out gives the memory back. But
            // a body that comes soon is often here a moment later, and then needs no timer; and the last words
            // have one that runs from the next turn on.
            let is_waiting = self.connection.is_waiting() || self.farewell.is_some();
            let finds_nothing = self.drained && !is_waiting;
            if has_more || has_read && !finds_nothing {
                Input::pause(&mut self.connection);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.poll_read(context)? {
                Poll::Ready(0) => return Poll::Ready(Ok(())),
                Poll::Ready(_) if has_read => {
                    Input::pause(&mut self.connection);
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(_) => has_read = true,
                Poll::Pending => {
                    // Nothing is here: only now a timer is worth its while.
                    self.poll_soon(context);
                    return Poll::Pending;
                }
            }
        }
    }

    /// Whether nothing is left but to write.
    fn is_over(&self) -> bool {
        let leaves = self.connection.peer_leaves() && self.connection.open() == 0;
        leaves || self.connection.is_over()
    }

    /// Reads what came; 0 bytes are the end.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Poll::Ready(most) = self.input.poll_room(context, &self.connection) else {
            self.input.rest(&mut self.connection);
            return Poll::Pending;
        };
        Input::lend(&mut self.connection);
        let room = self.connection.room();
        let all = room.len().min(most);
        let mut room = ReadBuf::new(&mut room[..all]);
        let Poll::Ready(read) = Pin::new(&mut self.socket).poll_read(context, &mut room) else {
            self.input.rest(&mut self.connection);
            return Poll::Pending;
        };
        read?;
        let came = room.filled().len();
        self.drained = came < all;
        if !self.drained {
            self.input.note_full();
        }
        self.connection.received(came);
        self.input.note_came(came);
        if came > 0 {
            busy_poll::note_activity();
            self.alive.hear();
        }
        Poll::Ready(Ok(came))
    }

    /// Waits for bodies that come soon, and no longer.
    fn poll_soon(&mut self, context: &mut Context<'_>) {
        if !self.connection.is_waiting() {
            self.soon.runs = false;
        } else if self.soon.poll(context).is_ready() {
            self.connection.stop_waiting();
            // What it makes of that is for a turn.
            context.waker().wake_by_ref();
        }
    }

    /// How the connection ended, once all is written.
    fn ended(&self) -> io::Result<()> {
        match self.connection.ending() {
            Some(ending) if ending.code != ErrorCode::NO_ERROR => {
                Err(io::Error::new(io::ErrorKind::InvalidData, ending.reason))
            }
            _ => Ok(()),
        }
    }

    /// Answers what came, as far as a turn goes.
    fn turn(&mut self) {
        self.output.begin(&mut self.connection.answers());
        let output = &mut self.output;
        let Turn {
            calls,
            events,
            bodies,
            mut answers,
        } = self.connection.turn(self.begun.elapsed());
        let vocabulary = self.protocol.vocabulary();
        for calls in calls.chunks(H::PREPARED) {
            let mut prepared = H::Prepared::default();
            self.calls.prepare(calls, bodies, vocabulary, &mut prepared);
            for (number, call) in calls.iter().enumerate() {
                (self.called)();
                let prepared = (&prepared, number);
                self.calls
                    .whole(call, prepared, bodies, vocabulary, output, &mut answers);
            }
        }
        for event in events {
            match *event {
                Event::Opened(call) => {
                    (self.called)();
                    let path = bodies.path_of(&call);
                    self.calls
                        .open(call, path, vocabulary, output, &mut answers);
                }
                Event::Data(stream) => self.calls.received(stream, false, &mut answers),
                Event::Ended(stream) => self.calls.received(stream, true, &mut answers),
                Event::Reset(stream, _) => self.calls.reset(stream),
                Event::GoAwayHeard => self.farewell = Some(Box::pin(sleep(FAREWELL_PAUSE))),
                // Nothing is wanted whole, so nothing is large.
                Event::Large(_) | Event::Pong(_) => {}
            }
        }
    }

    /// Writes all that waits and that windows allow.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut answers = self.connection.answers();
            self.calls.send(&mut self.output, &mut answers);
            let out = self.connection.out();
            if out.is_empty() {
                break;
            }
            let Poll::Ready(wrote) = Pin::new(&mut self.socket).poll_write(context, out) else {
                self.output.wait(&mut self.connection);
                return Poll::Pending;
            };
            let wrote = wrote?;
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.connection.sent(wrote);
            self.sent += wrote as u64;
            self.account.taken(wrote);
            self.unflushed = true;
        }
        self.output.end(&mut self.connection);
        if self.unflushed {
            ready!(Pin::new(&mut self.socket).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what is left, shuts the sending side, and reads on until the client closes: a socket that is
    /// closed while the client sends answers with a reset, and what the client has not read is lost.
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.input.end(&mut self.connection);
        poll_fn(|context| {
            ready!(self.poll_write(context))?;
            Pin::new(&mut self.socket).poll_shutdown(context)
        })
        .await?;
        let mut forgotten = 0;
        while forgotten < MAX_FORGOTTEN {
            let more = poll_fn(|context| {
                let mut bytes = [0; 16 * 1024];
                let mut bytes = ReadBuf::new(&mut bytes);
                ready!(Pin::new(self.socket.tcp()).poll_read(context, &mut bytes))?;
                Poll::Ready(io::Result::Ok(bytes.filled().len()))
            });
            match more.await? {
                0 => break,
                more => forgotten += more,
            }
        }
        Ok(())
    }
}
