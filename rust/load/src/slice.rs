//! One slice of load: the loop that sends, receives and measures.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token};

use crate::answer;
use crate::arguments::{Call, Pace, Protocol, Slice};
use crate::echo::EchoConnection;
use crate::error::LoadError;
use crate::histogram;
use crate::http2::{Answer, Connection, HeaderBlocks};
use crate::requests::{self, Request};
use crate::socket::{self, Socket};
use venice_load::process::Usage;
use venice_load::store::Store;

/// Answers of each slice that are compared byte by byte.
const COMPARED: u64 = 64;
/// A server that has not answered so long after the last request was due is given up.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Calls that an open loop has in flight on a connection at most; more wait, on the server's account.
const OPEN_STREAMS: usize = 256;
/// Events taken from the kernel at a time.
const EVENTS: usize = 64;

/// The connections of a slice, whatever they speak.
enum Wire {
    Http2(Connection),
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

    fn call(&mut self, token: u64, message: &[u8]) {
        match self {
            Wire::Http2(connection) => connection.call(token, message),
            Wire::Echo(echo) => echo.call(token),
        }
    }

    fn flush(&mut self) -> Result<(), LoadError> {
        match self {
            Wire::Http2(connection) => connection.flush(),
            Wire::Echo(echo) => echo.socket.flush(),
        }
    }

    fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        match self {
            Wire::Http2(connection) => connection.receive(answers),
            Wire::Echo(echo) => echo.receive(answers),
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

/// Runs a slice and prints what it measured.
pub(crate) fn run(slice: &Slice) -> Result<(), LoadError> {
    let store = match slice.protocol {
        Protocol::Grpc => Some(
            Store::open(&slice.data, &slice.store, slice.value_bytes)
                .map_err(LoadError::io("--data"))?,
        ),
        Protocol::Http2 | Protocol::Echo => None,
    };
    let requests = match &store {
        Some(store) => requests::draw(slice, store),
        None => Vec::new(),
    };
    let mut run = Run::new(slice, store.as_ref(), &requests)?;
    match slice.pace {
        Pace::Rate(rate) => run.open_loop(rate)?,
        Pace::Saturation => run.closed_loop()?,
    }
    if let Some(file) = &slice.histogram {
        histogram::write(&run.latencies, file)?;
    }
    println!("{}", run.json());
    Ok(())
}

struct Run<'a> {
    slice: &'a Slice,
    store: Option<&'a Store>,
    requests: &'a [Request],
    poll: Poll,
    events: Events,
    wires: Vec<Wire>,
    begin: Instant,
    /// Sent so far, which also numbers the next.
    sent: u64,
    /// For each request in flight: when it was due, in nanoseconds since the beginning.
    due: VecDeque<u64>,
    /// The number of the first of `due`.
    first_due: u64,
    compared: u64,
    latencies: Histogram<u64>,
    measured_from: u64,
    answered: u64,
    /// When the last measured answer came.
    ended: u64,
    usage: [Usage; 2],
}

impl<'a> Run<'a> {
    fn new(
        slice: &'a Slice,
        store: Option<&'a Store>,
        requests: &'a [Request],
    ) -> Result<Run<'a>, LoadError> {
        let poll = Poll::new().map_err(LoadError::io("epoll"))?;
        let tls = slice.ca.as_deref().map(socket::tls_config).transpose()?;
        let authority = slice.address.to_string();
        let headers = match slice.protocol {
            Protocol::Http2 => HeaderBlocks::get(&slice.path, &authority),
            _ => {
                let path = match slice.call {
                    Call::Get => "/com.linkedin.venice.protocols.VeniceReadService/get",
                    Call::Batch => "/com.linkedin.venice.protocols.VeniceReadService/batchGet",
                    Call::Stream => {
                        "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet"
                    }
                };
                HeaderBlocks::grpc(path, &authority, tls.is_some())
            }
        };
        let mut wires = Vec::new();
        for index in 0..slice.connections {
            let socket = Socket::connect(slice.address, tls.as_ref())?;
            let mut wire = match slice.protocol {
                Protocol::Echo => Wire::Echo(EchoConnection::new(socket)),
                _ => Wire::Http2(Connection::new(socket, &headers)),
            };
            poll.registry()
                .register(
                    &mut wire.socket().stream,
                    Token(index),
                    Interest::READABLE | Interest::WRITABLE,
                )
                .map_err(LoadError::io("epoll"))?;
            wire.flush()?;
            wires.push(wire);
        }
        Ok(Run {
            slice,
            store,
            requests,
            poll,
            events: Events::with_capacity(EVENTS),
            wires,
            begin: Instant::now(),
            sent: 0,
            due: VecDeque::new(),
            first_due: 0,
            compared: 0,
            latencies: histogram::new(),
            measured_from: slice.warm_up.as_nanos() as u64,
            answered: 0,
            ended: 0,
            usage: [Usage::default(); 2],
        })
    }

    fn now(&self) -> u64 {
        self.begin.elapsed().as_nanos() as u64
    }

    fn usage_now(&self) -> Usage {
        self.slice.pid.map(Usage::of).unwrap_or_default()
    }

    fn send(&mut self, wire: usize, due: u64) {
        let message: &[u8] = match self.requests.len() as u64 {
            0 => &[],
            count => &self.requests[(self.sent % count) as usize].message,
        };
        self.wires[wire].call(self.sent, message);
        self.due.push_back(due);
        self.sent += 1;
    }

    fn open_loop(&mut self, rate: f64) -> Result<(), LoadError> {
        let gap = 1e9 / rate;
        let end = self.measured_from + self.slice.measured.as_nanos() as u64;
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
                self.send(free, due);
                wire = (free + 1) % wires;
            }
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
            self.receive(wait, |_, _| {})?;
            if self.sent == total && self.wires.iter().all(|wire| wire.in_flight() == 0) {
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
        let streams = self.slice.streams;
        let end = self.measured_from + self.slice.measured.as_nanos() as u64;
        let mut counting = false;
        for wire in 0..self.wires.len() {
            for _ in 0..streams {
                let now = self.now();
                self.send(wire, now);
            }
        }
        loop {
            for wire in &mut self.wires {
                wire.flush()?;
            }
            self.receive(Some(Duration::from_millis(100)), |run, wire| {
                let now = run.now();
                let measured = now < end || run.answered == 0;
                if measured && run.wires[wire].has_room(streams) {
                    run.send(wire, now);
                }
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
        mut next: impl FnMut(&mut Run<'a>, usize),
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
                next(self, wire);
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
        let counts_from = match self.slice.pace {
            Pace::Rate(_) => due,
            Pace::Saturation => now,
        };
        if counts_from >= self.measured_from {
            histogram::record(&mut self.latencies, now.saturating_sub(due));
            self.answered += 1;
            self.ended = now;
        }
        let Some(store) = self.store else {
            // A file is as long as the values it stands for; an echo was checked when it came.
            let right = self.slice.value_bytes;
            if self.slice.protocol == Protocol::Http2 && answer.body.len() != right {
                return Err(LoadError::WrongAnswer(format!(
                    "a file of {} bytes for {right}",
                    answer.body.len()
                )));
            }
            return Ok(());
        };
        let request = &self.requests[(answer.token % self.requests.len() as u64) as usize];
        self.compared += 1;
        let every_byte = self.compared <= COMPARED;
        answer::check(self.slice, store, request, &answer.body, every_byte)
            .map_err(LoadError::WrongAnswer)
    }

    fn json(&self) -> String {
        let seconds = (self.ended.saturating_sub(self.measured_from)) as f64 / 1e9;
        let [before, after] = self.usage;
        format!(
            "{{\"sent\":{},\"rate\":{:.1},\"seconds\":{seconds:.3},\"user_seconds\":{:.2},\
             \"system_seconds\":{:.2},\"resident_kib\":{},{}}}",
            self.sent,
            self.answered as f64 / seconds.max(1e-9),
            after.user_seconds - before.user_seconds,
            after.system_seconds - before.system_seconds,
            after.resident_kib,
            histogram::summary(&self.latencies)
        )
    }
}
