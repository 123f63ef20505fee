//! A server over the crate: a thread for each connection, blocking sockets. It answers every call with the
//! same message, and sends back what comes to `/echo`.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use venice_http2::{
    Call, Connection, Event, Field, Head, Limits, Protocol, Taught, Turn, Vocabulary, Wanted,
};

/// The path whose calls are streamed.
pub(crate) const ECHO: u64 = 2;
/// And of one whose body is wanted at once.
pub(crate) const SOON: u64 = 3;
/// And of those whose text is wanted, and whose body is wanted with their fields: they begin with `/text`.
pub(crate) const TEXT: u64 = 4;
/// Numbers of the names that are watched for.
pub(crate) const TIMEOUT: u8 = 0;
pub(crate) const CONTENT_TYPE: u8 = 1;
/// A message of gRPC, with its five bytes in front: what a get of 1 KiB answers.
pub(crate) const ANSWER_BYTES: usize = 1030;

/// What the server wants to know of fields.
#[derive(Debug)]
pub(crate) struct Watch;

impl Vocabulary for Watch {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"grpc-timeout" => Some(TIMEOUT),
            b"content-type" => Some(CONTENT_TYPE),
            _ => None,
        }
    }

    fn value(&self, number: u8, value: &[u8]) -> u64 {
        match number {
            TIMEOUT => value
                .iter()
                .filter(|byte| byte.is_ascii_digit())
                .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
            _ => u64::from(value.starts_with(b"application/grpc")),
        }
    }

    fn path(&self, path: &[u8]) -> u64 {
        match path {
            b"/echo" => ECHO,
            b"/soon" => SOON,
            // One of HPACK's own table, too.
            b"/index.html" => TEXT,
            path if path.starts_with(b"/text") => TEXT,
            _ => 1,
        }
    }

    fn wants_text(&self, kept: u64) -> bool {
        kept == TEXT
    }

    /// As a short body says, of those that are wanted soon.
    fn weight(&self, head: &Head, body: &[u8]) -> usize {
        match (head.path(), body) {
            (SOON, [weight, 0]) => usize::from(*weight),
            _ => 1,
        }
    }

    fn wanted(&self, head: &Head) -> Wanted {
        match head.path() {
            ECHO => Wanted::AsItComes,
            SOON => Wanted::Soon,
            TEXT => Wanted::Now,
            _ => Wanted::Whole,
        }
    }
}

pub(crate) const HEADERS: [Field<'static>; 2] = [Field::Status(200), Field::Taught(0)];
pub(crate) const TRAILERS: [Field<'static>; 1] = [Field::Taught(1)];

pub(crate) fn protocol(limits: Limits) -> Arc<Protocol<Watch>> {
    let taught = Taught::new(&[("content-type", "application/grpc"), ("grpc-status", "0")]);
    Arc::new(Protocol::new(limits, taught, Watch))
}

pub(crate) fn message(bytes: usize) -> Vec<u8> {
    let length = (bytes - 5) as u32;
    let mut message = vec![0];
    message.extend(length.to_be_bytes());
    message.resize(bytes, b'v');
    message
}

/// Answers what a turn brought.
pub(crate) fn answer(turn: &mut Turn<'_>, message: &[u8]) {
    for call in turn.calls {
        let body = |out: &mut Vec<u8>| out.extend_from_slice(message);
        turn.answers.answer(call, &HEADERS, body, &TRAILERS);
    }
    for event in turn.events {
        match *event {
            Event::Opened(call) => open(turn, &call),
            Event::Data(stream) => {
                let came = turn.answers.received(stream).to_vec();
                turn.answers
                    .send(stream, |out| out.extend_from_slice(&came));
                turn.answers.take(stream, came.len());
            }
            Event::Ended(stream) => {
                turn.answers.finish(stream, &TRAILERS);
            }
            Event::Large(stream) => turn.answers.permit(stream, 16 * 1024 * 1024),
            Event::Reset(..) | Event::Pong(_) | Event::GoAwayHeard => {}
        }
    }
}

fn open(turn: &mut Turn<'_>, call: &Call) {
    turn.answers.open(call, &HEADERS);
}

/// Serves a connection to its end.
pub(crate) fn serve(
    mut socket: TcpStream,
    protocol: &Arc<Protocol<Watch>>,
    bytes: usize,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let begun = Instant::now();
    let mut connection = Connection::new(protocol);
    let message = message(bytes);
    loop {
        while !connection.out().is_empty() {
            let wrote = socket.write(connection.out())?;
            connection.sent(wrote);
        }
        if connection.is_over() {
            return close(socket);
        }
        if !connection.has_more() {
            let came = socket.read(connection.room())?;
            if came == 0 {
                return Ok(());
            }
            connection.received(came);
        }
        answer(&mut connection.turn(begun.elapsed()), &message);
    }
}

/// Closes when the client does, so that it can read all that was written.
fn close(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown(std::net::Shutdown::Write)?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut forgotten = [0; 4096];
    while socket.read(&mut forgotten)? > 0 {}
    Ok(())
}

/// Serves all that come, from now on until the process ends.
pub(crate) fn start(port: u16, limits: Limits, bytes: usize) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    let protocol = protocol(limits);
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let protocol = Arc::clone(&protocol);
            // A client that breaks off is no fault of this side.
            std::thread::spawn(move || serve(socket, &protocol, bytes));
        }
    });
    address
}
