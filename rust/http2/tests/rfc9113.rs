//! The rules of RFC 9113 (HTTP/2), as httpwg has them.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use buffet::bufpool;
use httpwg::{Config, Conn};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use venice_http2::Limits;

/// All cases, so that none gets lost.
const CASES: usize = 107;

/// How long a case waits for a frame, or for the end of the connection. Those that wait for what does
/// not come take that long; on a busy machine less is too short for what does come.
const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// What fails where frames may be larger than the case's own: it stops by its own check, as its fields are
/// shorter than such a frame. It is run with smaller frames too.
const LARGE_FRAMES: [&str; 1] = ["4. http frames: large headers frame exceeding max size"];

mod cases {
    #![allow(missing_docs, unreachable_pub, reason = "generated code")]

    use std::collections::HashMap;

    use buffet::IntoHalves;
    use httpwg::Conn;

    httpwg_macros::gen_catalog!(catalog);
}

#[test]
fn every_case_passes_with_the_least_frames() {
    check(16_384, &[]);
}

#[test]
fn every_case_but_one_passes_with_larger_frames() {
    check(65_536, &LARGE_FRAMES);
}

/// Runs all cases, of which those of `explained` fail.
fn check(frame_bytes: u32, explained: &[&str]) {
    let limits = Limits {
        frame_bytes,
        ..Limits::default()
    };
    let address = driver::start(0, limits, driver::ANSWER_BYTES);
    bufpool::initialize_allocator().unwrap();
    let config = Rc::new(Config {
        timeout: FRAME_TIMEOUT,
        ..Config::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcomes: BTreeMap<String, Result<(), String>> =
        LocalSet::new().block_on(&runtime, async move {
            let mut running = Vec::new();
            for (section, cases) in cases::catalog::<TcpStream>().into_values().flatten() {
                for (case, run) in cases {
                    let name = format!("{section}: {case}");
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
        });

    assert_eq!(outcomes.len(), CASES, "the list of cases changed");
    let mut wrong = BTreeSet::new();
    for name in explained {
        if !outcomes.contains_key(*name) {
            wrong.insert(format!("{name}: no case has this name"));
        }
    }
    for (name, outcome) in &outcomes {
        let fails = explained.contains(&&**name);
        match outcome {
            Ok(()) if fails => {
                wrong.insert(format!("passes, though it is on the list: {name}"));
            }
            Err(error) if !fails => {
                wrong.insert(format!("{name}: {error}"));
            }
            _ => {}
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
