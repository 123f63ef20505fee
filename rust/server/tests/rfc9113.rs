//! The rules of RFC 9113 (HTTP/2), as httpwg has them: which of its cases fail here is written down, and
//! why, in docs/http2.md.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use buffet::bufpool;
use harness::Harness;
use httpwg::{Config, Conn};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use venice_engine::Registry;

/// All cases, so that none gets lost.
const CASES: usize = 107;

/// How long a case waits for a frame, or for the end of the connection. Those that wait for what does
/// not come take that long; on a busy machine less is too short for what does come.
const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// Times that a surprise is run again, beside nothing but its like.
const AGAIN: usize = 3;

/// What fails, but for odd moments. docs/http2.md says what happens and why it stays.
const EXPLAINED: [&str; 6] = [
    "4. http frames: large headers frame exceeding max size",
    "6. frame definitions: changes settings initial window size after sending headers frame",
    "6. frame definitions: sends multiple values of settings initial window size",
    "6. frame definitions: sends settings frame for window size to be negative",
    "6. frame definitions: sends settings frame to set initial window size to 1 and sends headers frame",
    "8. expressing http semantics in http2: sends headers frame with te trailers",
];

/// What fails in some runs, by the order in which the answer (415) and the next frame cross.
const BY_CHANCE: [&str; 11] = [
    "5. streams and multiplexing: closed sends continuation frame after rst stream",
    "5. streams and multiplexing: closed sends headers frame",
    "5. streams and multiplexing: closed sends headers frame after rst stream",
    "5. streams and multiplexing: exceeds concurrent stream limit",
    "5. streams and multiplexing: half closed remote sends data frame",
    "5. streams and multiplexing: half closed remote sends headers frame",
    "6. frame definitions: sends data frame on invalid stream state",
    "6. frame definitions: sends multiple window update frames increasing flow control window above max on stream",
    "8. expressing http semantics in http2: sends headers frame with incorrect content length multiple data frames",
    "8. expressing http semantics in http2: sends headers frame with incorrect content length single data frame",
    "8. expressing http semantics in http2: sends second headers frame without end stream",
];

mod cases {
    #![allow(missing_docs, unreachable_pub, reason = "generated code")]

    use std::collections::HashMap;

    use buffet::IntoHalves;
    use httpwg::Conn;

    httpwg_macros::gen_catalog!(catalog);
}

type Outcomes = BTreeMap<String, Result<(), String>>;

/// Runs the cases that are `wanted`.
fn run(address: SocketAddr, wanted: impl Fn(&str) -> bool) -> Outcomes {
    let config = Rc::new(Config {
        timeout: FRAME_TIMEOUT,
        ..Config::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, async move {
        let mut running = Vec::new();
        for (section, cases) in cases::catalog::<TcpStream>().into_values().flatten() {
            for (case, run) in cases {
                let name = format!("{section}: {case}");
                if !wanted(&name) {
                    continue;
                }
                let config = Rc::clone(&config);
                // All at once: most of the time is waiting.
                let case = tokio::task::spawn_local(async move {
                    let stream = TcpStream::connect(address).await.unwrap();
                    run(Conn::new(config, stream)).await
                });
                running.push((name, case));
            }
        }
        let mut outcomes = BTreeMap::new();
        for (name, case) in running {
            let outcome = match case.await {
                Ok(outcome) => outcome.map_err(|error| error.to_string()),
                // A check that failed by panicking.
                Err(panicked) => Err(panicked.to_string()),
            };
            outcomes.insert(name, outcome);
        }
        outcomes
    })
}

/// What fails and is on no list, and how.
fn surprising(outcomes: &Outcomes) -> impl Iterator<Item = (String, String)> + '_ {
    outcomes.iter().filter_map(|(name, outcome)| {
        let known = EXPLAINED.contains(&&**name) || BY_CHANCE.contains(&&**name);
        let error = outcome.as_ref().err().filter(|_| !known)?;
        Some((name.clone(), error.clone()))
    })
}

#[test]
fn every_case_of_rfc_9113_passes_or_is_explained() {
    let harness = Harness::start(&Registry::new(), &[]);
    let address = harness.address();
    bufpool::initialize_allocator().unwrap();
    let mut outcomes = run(address, |_| true);
    // On a busy machine an answer may cross a frame where it does not otherwise. What is wrong stays so.
    for _ in 0..AGAIN {
        let surprises: BTreeSet<String> = surprising(&outcomes).map(|(name, _)| name).collect();
        if surprises.is_empty() {
            break;
        }
        println!("once more: {surprises:?}");
        outcomes.extend(run(address, |name| surprises.contains(name)));
    }

    assert_eq!(outcomes.len(), CASES, "the list of cases changed");
    let mut wrong = BTreeSet::new();
    for name in EXPLAINED.iter().chain(&BY_CHANCE) {
        if !outcomes.contains_key(*name) {
            wrong.insert(format!("{name}: no case has this name"));
        }
    }
    wrong.extend(surprising(&outcomes).map(|(name, error)| format!("{name}: {error}")));
    for (name, outcome) in &outcomes {
        // By how fast answers come: no reason to fail, one to look whether it always does.
        if outcome.is_ok() && EXPLAINED.contains(&&**name) {
            println!("passes, though it is on the list: {name}");
        }
        if outcome.is_err() && BY_CHANCE.contains(&&**name) {
            println!("fails this time: {name}");
        }
    }
    let failed = outcomes.values().filter(|outcome| outcome.is_err()).count();
    println!("{} of {CASES} cases pass", CASES - failed);
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(
        wrong.is_empty(),
        "{} surprises:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
