//! What all clients together make the server hold stays within `max.client.bytes`, whatever they do,
//! and those beside them are answered. A file, and so a process, of its own: what is measured is the
//! memory of the process. Many clients of one kind: `many_clients_memory.rs`.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::time::Duration;

use harness::attack::{all_kinds, attack, kinds_that_wait, not_whole, stage, BESIDE, MIB};
use harness::hostile::Hostile;
use harness::http2::{grpc, Answer, Http2, STREAM};
use harness::HANG;
use tokio::time::timeout;

#[test]
fn one_client_of_each_kind() {
    for (name, kind) in all_kinds() {
        let stage = stage(&[]);
        println!("{name}");
        let grown = attack(&stage, &[kind], 1, 5);
        println!("  one client: {} MiB", grown / MIB);
        assert!(grown < (256 * MIB) + BESIDE, "{name}: {grown} bytes");
    }
}

#[test]
fn many_clients_of_all_kinds_at_once() {
    let kinds = kinds_that_wait();
    let stage = stage(&[]);
    let grown = attack(&stage, &kinds, 64, 5);
    println!("64 clients: {} MiB", grown / MIB);
    assert!(grown < (256 * MIB) + BESIDE, "{grown} bytes");
}

#[tokio::test]
async fn a_streamed_request_that_drips_is_given_up() {
    let stage = stage(&["receive.timeout.ms", "50"]);
    let mut http2 = Http2::connect(stage.harness.address()).await;
    let (response, mut stream) = http2.open(grpc(STREAM)).await;
    let body = not_whole(1000, 900).to_vec();
    stream.send_data(body.into(), false).unwrap();
    let answer = Answer::receive(response).await;
    assert_eq!(
        answer.status(),
        (
            "4",
            "the request did not arrive within 50 ms (setting receive.timeout.ms); send it \
             faster, or raise the setting"
        )
    );
}

#[tokio::test]
async fn what_is_held_is_given_back() {
    let stage = stage(&[]);
    let address = stage.harness.address();
    for (_, kind) in all_kinds() {
        let mut hostile = Hostile::connect(address, &kind);
        for _ in 0..100 {
            hostile.drive();
        }
    }
    // They are gone; the server has to notice.
    let nothing = async {
        while stage.harness.server.memory().held() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(HANG, nothing).await.unwrap();
}
