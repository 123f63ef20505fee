//! Drives one connection: reads, has calls answered, writes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{sleep, Instant, Sleep};
use venice_http2::{Connection, Ending, ErrorCode, Protocol};

use crate::memory::account::Account;
use crate::runtime::rarely::Rarely;
use crate::runtime::{busy_poll, company};
use crate::transport::ending::{Stall, MAX_FORGOTTEN};
use crate::transport::flood::Flood;
use crate::transport::handler::Handler;
use crate::transport::http2::calls::Calls;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::input::Input;
use crate::transport::http2::output::Output;
use crate::transport::http2::turn::{self, Called, OpenTurn};
use crate::transport::instruments::{self, Ended};
use crate::transport::opening::Opening;
use crate::transport::socket::Socket;

/// How long a body may take behind its fields before its call is begun without it: clients send both at once, and
/// networks cut them apart.
const SOON: Duration = Duration::from_millis(10);

/// What the server asks to see whether the client lives.
const ALIVE: [u8; 8] = *b"alive?\0\0";

/// A connection that read no more has a few small calls: it may be answered together with others.
const FEW_BYTES: usize = 512;

/// What a connection writes before others have their turn: a system call copies it in some 50 microseconds.
const WRITTEN_BYTES: u64 = 256 * 1024;

/// How far a connection went.
pub(super) enum Went {
    /// It waits for something, or is over.
    Rests(Poll<io::Result<()>>),
    /// It has read so many bytes, and waits to be answered together with others.
    HandsIn { bytes: usize },
}

/// A connection on which HTTP/2 is spoken.
pub(crate) struct Http2Connection<H: Handler> {
    socket: Socket,
    connection: Connection<Fields>,
    protocol: Arc<Protocol<Fields>>,
    called: Called,
    calls: Calls<H>,
    account: Account,
    input: Input,
    output: Output,
    begun: Instant,
    /// Calls that are not over, for who looks whether it is idle.
    open: Arc<AtomicUsize>,
    sent: u64,
    unflushed: bool,
    /// It has written what it may before others have their turn, and goes on behind them.
    pauses: bool,
    /// The last read left some of its room.
    drained: bool,
    stall: Stall,
    alive: Alive,
    farewell: Option<Pin<Box<Sleep>>>,
    /// Bodies that come soon.
    soon: Soon,
    /// Why the client is hung up on, if it is not for its frames.
    flood: Option<Flood>,
    /// Others came when it read last.
    in_company: bool,
    /// It waits to be answered together with others.
    handed_in: bool,
    /// It is among those that do, or was when it went on by itself.
    is_member: bool,
    /// It was to be answered together with others, and is left to its own task.
    put_off: bool,
    /// How it ended behind others.
    over: Option<io::Result<()>>,
    /// How far [`Http2Connection::poll_close`] is: nothing more is sent, and so much was forgotten.
    is_shut: bool,
    forgotten: usize,
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
    timer: Rarely<Pin<Box<Sleep>>>,
}

impl Alive {
    fn new(interval: Duration, patience: Duration) -> Alive {
        Alive {
            interval,
            patience,
            heard: Instant::now(),
            asked: false,
            timer: Rarely::new(Box::pin(sleep(interval))),
        }
    }

    /// Whether the client has to be asked now. Fails if it did not answer.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.timer.poll(context));
            let wait = if self.asked {
                self.patience
            } else {
                self.interval
            };
            let until = self.heard + wait;
            if Instant::now() < until {
                self.timer.change().as_mut().reset(until);
                continue;
            }
            if self.asked {
                instruments::ended(Ended::KeepAlive);
                let text = "the client did not answer a PING in time";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)));
            }
            self.asked = true;
            self.heard = Instant::now();
            let until = self.heard + self.patience;
            self.timer.change().as_mut().reset(until);
            return Poll::Ready(Ok(()));
        }
    }

    fn hear(&mut self) {
        self.heard = Instant::now();
        self.asked = false;
    }
}

impl<H: Handler> Http2Connection<H> {
    /// A connection whose first bytes came already.
    pub(crate) fn new(
        opening: Opening,
        protocol: &Arc<Protocol<Fields>>,
        handler: Arc<H>,
        called: Called,
        account: &Account,
        keep_alive: (Duration, Duration),
    ) -> Http2Connection<H> {
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
            pauses: false,
            drained: false,
            stall: Stall::new(interval + patience),
            alive: Alive::new(interval, patience),
            farewell: None,
            soon: Soon::default(),
            flood: None,
            in_company: false,
            handed_in: false,
            is_member: false,
            put_off: false,
            over: None,
            is_shut: false,
            forgotten: 0,
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
        let takes = self.has_all_written();
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

    /// Answers calls until the connection is over, or hands itself in if it `may`.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, may_hand_in: bool) -> Went {
        // Something woke it before the others were there.
        self.handed_in = false;
        let may_hand_in = may_hand_in && !self.is_member;
        match self.poll_all(context, may_hand_in) {
            Ok(went) => went,
            Err(error) => Went::Rests(Poll::Ready(Err(error))),
        }
    }

    fn poll_all(&mut self, context: &mut Context<'_>, may_hand_in: bool) -> io::Result<Went> {
        if let Some(over) = self.over.take() {
            return Ok(Went::Rests(Poll::Ready(over)));
        }
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
        self.go_on(context, false, may_hand_in)
    }

    /// Goes on where it handed itself in; by now it is answered, unless it was alone.
    pub(super) fn go_on_behind_others(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.is_member = false;
        if std::mem::take(&mut self.put_off) {
            context.waker().wake_by_ref();
        }
        if !std::mem::take(&mut self.handed_in) {
            // It went on by itself.
            return Poll::Pending;
        }
        match self.go_on(context, true, false)? {
            Went::Rests(poll) => poll,
            Went::HandsIn { .. } => Poll::Pending,
        }
    }

    /// Leaves it to its own task, behind others that are ready: those that it came with have enough to be answered.
    pub(super) fn put_off(&mut self) {
        (self.handed_in, self.put_off) = (false, true);
    }

    /// Notes how it ended behind others.
    pub(super) fn is_over_with(&mut self, over: io::Result<()>) {
        self.over = Some(over);
    }

    /// How it ended behind others.
    pub(super) fn take_over(&mut self) -> Option<io::Result<()>> {
        self.over.take()
    }

    /// Whether it waits to be answered together with others.
    pub(super) fn is_handed_in(&self) -> bool {
        self.handed_in
    }

    fn go_on(
        &mut self,
        context: &mut Context<'_>,
        mut has_read: bool,
        may_hand_in: bool,
    ) -> io::Result<Went> {
        let rests = |poll| Ok(Went::Rests(poll));
        loop {
            // One at a time: others have their turn.
            if self.connection.has_more() {
                if may_hand_in && has_read && self.in_company && self.drained {
                    let bytes = self.connection.unread();
                    if bytes <= FEW_BYTES {
                        Input::pause(&mut self.connection);
                        (self.handed_in, self.is_member) = (true, true);
                        return Ok(Went::HandsIn { bytes });
                    }
                }
                let now = if has_read {
                    self.alive.heard
                } else {
                    Instant::now()
                };
                turn::answer(&mut [self.begin_turn(now)]);
            }
            self.open.store(self.connection.open(), Ordering::Relaxed);
            let written = self.poll_write(context);
            if let Poll::Ready(Err(error)) = written {
                return Err(error);
            }
            if written.is_pending() {
                if let Poll::Ready(error) = self.stall.poll(context, self.sent) {
                    return Err(error);
                }
            }
            if self.is_over() {
                return rests(written.map(|_| self.ended()));
            }
            if self.calls.wants_a_look() {
                context.waker().wake_by_ref();
            }
            let has_more = self.connection.has_more();
            // What waits goes first, and who reads nothing is not read either.
            let is_full =
                !self.output.pieces.is_empty() || self.connection.out().len() >= self.output.room();
            if self.pauses || written.is_pending() && (has_more || is_full) {
                self.input.rest(&mut self.connection);
                return rests(Poll::Pending);
            }
            // What was read last left room, so nothing more is here: finding that out gives the memory back. But
            // a body that comes soon is often here a moment later, and then needs no timer; and the last words
            // have one that runs from the next turn on.
            let is_waiting = self.connection.is_waiting() || self.farewell.is_some();
            let finds_nothing = self.drained && !is_waiting;
            if has_more || has_read && !finds_nothing {
                Input::pause(&mut self.connection);
                context.waker().wake_by_ref();
                return rests(Poll::Pending);
            }
            match self.poll_read(context)? {
                Poll::Ready(0) => return rests(Poll::Ready(Ok(()))),
                Poll::Ready(_) if has_read => {
                    Input::pause(&mut self.connection);
                    context.waker().wake_by_ref();
                    return rests(Poll::Pending);
                }
                Poll::Ready(_) => has_read = true,
                Poll::Pending => {
                    // Nothing is here: only now a timer is worth its while.
                    self.poll_soon(context);
                    return rests(Poll::Pending);
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
    fn poll_read(&mut self, context: &mut Context<'_>) -> io::Result<Poll<usize>> {
        let Poll::Ready(most) = self.input.poll_room(context, &self.connection) else {
            self.input.rest(&mut self.connection);
            return Ok(Poll::Pending);
        };
        Input::lend(&mut self.connection);
        let room = self.connection.room();
        let all = room.len().min(most);
        let mut room = ReadBuf::new(&mut room[..all]);
        let Poll::Ready(read) = Pin::new(&mut self.socket).poll_read(context, &mut room) else {
            self.input.rest(&mut self.connection);
            return Ok(Poll::Pending);
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
            self.in_company = company::comes();
            self.alive.hear();
        }
        Ok(Poll::Ready(came))
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

    /// What came, as far as a turn goes.
    #[inline]
    pub(super) fn begin_turn(&mut self, now: Instant) -> OpenTurn<'_, H> {
        self.output.begin(&mut self.connection.answers());
        OpenTurn {
            turn: self.connection.turn(now.duration_since(self.begun)),
            calls: &mut self.calls,
            output: &mut self.output,
            vocabulary: self.protocol.vocabulary(),
            called: &self.called,
            farewell: &mut self.farewell,
        }
    }

    /// Writes what waits and what windows allow, up to the bytes of a turn: others have theirs.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let begun = self.sent;
        self.pauses = false;
        loop {
            let mut answers = self.connection.answers();
            self.calls.send(&mut self.output, &mut answers);
            let (out, pieces) = (self.connection.out(), &self.output.pieces);
            if out.is_empty() && pieces.is_empty() {
                break;
            }
            let socket = Pin::new(&mut self.socket);
            let written = if pieces.is_empty() {
                socket.poll_write(context, out)
            } else {
                pieces.write(out, |slices| socket.poll_write_vectored(context, slices))
            };
            let Poll::Ready(wrote) = written else {
                self.output.wait(&mut self.connection);
                return Poll::Pending;
            };
            let wrote = wrote?;
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.connection.sent(self.output.pieces.wrote(wrote));
            self.sent += wrote as u64;
            self.account.taken(wrote);
            self.unflushed = true;
            self.pauses = self.sent - begun >= WRITTEN_BYTES
                && (self.calls.has_unsent() || !self.has_all_written());
            if self.pauses {
                context.waker().wake_by_ref();
                self.output.wait(&mut self.connection);
                return Poll::Pending;
            }
        }
        self.output.end(&mut self.connection);
        if self.unflushed {
            ready!(Pin::new(&mut self.socket).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Whether nothing waits that could be written.
    fn has_all_written(&mut self) -> bool {
        self.connection.out().is_empty() && self.output.pieces.is_empty()
    }

    /// Sends what is left, shuts the sending side, and reads on until the client closes: a socket that is
    /// closed while the client sends answers with a reset, and what the client has not read is lost.
    pub(crate) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            self.input.end(&mut self.connection);
            ready!(self.poll_write(context))?;
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.is_shut = true;
        }
        while self.forgotten < MAX_FORGOTTEN {
            let mut bytes = [0; 16 * 1024];
            let mut bytes = ReadBuf::new(&mut bytes);
            ready!(Pin::new(self.socket.tcp()).poll_read(context, &mut bytes))?;
            match bytes.filled().len() {
                0 => break,
                more => self.forgotten += more,
            }
        }
        Poll::Ready(Ok(()))
    }
}
