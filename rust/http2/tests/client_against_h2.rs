//! The client's side and a server of h2: requests and responses of any size, in pieces of any size, with trailers,
//! resets, small windows, and the server's graceful end.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod asker;

use asker::*;
use bytes::Bytes;
use http::{HeaderMap, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use venice_http2::{Client, ClientLimits, Field, Request};

/// What a request asks the server for, in the name of its path.
#[derive(Debug, Clone, Copy)]
enum Ask {
    /// So many bytes, in pieces of so many, and trailers.
    Bytes(usize, usize),
    /// Its own body.
    Echo,
    /// No body, and gRPC's status in the only fields.
    TrailersOnly,
    /// To be reset.
    Reset,
}

impl Ask {
    fn path(self) -> String {
        match self {
            Ask::Bytes(bytes, piece) => format!("/bytes/{bytes}/{piece}"),
            Ask::Echo => "/echo".to_owned(),
            Ask::TrailersOnly => "/only".to_owned(),
            Ask::Reset => "/reset".to_owned(),
        }
    }
}

fn value(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| at as u8).collect()
}

async fn answer(
    request: http::Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
) {
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    let mut came = Vec::new();
    while let Some(data) = body.data().await {
        let Ok(data) = data else { return };
        let _ = body.flow_control().release_capacity(data.len());
        came.extend_from_slice(&data);
    }
    let mut status = HeaderMap::new();
    status.insert("grpc-status", "0".parse().unwrap());
    let parts: Vec<&str> = path.split('/').collect();
    let (bytes, piece) = match parts[..] {
        ["", "bytes", bytes, piece] => (value(bytes.parse().unwrap()), piece.parse().unwrap()),
        ["", "echo"] => (came, 10_000),
        ["", "only"] => {
            let only = Response::builder()
                .header("grpc-status", "5")
                .header("grpc-message", "no such store");
            respond.send_response(only.body(()).unwrap(), true).unwrap();
            return;
        }
        _ => return respond.send_reset(h2::Reason::INTERNAL_ERROR),
    };
    let Ok(mut send) = respond.send_response(Response::new(()), false) else {
        return;
    };
    for piece in bytes.chunks(piece) {
        if send
            .send_data(Bytes::copy_from_slice(piece), false)
            .is_err()
        {
            return;
        }
    }
    let _ = send.send_trailers(status);
}

async fn serve(socket: DuplexStream, window: u32, streams: u32, leave_after: usize) {
    let mut builder = h2::server::Builder::new();
    builder
        .initial_window_size(window)
        .max_concurrent_streams(streams);
    let mut connection = builder.handshake::<_, Bytes>(socket).await.unwrap();
    let mut served = 0;
    while let Some(next) = connection.accept().await {
        let Ok((request, respond)) = next else { return };
        tokio::task::spawn_local(answer(request, respond));
        served += 1;
        if served == leave_after {
            connection.graceful_shutdown();
        }
    }
}

/// Drives a client until it has heard of `number` requests, beginning as many of `asks` as it may.
async fn drive(
    socket: DuplexStream,
    client: &mut Client<Statuses>,
    asks: &[(Ask, Vec<u8>)],
    streams: bool,
    log: &mut Log,
) {
    let (mut reading, mut writing) = tokio::io::split(socket);
    let mut next = 0;
    while log.ends.len() < asks.len() {
        while next < asks.len() && client.free() > 0 {
            let (ask, body) = &asks[next];
            let path = ask.path();
            let fields = [
                Field::Static(3),
                Field::Static(6),
                Field::Literal(b":path", path.as_bytes()),
                Field::Literal(b":authority", b"venice"),
            ];
            let request = Request {
                fields: &fields,
                body,
                goes_on: false,
                streams,
            };
            client.begin(next as u64, &request).unwrap();
            next += 1;
        }
        while !client.out().is_empty() {
            let length = client.out().len().min(7000);
            let bytes = client.out()[..length].to_vec();
            client.sent(length);
            // The server may wait for this side to read.
            let mut at = 0;
            while at < bytes.len() {
                tokio::select! {
                    wrote = writing.write(&bytes[at..]) => at += wrote.unwrap(),
                    read = reading.read(client.room()) => {
                        client.received(read.unwrap());
                        client.turn(|heard| log.heard(heard));
                    }
                }
            }
        }
        if log.ends.len() == asks.len() || client.is_leaving() && client.open() == 0 {
            return;
        }
        let read = reading.read(client.room()).await.unwrap();
        assert!(read > 0, "the server closed: {log:?}");
        client.received(read);
        client.turn(|heard| log.heard(heard));
        assert_eq!(client.ending(), None);
        for (stream, bytes) in std::mem::take(&mut log.untaken) {
            client.take(stream, bytes);
        }
    }
}

fn asks() -> Vec<(Ask, Vec<u8>)> {
    let mut asks = Vec::new();
    for round in 0..40usize {
        let bytes = [0, 1, 1030, 16_384, 65_535, 200_000][round % 6];
        asks.push((
            Ask::Bytes(bytes, [100, 16_384, 1 << 20][round % 3].min(bytes.max(1))),
            vec![7; 60],
        ));
        asks.push((Ask::Echo, value(round * 3000)));
        asks.push((Ask::TrailersOnly, Vec::new()));
        asks.push((Ask::Reset, vec![1; 10]));
    }
    asks
}

fn check(asks: &[(Ask, Vec<u8>)], log: &Log) {
    for (token, (ask, body)) in asks.iter().enumerate() {
        let token = token as u64;
        let end = log.ends[&token];
        match ask {
            Ask::Bytes(bytes, _) => {
                assert_eq!(end, End::Whole(200, Some(0)), "{ask:?}");
                assert!(log.bodies[&token] == value(*bytes), "{ask:?}");
            }
            Ask::Echo => {
                assert_eq!(end, End::Whole(200, Some(0)), "{ask:?}");
                assert!(log.bodies[&token] == *body, "{ask:?}");
            }
            Ask::TrailersOnly => {
                assert_eq!(end, End::Whole(200, Some(5)));
                assert_eq!(log.texts[&token], "no such store");
            }
            Ask::Reset => assert!(matches!(end, End::Reset(_)), "{end:?}"),
        }
    }
}

#[tokio::test]
async fn whatever_is_asked_of_h2_is_heard() {
    for (server_window, window, streams) in [
        (65_535, 1 << 20, false),
        (1000, 5000, false),
        (20_000, 3000, true),
    ] {
        let local = tokio::task::LocalSet::new();
        let limits = ClientLimits {
            stream_window: window,
            ..ClientLimits::default()
        };
        local
            .run_until(async {
                let (mut socket, server) = tokio::io::duplex(10_000);
                tokio::task::spawn_local(serve(server, server_window, 10, usize::MAX));
                let mut client = asker::client(limits);
                // Until it has read SETTINGS it could send more than the server's window has.
                while client.free() > 10 {
                    while !client.out().is_empty() {
                        let bytes = client.out().to_vec();
                        client.sent(bytes.len());
                        socket.write_all(&bytes).await.unwrap();
                    }
                    let read = socket.read(client.room()).await.unwrap();
                    client.received(read);
                    client.turn(|_| {});
                }
                let (asks, mut log) = (asks(), Log::default());
                drive(socket, &mut client, &asks, streams, &mut log).await;
                check(&asks, &log);
                assert_eq!(client.open(), 0);
            })
            .await;
    }
}

/// What h2 does not begin with may be made again: nothing is lost, and nothing is told twice.
#[tokio::test]
async fn the_end_of_a_server_of_h2_loses_nothing() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut left = asks();
            let mut rounds = 0;
            while !left.is_empty() {
                let (socket, server) = tokio::io::duplex(10_000);
                tokio::task::spawn_local(serve(server, 65_535, 20, 17));
                let mut client = asker::client(ClientLimits::default());
                let mut log = Log::default();
                drive(socket, &mut client, &left, false, &mut log).await;
                let is_done =
                    |token: u64| !matches!(log.ends.get(&token), None | Some(End::Refused));
                let begun: Vec<_> = (0..left.len() as u64).filter(|&at| is_done(at)).collect();
                assert!(begun.len() >= 17.min(left.len()), "{log:?}");
                let mut kept = Vec::new();
                for (at, ask) in left.into_iter().enumerate() {
                    if !is_done(at as u64) {
                        kept.push(ask);
                    }
                }
                left = kept;
                rounds += 1;
            }
            assert!(rounds > 5);
        })
        .await;
}
