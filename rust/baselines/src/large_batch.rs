//! A batch that is answered by megabytes, over a socket: our server against a thread that reads the same keys by RocksDB's own MultiGet,
//! a partition at a time, into memory that is used again, and sends that at once. Nothing less can answer a batch.
//!
//! Both are in this process, on the same open databases, so MultiGet has the block cache that fetches ahead. One client asks them in
//! turn, one request at a time, and reads to the last byte. Its windows of HTTP/2 are wide, and its frames of 16 KiB, the default.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use venice_engine::testing::{RocksCall, TestStoreVersion};
use venice_load::store::{Draw, Store};
use venice_server::{Config, Server};
use venice_wire::key_records::put_key;
use venice_wire::request::Request;

use crate::keys::Keys;
use crate::stores::Stores;

/// Rounds that are measured; in each both answer one request.
const ROUNDS: usize = 101;
/// Rounds before these.
const WARM_UP: usize = 10;
/// Different requests.
const REQUESTS: usize = 16;
/// What a client reads at a time.
const READ: usize = 256 * 1024;
/// Bytes of a frame that every server takes.
const FRAME: usize = 16 * 1024;
const HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const WIDEST: u32 = 0x7fff_ffff;

/// Asks for so many keys at once, and prints the time until the last byte: of ours, of MultiGet and one send, and the ratio of both (the
/// median of the rounds, the least, the greatest).
pub(crate) fn run(
    stores: Stores,
    keys: &Path,
    value_bytes: &str,
    count: &str,
) -> Result<(), Box<dyn Error>> {
    venice_engine::disable_perf_counters();
    let (value_bytes, count): (usize, usize) = (value_bytes.parse()?, count.parse()?);
    let name = format!("values{value_bytes}_v1");
    let store = Store::open(keys, &name, value_bytes)?;
    let mut draw = Draw::new(2026);
    let all: Arc<Vec<Keys>> = Arc::new(
        (0..REQUESTS)
            .map(|_| Keys::draw(&store, &mut draw, count))
            .collect(),
    );
    let most_keys = count.to_string();
    let settings = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "1",
        "max.response.bytes",
        "134217728",
        "max.batch.keys",
        &most_keys,
    ];
    let config = Config::from_pairs(&settings)?;
    let drain = config.drain;
    let server = Server::start(config, Arc::clone(&stores.registry))?;
    let messages: Vec<Vec<u8>> = all.iter().map(|keys| message(&name, keys)).collect();
    let mut ours = Http2::connect(server.port())?;
    let mut raw = connect(serve(stores, name, Arc::clone(&all), count * value_bytes)?)?;
    let mut buffer = vec![0; READ];
    let (mut both, least) = (Vec::new(), count * value_bytes);
    for round in 0..WARM_UP + ROUNDS {
        let request = round % REQUESTS;
        let mut times = [0.0; 2];
        // The order changes.
        for side in [round % 2, (round + 1) % 2] {
            let begin = Instant::now();
            if side == 0 {
                let bytes = ours.ask(&messages[request], &mut buffer)?;
                if bytes < least {
                    return Err(
                        format!("the answer has {bytes} bytes, not {least} and more").into(),
                    );
                }
            } else {
                raw.write_all(&[request as u8])?;
                let mut left = least;
                while left > 0 {
                    let room = left.min(READ);
                    left -= read(&mut raw, &mut buffer[..room])?;
                }
            }
            times[side] = begin.elapsed().as_secs_f64() * 1e6;
        }
        if round >= WARM_UP {
            both.push(times);
        }
    }
    let spread = |of: &dyn Fn(&[f64; 2]) -> f64| {
        let mut all: Vec<f64> = both.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[0], all[all.len() - 1])
    };
    println!("keys,us of ours,us of MultiGet and one send,ratio,least,greatest");
    let (ratio, least, greatest) = spread(&|[ours, raw]| ours / raw);
    let (ours, raw) = (spread(&|times| times[0]).0, spread(&|times| times[1]).0);
    println!("{count},{ours:.0},{raw:.0},{ratio:.2},{least:.2},{greatest:.2}");
    server.stop(drain);
    Ok(())
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

fn read(socket: &mut TcpStream, room: &mut [u8]) -> io::Result<usize> {
    match socket.read(room)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        bytes => Ok(bytes),
    }
}

/// Answers one client on the port that it returns: a byte is the number of a request, and the answer its values.
fn serve(
    stores: Stores,
    name: String,
    all: Arc<Vec<Keys>>,
    bytes: usize,
) -> Result<u16, Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let answer = move || -> io::Result<()> {
        let (mut socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        let open = stores.open.iter().find(|open| open.name() == name);
        let open = open.ok_or(io::ErrorKind::NotFound)?;
        let mut out = Vec::with_capacity(bytes);
        let mut request = [0];
        while socket.read(&mut request)? > 0 {
            out.clear();
            multi_get(open, &all[usize::from(request[0])], &mut out);
            socket.write_all(&out)?;
        }
        Ok(())
    };
    // It ends with the process.
    drop(thread::spawn(answer));
    Ok(port)
}

fn multi_get(open: &TestStoreVersion, keys: &Keys, out: &mut Vec<u8>) {
    let mut partitions: Vec<(i32, Vec<&[u8]>)> = Vec::new();
    for key in keys.as_read() {
        match partitions.iter_mut().find(|(id, _)| *id == key.partition) {
            Some((_, keys)) => keys.push(key.key),
            None => partitions.push((key.partition, vec![key.key])),
        }
    }
    for (partition, keys) in &partitions {
        open.read_raw(*partition, keys, RocksCall::MultiGet, out);
    }
}

/// A batch get for these keys, with gRPC's prefix.
fn message(resource: &str, keys: &Keys) -> Vec<u8> {
    let mut key_bytes = Vec::new();
    for (index, key) in (0..).zip(keys.as_read()) {
        put_key(&mut key_bytes, index, key.partition, key.key);
    }
    let mut message = vec![0; 5];
    let request = Request {
        key_bytes: &key_bytes,
        resource_name: resource.into(),
        is_batch: true,
        method: "POST",
        ..Request::default()
    };
    request.encode(&mut message);
    let length = (message.len() - 5) as u32;
    message[1..5].copy_from_slice(&length.to_be_bytes());
    message
}

fn put_frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// A client of one call at a time.
struct Http2 {
    socket: TcpStream,
    stream: u32,
    out: Vec<u8>,
    block: Vec<u8>,
}

impl Http2 {
    fn connect(port: u16) -> io::Result<Http2> {
        let mut out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // SETTINGS_INITIAL_WINDOW_SIZE.
        let window = [&[0, 4][..], &WIDEST.to_be_bytes()].concat();
        put_frame(&mut out, SETTINGS, 0, 0, &window);
        let more = (WIDEST - 65_535).to_be_bytes();
        put_frame(&mut out, WINDOW_UPDATE, 0, 0, &more);
        // POST, http, and literals that enter no table.
        let mut block = vec![0x83, 0x86];
        for (name, value) in [
            (
                ":path",
                "/com.linkedin.venice.protocols.VeniceReadService/batchGet",
            ),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ] {
            block.push(0);
            for text in [name, value] {
                block.push(text.len() as u8);
                block.extend_from_slice(text.as_bytes());
            }
        }
        Ok(Http2 {
            socket: connect(port)?,
            stream: 1,
            out,
            block,
        })
    }

    /// Asks, and reads the answer to its end. How many bytes it had.
    fn ask(&mut self, message: &[u8], buffer: &mut [u8]) -> io::Result<usize> {
        let stream = self.stream;
        self.stream += 2;
        put_frame(&mut self.out, HEADERS, END_HEADERS, stream, &self.block);
        let mut left = message;
        while !left.is_empty() {
            let (frame, rest) = left.split_at(left.len().min(FRAME));
            let end = if rest.is_empty() { END_STREAM } else { 0 };
            put_frame(&mut self.out, DATA, end, stream, frame);
            left = rest;
        }
        self.socket.write_all(&self.out)?;
        self.out.clear();
        let (mut head, mut had, mut payload, mut bytes) = ([0; HEAD], 0, 0, 0);
        loop {
            let came = read(&mut self.socket, buffer)?;
            let mut at = 0;
            while at < came {
                if payload > 0 {
                    let some = payload.min(came - at);
                    (payload, at) = (payload - some, at + some);
                } else {
                    let some = (HEAD - had).min(came - at);
                    head[had..had + some].copy_from_slice(&buffer[at..at + some]);
                    (had, at) = (had + some, at + some);
                    if had < HEAD {
                        continue;
                    }
                    had = 0;
                    payload = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
                    bytes += if head[3] == DATA { payload } else { 0 };
                }
                let [.., kind, flags, a, b, c, d] = head;
                let ends = kind <= HEADERS && flags & END_STREAM != 0;
                if had == 0 && payload == 0 && ends && u32::from_be_bytes([a, b, c, d]) == stream {
                    return Ok(bytes);
                }
            }
        }
    }
}
