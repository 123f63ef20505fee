//! The loop that sends, receives and measures.
//!
//! One thread, no runtime, HTTP/2 without I/O ([`crate::http2`]): whoever measures takes less of a core for a request than
//! any server takes of another.
//!
//! Open loop ([`Pace::Rate`]): requests have times at which they are due, whatever the server does, and latency counts
//! from there. A server that stalls for 100 ms so has all the late requests of that time on its account (no coordinated
//! omission). The thread spins: no wake-up of its own is in the figures. Closed loop ([`Pace::Saturation`]): so many
//! requests are always in flight, for the rate that the server can take.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token};

use rustls::pki_types::ServerName;
use rustls::ClientConfig;

use crate::echo::EchoConnection;
use crate::error::LoadError;
use crate::histogram;
use crate::http2::{Answer, Connection, Requests};
use crate::process::Usage;
use crate::socket::Socket;

/// A server that has not answered so long after the last request was due is given up.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Calls that an open loop has in flight on a connection at most; more wait, on the server's account.
const OPEN_STREAMS: usize = 256;
/// Events taken from the kernel at a time.
const EVENTS: usize = 64;

/// The connections of a slice, whatever they speak.
enum Wire {
    Http2(Box<Connection>),
    Echo(EchoConnection),
}

impl Wire {
    fn has_room(&self, most: usize) -> bool {
        match self {
            Wire::Http2(connection) => connection.has_room(most),
            Wire::Echo(echo) => echo.in_flight() < most,
        }
    }

    fn in_flight(&self) -> usize {
        match self {
            Wire::Http2(connection) => connection.in_flight(),
            Wire::Echo(echo) => echo.in_flight(),
        }
    }

    /// False if the server takes no call now.
    fn call(&mut self, token: u64, message: &[u8]) -> Result<bool, LoadError> {
        match self {
            Wire::Http2(connection) => connection.call(token, message),
            Wire::Echo(echo) => {
                echo.call(token);
                Ok(true)
            }
        }
    }

    fn flush(&mut self) -> Result<(), LoadError> {
        match self {
            Wire::Http2(connection) => connection.flush(),
            Wire::Echo(echo) => echo.flush(),
        }
    }

    fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        match self {
            Wire::Http2(connection) => connection.receive(answers),
            Wire::Echo(echo) => echo.receive(answers),
        }
    }

    /// Whether the next calls go on another connection.
    fn is_over(&self) -> bool {
        match self {
            Wire::Http2(connection) => connection.is_over(),
            Wire::Echo(_) => false,
        }
    }

    /// Calls that the server did not begin, to be made again.
    fn refused(&mut self) -> Vec<u64> {
        match self {
            Wire::Http2(connection) => connection.refused(),
            Wire::Echo(_) => Vec::new(),
        }
    }

    fn recycle(&mut self, body: Vec<u8>) {
        if let Wire::Http2(connection) = self {
            connection.recycle(body);
        }
    }

    fn socket(&mut self) -> &mut Socket {
        match self {
            Wire::Http2(connection) => &mut connection.socket,
            Wire::Echo(echo) => &mut echo.socket,
        }
    }
}

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Requests a second, due at even times.
    Rate(f64),
    /// One after the other on each stream.
    Saturation,
}

/// What is spoken.
pub enum Speaks {
    /// HTTP/2, with such requests.
    Http2(Requests),
    /// The canary's 64 bytes ([`crate::echo`]).
    Echo,
}

/// A load.
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// TLS, and the name that the server's certificate has.
    pub tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// What is spoken.
    pub speaks: Speaks,
    /// How requests follow each other.
    pub pace: Pace,
    /// Connections, at least 1.
    pub connections: usize,
    /// Requests in flight on a connection, at most, at [`Pace::Saturation`].
    pub streams: usize,
    /// Time before what is measured.
    pub warm_up: Duration,
    /// Time that is measured.
    pub measured: Duration,
    /// The server's process, for its processor time and memory.
    pub pid: Option<u32>,
}

/// What was measured.
pub struct Measured {
    /// Requests that were sent, those of the warm-up too.
    pub sent: u64,
    /// Requests that count, and were answered.
    pub answered: u64,
    /// From the end of the warm-up to the last answer that counts.
    pub seconds: f64,
    /// From when requests were due, or sent, to their answers, in nanoseconds.
    pub latencies: Histogram<u64>,
    /// What the server's process had used before and after.
    pub usage: [Usage; 2],
}

/// Sends `messages`, each with gRPC's prefix, in turn, and hands each answer to `check`, whose error ends it.
/// [`Answer::token`] modulo the number of messages says which it answers. Without messages, requests have none.
pub fn run<C>(plan: &Plan, messages: &[&[u8]], check: C) -> Result<Measured, LoadError>
where
    C: FnMut(&Answer) -> Result<(), LoadError>,
{
    let mut run = Run::new(plan, messages, check)?;
    match plan.pace {
        Pace::Rate(rate) => run.open_loop(rate)?,
        Pace::Saturation => run.closed_loop()?,
    }
    let seconds = run.ended.saturating_sub(run.measured_from) as f64 / 1e9;
    Ok(Measured {
        sent: run.sent,
        answered: run.answered,
        seconds,
        latencies: run.latencies,
        usage: run.usage,
    })
}

/// A new connection, which the poll tells of by its index.
fn connect(plan: &Plan, poll: &Poll, index: usize) -> Result<Wire, LoadError> {
    let socket = Socket::connect(plan.address, plan.tls.as_ref())?;
    let mut wire = match &plan.speaks {
        Speaks::Echo => Wire::Echo(EchoConnection::new(socket)),
        Speaks::Http2(requests) => Wire::Http2(Box::new(Connection::new(socket, requests))),
    };
    let interest = Interest::READABLE | Interest::WRITABLE;
    let registry = poll.registry();
    registry
        .register(&mut wire.socket().stream, Token(index), interest)
        .map_err(LoadError::io("epoll"))?;
    wire.flush()?;
    Ok(wire)
}

struct Run<'a, C> {
    plan: &'a Plan,
    messages: &'a [&'a [u8]],
    check: C,
    poll: Poll,
    events: Events,
    wires: Vec<Wire>,
    /// Requests that a server did not begin.
    again: VecDeque<u64>,
    begin: Instant,
    /// Sent so far, which also numbers the next.
    sent: u64,
    /// For each request in flight: when it was due, in nanoseconds since the beginning.
    due: VecDeque<u64>,
    /// The number of the first of `due`.
    first_due: u64,
    latencies: Histogram<u64>,
    measured_from: u64,
    answered: u64,
    /// When the last measured answer came.
    ended: u64,
    usage: [Usage; 2],
}

impl<'a, C> Run<'a, C>
where
    C: FnMut(&Answer) -> Result<(), LoadError>,
{
    fn new(plan: &'a Plan, messages: &'a [&'a [u8]], check: C) -> Result<Self, LoadError> {
        let poll = Poll::new().map_err(LoadError::io("epoll"))?;
        let wires = (0..plan.connections).map(|index| connect(plan, &poll, index));
        let wires = wires.collect::<Result<Vec<Wire>, LoadError>>()?;
        Ok(Run {
            plan,
            messages,
            check,
            poll,
            events: Events::with_capacity(EVENTS),
            wires,
            again: VecDeque::new(),
            begin: Instant::now(),
            sent: 0,
            due: VecDeque::new(),
            first_due: 0,
            latencies: histogram::new(),
            measured_from: plan.warm_up.as_nanos() as u64,
            answered: 0,
            ended: 0,
            usage: [Usage::default(); 2],
        })
    }

    fn now(&self) -> u64 {
        self.begin.elapsed().as_nanos() as u64
    }

    fn usage_now(&self) -> Usage {
        self.plan.pid.map(Usage::of).unwrap_or_default()
    }

    fn message(&self, token: u64) -> &'a [u8] {
        match self.messages.len() as u64 {
            0 => &[],
            count => self.messages[(token % count) as usize],
        }
    }

    /// Sends the next request, unless the server takes none now.
    fn send(&mut self, wire: usize, due: u64) -> Result<(), LoadError> {
        let message = self.message(self.sent);
        if self.wires[wire].call(self.sent, message)? {
            self.due.push_back(due);
            self.sent += 1;
        }
        Ok(())
    }

    /// Sends what servers did not begin, as far as they take it now.
    fn send_again(&mut self) -> Result<(), LoadError> {
        while let Some(&token) = self.again.front() {
            let has_room = |wire: &Wire| wire.has_room(usize::MAX);
            let Some(free) = self.wires.iter().position(has_room) else {
                return Ok(());
            };
            let message = self.message(token);
            if self.wires[free].call(token, message)? {
                self.again.pop_front();
            }
        }
        Ok(())
    }

    /// Puts a new connection in the place of one that is over, whose server takes its next calls on another one.
    fn renew(&mut self, wire: usize) -> Result<(), LoadError> {
        self.wires[wire] = connect(self.plan, &self.poll, wire)?;
        if self.plan.pace == Pace::Saturation {
            for _ in 0..self.plan.streams {
                let now = self.now();
                self.send(wire, now)?;
            }
        }
        Ok(())
    }

    fn open_loop(&mut self, rate: f64) -> Result<(), LoadError> {
        let gap = 1e9 / rate;
        let end = self.measured_from + self.plan.measured.as_nanos() as u64;
        let total = (end as f64 / gap) as u64;
        let mut counting = false;
        let mut wire = 0;
        let mut full = false;
        loop {
            let now = self.now();
            if !counting && now >= self.measured_from {
                counting = true;
                self.usage[0] = self.usage_now();
            }
            // What is due, and one look at the network between bursts.
            for _ in 0..EVENTS {
                let due = (self.sent as f64 * gap) as u64;
                if self.sent == total || due > now {
                    break;
                }
                let wires = self.wires.len();
                let Some(free) = (0..wires)
                    .map(|step| (wire + step) % wires)
                    .find(|&index| self.wires[index].has_room(OPEN_STREAMS))
                else {
                    full = true;
                    break;
                };
                self.send(free, due)?;
                wire = (free + 1) % wires;
            }
            self.send_again()?;
            for wire in &mut self.wires {
                wire.flush()?;
            }
            // Spins, unless there is nothing to do but wait for answers.
            let wait = if full {
                Some(Duration::from_millis(1))
            } else {
                Some(Duration::ZERO)
            };
            full = false;
            self.receive(wait, |_, _| Ok(()))?;
            let is_idle = self.again.is_empty();
            if is_idle && self.sent == total && self.wires.iter().all(|wire| wire.in_flight() == 0)
            {
                break;
            }
            if now > end + GIVE_UP.as_nanos() as u64 {
                return Err(LoadError::Http2(format!(
                    "{} of {total} requests have no answer {GIVE_UP:?} after the last was due: the \
                     rate of {rate:.0} is more than the server takes",
                    total - self.answered
                )));
            }
        }
        self.usage[1] = self.usage_now();
        Ok(())
    }

    fn closed_loop(&mut self) -> Result<(), LoadError> {
        let streams = self.plan.streams;
        let end = self.measured_from + self.plan.measured.as_nanos() as u64;
        let mut counting = false;
        for wire in 0..self.wires.len() {
            for _ in 0..streams {
                let now = self.now();
                self.send(wire, now)?;
            }
        }
        loop {
            self.send_again()?;
            for wire in &mut self.wires {
                wire.flush()?;
            }
            self.receive(Some(Duration::from_millis(100)), |run, wire| {
                let now = run.now();
                let measured = now < end || run.answered == 0;
                if measured && run.wires[wire].has_room(streams) {
                    run.send(wire, now)?;
                }
                Ok(())
            })?;
            let now = self.now();
            if !counting && now >= self.measured_from {
                counting = true;
                self.usage[0] = self.usage_now();
            }
            // One answer at least, however slow: no answer is no rate.
            if now >= end && self.answered > 0 {
                break;
            }
            if now >= end + GIVE_UP.as_nanos() as u64 {
                return Err(LoadError::Http2(format!("no answer in {GIVE_UP:?}")));
            }
        }
        // Before the last answers come: they are few, and are in neither figure.
        self.usage[1] = self.usage_now();
        Ok(())
    }

    /// Takes the answers that are there, after waiting for some; `next` is called for each.
    fn receive(
        &mut self,
        wait: Option<Duration>,
        mut next: impl FnMut(&mut Self, usize) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        self.poll
            .poll(&mut events, wait)
            .map_err(LoadError::io("epoll"))?;
        let mut answers = Vec::new();
        for event in &events {
            let wire = event.token().0;
            if event.is_readable() {
                self.wires[wire].receive(&mut answers)?;
            }
            if event.is_writable() {
                self.wires[wire].flush()?;
            }
            for answer in answers.drain(..) {
                self.answered(&answer)?;
                self.wires[wire].recycle(answer.body);
                next(self, wire)?;
            }
            let refused = self.wires[wire].refused();
            self.again.extend(refused);
            if self.wires[wire].is_over() {
                self.renew(wire)?;
            }
        }
        self.events = events;
        Ok(())
    }

    fn answered(&mut self, answer: &Answer) -> Result<(), LoadError> {
        let now = self.now();
        let index = (answer.token - self.first_due) as usize;
        let due = self.due[index];
        // Answers come in about the order of the requests, so this stays short.
        self.due[index] = u64::MAX;
        while self.due.front() == Some(&u64::MAX) {
            self.due.pop_front();
            self.first_due += 1;
        }
        // Open: what was due in the measured time. Closed: what was answered in it.
        let counts_from = match self.plan.pace {
            Pace::Rate(_) => due,
            Pace::Saturation => now,
        };
        if counts_from >= self.measured_from {
            histogram::record(&mut self.latencies, now.saturating_sub(due));
            self.answered += 1;
            self.ended = now;
        }
        (self.check)(answer)
    }
}
