//! One or two read servers that are stopped and started again on the same ports, over and over, for
//! `tests/restart`.
//!
//! usage: restarting_server CASES ROUNDS SERVERS SETTING VALUE ...
//!
//! Writes to the file CASES what clients have to ask and what they have to get, in lines of words:
//!
//! ```text
//! NAME PATH REQUEST ANSWER ...
//! ```
//!
//! The names are `small`, `large` and `stream`. Request and answers are messages in hexadecimal; the
//! request of `stream` may be sent any number of times on a call, and each time has all of the answers.
//! Then it prints `serving ADDRESS` or `serving ADDRESS,ADDRESS`, and waits for a line. Then, ROUNDS times, it
//! lets one server serve for some seconds, stops it, waiting for its calls, and starts it again; the servers
//! take turns, so that of two one serves always. At last it prints `done`, with how many stops had to break
//! connections off, and serves until its input ends.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{stdin, stdout, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use prost::Message;
use tracing_subscriber::filter::LevelFilter;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{StreamingBatchGetRequest, VeniceClientRequest, VeniceServerResponse};
use venice_server::{Config, Server};

const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
const STORE: &str = "restart_v1";
/// What a client reads for longer than a connection lasts.
const LARGE: usize = 1_500_000;
/// Between two stops. Clients wait a second after a connection was refused, and 1.6 after the next; all of
/// them are to be back before the other server stops.
const SERVES: Duration = Duration::from_secs(5);
/// More than any client needs for the calls that it has in flight.
const DRAIN: Duration = Duration::from_secs(30);

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cases, rounds, servers, settings @ ..] = &arguments[..] else {
        return Err("usage: restarting_server CASES ROUNDS SERVERS SETTING VALUE ...".into());
    };
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    let (rounds, servers): (usize, usize) = (rounds.parse()?, servers.parse()?);

    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, STORE);
    store.put_state(&StoreVersionState::default());
    store.open(0);
    store.put(0, b"small", 1, b"a small value");
    store.put(0, b"large", 1, &value(LARGE));
    store.put(0, b"piece", 1, &value(20_000));

    let start = |port: u16| -> Result<Server> {
        let port = port.to_string();
        let address = ["bind.address", "127.0.0.1", "port", &port];
        let settings = settings.iter().map(String::as_str);
        let settings: Vec<&str> = address.into_iter().chain(settings).collect();
        Ok(Server::start(
            Config::from_pairs(&settings)?,
            Arc::clone(&registry),
        )?)
    };
    let mut running = (0..servers)
        .map(|_| start(0))
        .collect::<Result<Vec<Server>>>()?;
    let ports: Vec<u16> = running.iter().map(Server::port).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::fs::write(cases, runtime.block_on(lines(running[0].address()))?)?;
    // Its connection with it, or the server would wait for that.
    drop(runtime);
    let addresses: Vec<String> = running
        .iter()
        .map(|one| one.address().to_string())
        .collect();
    say(&format!("serving {}", addresses.join(",")))?;

    stdin().read_line(&mut String::new())?;
    let (mut broken, mut refused) = (0, 0);
    for round in 0..rounds {
        std::thread::sleep(SERVES);
        let one = round % servers;
        if !running[one].stop(DRAIN) {
            broken += 1;
        }
        refused += running[one].late_calls() + running[one].memory().refused();
        running[one] = start(ports[one])?;
    }
    say(&format!(
        "done: {rounds} stops, {refused} calls were refused before they began, {broken} of them broke connections off"
    ))?;
    while stdin().read_line(&mut String::new())? > 0 {}
    Ok(())
}

fn say(line: &str) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn value(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 / 3) as u8).collect()
}

/// The cases, answered by the server at `address`.
async fn lines(address: SocketAddr) -> Result<String> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (requests, connection) = h2::client::Builder::new()
        .initial_window_size(8 * 1024 * 1024)
        .initial_connection_window_size(8 * 1024 * 1024)
        .handshake::<_, Bytes>(stream)
        .await?;
    let connection = tokio::spawn(connection);
    let mut lines = String::new();
    for (name, expected) in [("small", value_of("small")), ("large", value_of("large"))] {
        // Without `?f=b64` the string is the key.
        let request = VeniceClientRequest {
            partition: 0,
            key_string: name.to_owned(),
            resource_name: STORE.to_owned(),
            method: "GET".to_owned(),
            ..Default::default()
        };
        let request = request.encode_to_vec();
        let answers = answers(&requests, GET, &request).await?;
        let response = VeniceServerResponse::decode(&answers[0][..])?;
        if response.data != expected {
            return Err(format!("the answer for {name} is {}", response.error_message).into());
        }
        line(&mut lines, name, GET, &request, &answers)?;
    }
    let request = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: STORE.to_owned(),
        method: "POST".to_owned(),
        // One key: its index, length and bytes, and the partition, as Avro has them.
        key_bytes: [&[0, 10][..], b"piece", &[0]].concat(),
    };
    let request = request.encode_to_vec();
    let answers = answers(&requests, STREAM, &request).await?;
    if answers.len() != 2 || answers[0].len() < 20_000 {
        return Err(format!("a streamed answer of {} messages", answers.len()).into());
    }
    line(&mut lines, "stream", STREAM, &request, &answers)?;
    connection.abort();
    Ok(lines)
}

fn value_of(name: &str) -> Vec<u8> {
    match name {
        "small" => b"a small value".to_vec(),
        _ => value(LARGE),
    }
}

fn line(
    lines: &mut String,
    name: &str,
    path: &str,
    request: &[u8],
    answers: &[Vec<u8>],
) -> Result<()> {
    write!(lines, "{name} {path}")?;
    for message in std::iter::once(request).chain(answers.iter().map(Vec::as_slice)) {
        lines.push(' ');
        for byte in message {
            write!(lines, "{byte:02x}")?;
        }
    }
    lines.push('\n');
    Ok(())
}

/// The messages that one request is answered with.
async fn answers(
    requests: &h2::client::SendRequest<Bytes>,
    path: &str,
    request: &[u8],
) -> Result<Vec<Vec<u8>>> {
    let head = Request::post(format!("http://server{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())?;
    let (response, mut body) = requests.clone().ready().await?.send_request(head, false)?;
    let message = [
        &[0][..],
        &u32::try_from(request.len())?.to_be_bytes(),
        request,
    ];
    body.send_data(Bytes::from(message.concat()), true)?;
    let mut stream = response.await?.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = stream.data().await {
        bytes.extend_from_slice(&data?);
    }
    let mut messages = Vec::new();
    let mut rest = &bytes[..];
    while let Some((prefix, behind)) = rest.split_at_checked(5) {
        let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
        let (message, behind) = behind.split_at(length);
        messages.push(message.to_vec());
        rest = behind;
    }
    Ok(messages)
}
