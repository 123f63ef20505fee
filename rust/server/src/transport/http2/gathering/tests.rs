use std::convert::Infallible;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::task::{yield_now, JoinHandle};
use venice_http2::Protocol;

use super::*;
use crate::config::live::Live;
use crate::config::Config;
use crate::grpc::body::ResponseBody;
use crate::grpc::framing::FrameError;
use crate::memory::account::Account;
use crate::memory::client_memory::ClientMemory;
use crate::response::builder::Fields as AnswerFields;
use crate::response::place::Place;
use crate::runtime::company;
use crate::transport::connection_limit::ConnectionLimit;
use crate::transport::handler::{Asked, Found, Reply};
use crate::transport::http2::fields::{protocol, Fields};
use crate::transport::http2::turn::Called;
use crate::transport::opening::{Opening, PREFACE, START_BYTES};
use crate::transport::socket::Socket;

/// What a call of `/heavy` weighs: two are enough for a turn.
const HEAVY: usize = GETS / 2 + 1;

/// Gives each message back, and notes how many it prepared for together.
#[derive(Default)]
struct Echo {
    prepared: Arc<Mutex<Vec<usize>>>,
}

impl Handler for Echo {
    type Body = ResponseBody;
    const PATHS: &'static [&'static str] = &["/echo", "/heavy"];
    const UNARY: usize = 2;

    fn weight(path: Option<usize>, _: &[u8]) -> usize {
        match path {
            None => 1,
            Some(1) => HEAVY,
            Some(other) => panic!("{other} weighs 1"),
        }
    }

    type Started = ();
    const PREPARED: usize = 4;
    type Prepared<'b> = Vec<Option<Asked<'b>>>;

    async fn call<B>(_: Arc<Self>, _: Request<B>) -> Result<Response<ResponseBody>, Infallible>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<FrameError> + Send,
    {
        unreachable!("all calls are unary, and whole")
    }

    fn prepare<'b>(
        handler: &Self,
        calls: impl Iterator<Item = Option<Asked<'b>>>,
        prepared: &mut Self::Prepared<'b>,
    ) {
        prepared.extend(calls);
        handler.prepared.lock().push(prepared.len());
    }

    fn at_once(
        _: &Self,
        _: usize,
        _: Option<Instant>,
        message: &[u8],
        (prepared, number): (&Self::Prepared<'_>, usize),
        mut place: Place<'_>,
    ) -> Result<(), Option<()>> {
        match prepared.get(number) {
            None => {}
            Some(Some(Asked::Message(its))) => assert_eq!(*its, message),
            Some(other) => panic!("{other:?}"),
        }
        assert!(!message.ends_with(b"panic"));
        let write = |out: &mut Vec<u8>| out.extend_from_slice(message);
        let answer = place.message(4096, message.len(), write, &AnswerFields::default());
        answer.map(drop).ok_or(None)
    }

    /// The path itself.
    fn found(
        _: &Arc<Self>,
        _: Option<Instant>,
        (prepared, number): (&Self::Prepared<'_>, usize),
        most: usize,
    ) -> Option<Found<ResponseBody>> {
        match prepared.get(number)? {
            Some(Asked::Path(path)) => {
                assert!(path.len() <= most);
                let body = ResponseBody::whole(Bytes::copy_from_slice(path));
                Some(Found::Answer(Response::new(body)))
            }
            other => panic!("{other:?}"),
        }
    }

    async fn unary(
        _: Arc<Self>,
        _: usize,
        _: Option<Instant>,
        _: Bytes,
        _: Option<()>,
    ) -> Reply<ResponseBody> {
        unreachable!("each has room in its connection's output")
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A whole call: its message ends with `text`.
fn call(stream: u32, text: &str) -> Vec<u8> {
    let path = if text.starts_with("heavy") {
        "/heavy"
    } else {
        "/echo"
    };
    let mut head = vec![0x83, 0x86];
    for (name, value) in [
        (":path", path),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        head.push(0);
        for word in [name, value] {
            head.push(word.len() as u8);
            head.extend_from_slice(word.as_bytes());
        }
    }
    let message = [&[0, 0, 0, 0, text.len() as u8], text.as_bytes()].concat();
    [frame(1, 4, stream, &head), frame(0, 1, stream, &message)].concat()
}

/// A whole request of HTTP's GET, for a path below 100 bytes.
fn get(stream: u32, path: &str) -> Vec<u8> {
    // Method, scheme, and the path's name are of the static table.
    let head = [&[0x82, 0x86, 0x04, path.len() as u8], path.as_bytes()].concat();
    frame(1, 5, stream, &head)
}

/// A server of one thread, and clients of the same: so what is ready at which time is known.
struct Bench {
    listener: TcpListener,
    protocol: Arc<Protocol<Fields>>,
    memory: Arc<ClientMemory>,
    limit: ConnectionLimit,
    gathering: Arc<Gathering<Echo>>,
    prepared: Arc<Mutex<Vec<usize>>>,
}

/// A client's end of a connection.
struct Client {
    socket: TcpStream,
    stream: u32,
    received: Vec<u8>,
}

impl Client {
    fn send(&mut self, texts: &[&str]) {
        let mut calls = Vec::new();
        for text in texts {
            calls.extend(call(self.stream, text));
            self.stream += 2;
        }
        self.socket.write_all(&calls).unwrap();
    }

    fn send_get(&mut self, path: &str) {
        self.socket.write_all(&get(self.stream, path)).unwrap();
        self.stream += 2;
    }

    /// How often a text is in what came by now.
    fn has(&mut self, text: &str) -> usize {
        self.received();
        let windows = self.received.windows(text.len());
        windows.filter(|it| *it == text.as_bytes()).count()
    }

    /// How many bytes came by now.
    fn received(&mut self) -> usize {
        let mut bytes = [0; 4096];
        loop {
            match self.socket.read(&mut bytes) {
                Ok(0) => break,
                Ok(some) => self.received.extend_from_slice(&bytes[..some]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        self.received.len()
    }
}

/// Runs everything until this holds.
async fn until(mut holds: impl FnMut() -> bool) {
    while !holds() {
        yield_now().await;
    }
}

impl Bench {
    fn new() -> Bench {
        let config = Config::default();
        let live = Live::new(config.clone());
        Bench {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            protocol: protocol(
                &config,
                live.limits(),
                Echo::PATHS,
                Echo::UNARY,
                Echo::weight,
            ),
            memory: Arc::new(ClientMemory::of(&config)),
            limit: ConnectionLimit::new(100, 100),
            gathering: Arc::default(),
            prepared: Arc::default(),
        }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    fn connect(&self) -> (Client, Gathered<Echo>) {
        let socket = TcpStream::connect(self.address()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let (accepted, address) = self.listener.accept().unwrap();
        accepted.set_nonblocking(true).unwrap();
        let accepted = tokio::net::TcpStream::from_std(accepted).unwrap();
        let mut start = [0; START_BYTES];
        start[..PREFACE.len()].copy_from_slice(PREFACE);
        start[PREFACE.len()..].copy_from_slice(&frame(4, 0, 0, &[]));
        let opening = Opening {
            socket: Socket::Plain(accepted),
            start,
        };
        let echo = Echo {
            prepared: Arc::clone(&self.prepared),
        };
        let called = Called {
            calls: Arc::default(),
            permit: Arc::new(self.limit.take(address.ip()).unwrap()),
        };
        let hour = std::time::Duration::from_secs(3600);
        let account = Account::new(&self.memory);
        let connection = Http2Connection::new(
            opening,
            &self.protocol,
            Arc::new(echo),
            called,
            &account,
            (hour, hour),
        );
        let client = Client {
            socket,
            stream: 1,
            received: Vec::new(),
        };
        (client, Gathered::new(connection, &self.gathering))
    }

    /// Connections that have a task each, and wait.
    async fn serve(&self, count: usize) -> (Vec<Client>, Vec<JoinHandle<io::Result<()>>>) {
        tokio::spawn(Arc::clone(&self.gathering).gather());
        let mut clients = Vec::new();
        let mut served = Vec::new();
        for _ in 0..count {
            let (mut client, connection) = self.connect();
            let task = async move { poll_fn(|context| connection.poll(context)).await };
            served.push(tokio::spawn(task));
            // All that the server says first.
            until(|| client.received() > 0).await;
            clients.push(client);
        }
        for _ in 0..3 {
            yield_now().await;
        }
        (clients, served)
    }

    fn take_prepared(&self) -> Vec<usize> {
        std::mem::take(&mut *self.prepared.lock())
    }
}

#[tokio::test]
async fn calls_of_many_connections_are_prepared_together_and_answered_each_to_its_own() {
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(10).await;
    for round in 0..5 {
        company::comes();
        company::comes();
        let texts: Vec<_> = (0..10)
            .map(|number| format!("text{number}of{round}."))
            .collect();
        for (client, text) in clients.iter_mut().zip(&texts) {
            client.send(&[text]);
        }
        until(|| {
            let mut pairs = clients.iter_mut().zip(&texts);
            pairs.all(|(client, text)| client.has(text) == 1)
        })
        .await;
        assert_eq!(bench.take_prepared(), [4, 4, 2]);
        for (number, client) in clients.iter_mut().enumerate() {
            assert_eq!(client.has("text"), round + 1, "of another");
            assert_eq!(client.has(&format!("text{number}of")), round + 1);
        }
    }
}

#[tokio::test]
async fn gets_over_http_of_many_connections_are_prepared_together() {
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(Echo::PREPARED).await;
    for round in 1..=3 {
        company::comes();
        company::comes();
        let path = |number| format!("/path{number}.");
        for (number, client) in clients.iter_mut().enumerate() {
            client.send_get(&path(number));
        }
        until(|| {
            let mut numbered = clients.iter_mut().enumerate();
            numbered.all(|(number, client)| client.has(&path(number)) == round)
        })
        .await;
        assert_eq!(bench.take_prepared(), [Echo::PREPARED]);
        for client in &mut clients {
            assert_eq!(client.has("/path"), round, "of another");
        }
    }
}

#[tokio::test]
async fn calls_of_one_connection_and_single_ones_of_others_are_answered_in_order() {
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(3).await;
    company::comes();
    clients[0].send(&["a0.", "a1.", "a2."]);
    clients[1].send(&["b0."]);
    clients[2].send(&["c0.", "c1."]);
    until(|| {
        clients
            .iter_mut()
            .zip(["a2.", "b0.", "c1."])
            .all(|(it, text)| it.has(text) == 1)
    })
    .await;
    assert_eq!(bench.take_prepared(), [4, 2]);
    let at = |client: &Client, text: &str| {
        let mut windows = client.received.windows(3);
        windows.position(|it| it == text.as_bytes()).unwrap()
    };
    assert!(at(&clients[0], "a0.") < at(&clients[0], "a1."));
    assert!(at(&clients[0], "a1.") < at(&clients[0], "a2."));
    assert!(at(&clients[2], "c0.") < at(&clients[2], "c1."));
}

#[tokio::test]
async fn one_that_comes_alone_is_answered_in_its_task() {
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(1).await;
    for round in 0..3 {
        company::woke();
        company::woke();
        clients[0].send(&["alone"]);
        until(|| {
            assert!(bench.gathering.0.lock().members.is_empty());
            clients[0].has("alone") == round + 1
        })
        .await;
    }
    assert!(bench.take_prepared().is_empty());
}

/// Polls a connection as its task would.
fn poll(connection: &Gathered<Echo>) -> Poll<io::Result<()>> {
    connection.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn one_that_is_woken_before_the_gatherer_goes_on_by_itself_and_is_answered_once() {
    let bench = Bench::new();
    bench.gathering.0.lock().gatherer = Some(Waker::noop().clone());
    let (mut client, connection) = bench.connect();
    until(|| poll(&connection).is_pending() && client.received() > 0).await;
    let waits = || bench.gathering.0.lock().members.len();
    company::comes();
    for round in 1..=3 {
        client.send(&["text"]);
        until(|| {
            assert!(poll(&connection).is_pending());
            waits() == 1
        })
        .await;
        // It may have been answered by a further poll; else it is by this one. It is no member twice.
        assert!(poll(&connection).is_pending());
        until(|| client.has("text") == round).await;
        bench.gathering.answer();
        assert_eq!((waits(), client.has("text")), (0, round));
    }
}

#[tokio::test]
async fn what_is_large_is_not_handed_in_and_a_gathering_is_small() {
    let bench = Bench::new();
    bench.gathering.0.lock().gatherer = Some(Waker::noop().clone());
    let (mut client, connection) = bench.connect();
    until(|| poll(&connection).is_pending() && client.received() > 0).await;
    company::comes();
    let text = "x".repeat(200);
    client.send(&[&text[..]; 3]);
    until(|| {
        assert!(poll(&connection).is_pending());
        assert!(bench.gathering.0.lock().members.is_empty());
        client.has(&text) == 3
    })
    .await;
    // The last of some that have many bytes together is not waited for by anybody.
    let mut all: Vec<_> = (0..BYTES / 200).map(|_| bench.connect()).collect();
    for (client, connection) in &mut all {
        until(|| poll(connection).is_pending() && client.received() > 0).await;
    }
    let mut most = 0;
    for (client, connection) in &mut all {
        company::comes();
        client.send(&[&text]);
        until(|| {
            let before = bench.gathering.0.lock().members.len();
            assert!(poll(connection).is_pending());
            let waits = bench.gathering.0.lock().members.len();
            most = most.max(waits);
            waits != before || client.has(&text) == 1
        })
        .await;
    }
    assert!((2..BYTES / 200).contains(&most), "{most}");
    let answered = all.iter_mut().map(|(client, _)| client.has(&text));
    assert!(answered.sum::<usize>() > most);
}

/// Sixty large calls are four turns, not one: who came with them waits for one of these.
#[tokio::test]
async fn large_calls_of_one_hold_up_the_call_of_another_for_a_turn() {
    const CALLS: usize = 60;
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(2).await;
    let large = "x".repeat(250);
    let a_turn = 2 * 1024 / (250 + 5 - venice_http2::Limits::SMALL_BODY) + 1;
    assert!(3 * a_turn < CALLS);
    clients[0].send(&[&large[..]; CALLS]);
    clients[1].send(&["small"]);
    until(|| clients[1].has("small") == 1).await;
    let before = clients[0].has(&large);
    assert!(before <= 2 * a_turn, "{before} of {a_turn} a turn");
    until(|| clients[0].has(&large) == CALLS).await;
}

/// Few bytes may ask for much.
#[tokio::test]
async fn heavy_calls_of_one_hold_up_the_call_of_another_for_a_turn() {
    const CALLS: usize = 20;
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(2).await;
    clients[0].send(&["heavy"; CALLS]);
    clients[1].send(&["small"]);
    until(|| clients[1].has("small") == 1).await;
    let before = clients[0].has("heavy");
    assert!(before <= 2 * 2, "{before}, two are a turn");
    until(|| clients[0].has("heavy") == CALLS).await;
}

#[tokio::test]
async fn of_heavy_calls_that_come_together_some_are_left_to_their_own_tasks() {
    let bench = Bench::new();
    let (mut clients, _served) = bench.serve(5).await;
    company::comes();
    company::comes();
    for client in &mut clients {
        client.send(&["heavy"]);
    }
    until(|| clients.iter_mut().all(|client| client.has("heavy") == 1)).await;
    // The two that are enough; each of the others by itself.
    assert_eq!(bench.take_prepared(), [2]);
}

#[tokio::test]
async fn a_panic_ends_those_that_were_answered_together_and_nobody_else() {
    let bench = Bench::new();
    let (mut clients, mut served) = bench.serve(4).await;
    company::comes();
    let quiet = clients.pop().unwrap();
    let lives = served.pop().unwrap();
    for client in &mut clients {
        client.send(&["panic"]);
    }
    for task in served {
        let error = task.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("panic"), "{error}");
    }
    let mut clients = [quiet];
    clients[0].send(&["text"]);
    until(|| clients[0].has("text") == 1).await;
    assert!(!lives.is_finished());
}
