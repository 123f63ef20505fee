//! One slice of load: what is sent, what the answers are to be, and the line that says what was measured.

use std::io::{self, Write};

use rustls::pki_types::ServerName;
use venice_load::error::LoadError;
use venice_load::histogram;
use venice_load::http2::Requests;
use venice_load::run::{run as run_plan, Measured, Plan, Speaks};
use venice_load::socket;
use venice_load::store::Store;

use crate::answer;
use crate::arguments::{Call, Protocol, Slice};
use crate::requests;

/// Answers of each slice that are compared byte by byte.
const COMPARED: u64 = 64;

/// Writes a request of a slice to standard output.
pub(crate) fn print_request(slice: &Slice) -> Result<(), LoadError> {
    let store = Store::open(&slice.data, &slice.store, slice.value_bytes);
    let requests = requests::draw(slice, &store.map_err(LoadError::io("--data"))?);
    // There are some, whatever the store.
    let message = requests.first().map_or(&[][..], |request| &request.message);
    let written = io::stdout().write_all(message);
    written.map_err(LoadError::io("standard output"))
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
    let plan = plan(slice)?;
    let messages = requests.iter().map(|request| &request.message[..]);
    let messages: Vec<&[u8]> = messages.collect();
    let mut compared = 0;
    let measured = run_plan(&plan, &messages, |answer| {
        if let Some(failure) = &answer.failure {
            return Err(LoadError::WrongAnswer(failure.clone()));
        }
        let Some(store) = &store else {
            // A file is as long as the values it stands for; an echo was checked when it came.
            let right = slice.value_bytes;
            if slice.protocol == Protocol::Http2 && answer.body.len() != right {
                return Err(LoadError::WrongAnswer(format!(
                    "a file of {} bytes for {right}",
                    answer.body.len()
                )));
            }
            return Ok(());
        };
        let request = &requests[(answer.token % requests.len() as u64) as usize];
        compared += 1;
        let every_byte = compared <= COMPARED;
        answer::check(slice, store, request, &answer.body, every_byte)
            .map_err(LoadError::WrongAnswer)
    })?;
    if let Some(file) = &slice.histogram {
        histogram::write(&measured.latencies, file)?;
    }
    println!("{}", json(&measured));
    Ok(())
}

fn plan(slice: &Slice) -> Result<Plan, LoadError> {
    let tls = slice.ca.as_deref().map(socket::tls_config).transpose()?;
    let authority = slice.address.to_string();
    let speaks = match slice.protocol {
        Protocol::Echo => Speaks::Echo,
        Protocol::Http2 => Speaks::Http2(Requests::get(&slice.path, &authority)),
        Protocol::Grpc => {
            let path = match slice.call {
                Call::Get => "/com.linkedin.venice.protocols.VeniceReadService/get",
                Call::Batch => "/com.linkedin.venice.protocols.VeniceReadService/batchGet",
                Call::Stream => "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet",
            };
            Speaks::Http2(Requests::grpc(path, &authority, tls.is_some()))
        }
    };
    let localhost = ServerName::try_from("localhost").expect("a DNS name");
    Ok(Plan {
        address: slice.address,
        tls: tls.map(|config| (config, localhost)),
        speaks,
        pace: slice.pace,
        connections: slice.connections,
        streams: slice.streams,
        warm_up: slice.warm_up,
        measured: slice.measured,
        pid: slice.pid,
    })
}

fn json(measured: &Measured) -> String {
    let [before, after] = measured.usage;
    let seconds = measured.seconds;
    format!(
        "{{\"sent\":{},\"rate\":{:.1},\"seconds\":{seconds:.3},\"user_seconds\":{:.2},\
         \"system_seconds\":{:.2},\"resident_kib\":{},{}}}",
        measured.sent,
        measured.answered as f64 / seconds.max(1e-9),
        after.user_seconds - before.user_seconds,
        after.system_seconds - before.system_seconds,
        after.resident_kib,
        histogram::summary(&measured.latencies)
    )
}
