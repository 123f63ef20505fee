//! A load on a server: every request is answered and counted, and the page is written.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use venice::Workplace;

#[test]
fn a_load_is_answered_counted_and_plotted() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&[]);
    let bench = |options: &[&str]| {
        let short = [
            "--time",
            "500ms",
            "--warm-up",
            "50ms",
            "-a",
            server.address(),
        ];
        workplace.run(&[&["bench", "emoji"], options, &short].concat())
    };
    let gets = bench(&["--rate", "200", "--html", "page.html"]).ok();
    // What was due in the measured time, and in the time before it.
    assert_eq!(gets["sent"], 110);
    assert_eq!(gets["answered"], 100);
    assert_eq!(
        (&gets["missing"], &gets["refused"], &gets["broken"]),
        (&0.into(), &0.into(), &0.into())
    );
    let micros = |name: &str| gets["latencyMicros"][name].as_f64().unwrap();
    assert!(
        0.0 < micros("p50") && micros("p50") <= micros("max"),
        "{gets}"
    );
    let page = std::fs::read_to_string(workplace.path().join("page.html")).unwrap();
    assert!(page.contains("emoji_v1 at 127.0.0.1:") && page.contains("<polyline"));

    let batches = bench(&[
        "--call",
        "batch-get",
        "--batch",
        "5",
        "--saturate",
        "--human",
    ]);
    assert_eq!(batches.code, 0, "{batches:?}");
    assert!(batches
        .out
        .contains("batch gets of 5 keys for 500ms, 8 in flight on each of 4 connections"));
    assert!(
        batches.out.contains("0 not there, 0 refused"),
        "{}",
        batches.out
    );
    assert!(batches.out.contains(" p99.9 ") && batches.out.contains('\u{2588}'));

    let missing = bench(&["no emoji", "--rate", "100"]).ok();
    assert_eq!(
        (&missing["answered"], &missing["missing"]),
        (&50.into(), &55.into())
    );
    let stores = bench(&["no emoji", "--rate", "100", "--partitions", "9000000"]);
    // A partition that is not there: the server refuses.
    assert_eq!(stores.code, 70, "{stores:?}");
    assert_eq!(stores.json()[0]["refused"], 55);
    assert!(stores
        .error()
        .contains("55 answers refused or broken of 55, the first with code 500"));
}

/// A server that ends its connections by their age has them replaced, and every request is answered.
#[test]
fn a_load_goes_on_when_connections_grow_old() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&["--set", "max.connection.age.ms=50"]);
    for pace in [&["--rate", "500"][..], &["--saturate"]] {
        let options = ["--time", "1s", "--warm-up", "50ms", "-a", server.address()];
        let ran = workplace.run(&[&["bench", "emoji"], pace, &options].concat());
        let ran = ran.ok();
        assert_eq!((&ran["refused"], &ran["broken"]), (&0.into(), &0.into()));
        assert!(ran["answered"].as_u64().unwrap() >= 100, "{ran}");
    }
}

#[test]
fn a_load_that_cannot_begin_says_why() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    for (arguments, code, words) in [
        (
            &["bench", "emoji", "-a", "127.0.0.1:1"][..],
            69,
            "ended early",
        ),
        (&["bench", "emoji", "-a", "nowhere"], 69, "give HOST:PORT"),
        (&["bench", "emoji", "--rate", "0"], 64, "from 0.001"),
        (
            &["bench", "other_v1", "--partitions", "1"],
            66,
            "--keys-file",
        ),
        (
            &["bench", "emoji", "--rate", "1", "--saturate"],
            64,
            "cannot be used with",
        ),
    ] {
        let ran = workplace.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.error().contains(words), "{ran:?}");
    }
}
