//! What operators ask when something is wrong: who answers for a key, what is wrong with a server, and where its time goes.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use std::fs;

use serde_json::Value as Json;
use venice::Workplace;

/// A port of this machine on which nobody listens: it was free a moment ago, and is asked for at once.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn where_tells_which_servers_answer() {
    let whole = Workplace::new();
    whole.load_emoji(&[]);
    let all = whole.serve(&[]);
    // Another host has all partitions but one.
    let part = Workplace::new();
    part.load_emoji(&[]);
    fs::remove_dir_all(part.path().join("venice-data/rocksdb/emoji_v1/emoji_v1_3")).unwrap();
    let some = part.serve(&[]);
    let (all, some) = (all.address(), some.address());
    let ask = |arguments: &[&str]| whole.run(&[&["where", "emoji"], arguments].concat());

    let key = ask(&["😀", "-a", all]).ok();
    assert_eq!(
        (&key["partition"], &key["serves"], &key["found"], &key["by"]),
        (&3.into(), &true.into(), &true.into(), &"rust".into())
    );
    assert_eq!(key["server"], all);
    let missing = ask(&["nothing", "-a", all]).ok();
    assert_eq!(
        (&missing["serves"], &missing["found"]),
        (&true.into(), &false.into())
    );

    let partitions = ask(&["-a", some, "--other", all]);
    assert_eq!(partitions.code, 0, "{partitions:?}");
    let rows = partitions.json();
    assert_eq!(rows.len(), 16);
    let third: Vec<&Json> = rows.iter().filter(|row| row["partition"] == 3).collect();
    assert_eq!(
        (&third[0]["serves"], &third[1]["serves"]),
        (&false.into(), &true.into())
    );
    assert!(
        third[0]["says"].as_str().unwrap().starts_with("code 500: "),
        "{third:?}"
    );
    let human = ask(&["-a", some, "--human"]);
    assert_eq!(human.code, 1, "{human:?}");
    assert!(human.out.contains("  rust  0-2, 4-7  3  "), "{}", human.out);
    assert_eq!(ask(&["-a", some, "--partition", "2"]).code, 0);
    assert_eq!(ask(&["-a", some, "--partition", "3"]).code, 1);

    // Who is away tells nothing, and keeps nobody from telling.
    let away = nobody();
    let rows = ask(&["😀", "-a", &away, "--other", all]);
    assert_eq!(rows.code, 0, "{rows:?}");
    assert_eq!(rows.json()[0]["serves"], Json::Null);
    let rows = ask(&["😀", "-a", &away]);
    assert_eq!(rows.code, 69, "{rows:?}");
    let unknown = ask(&["--partition", "8", "-a", all]);
    assert_eq!(unknown.code, 64);
    assert_eq!(
        unknown.error(),
        "partition 8 is none of emoji_v1, which has 8: 0 to 7"
    );
    let version = whole.run(&["where", "emoji_v9", "--partitions", "2", "-a", all]);
    assert_eq!((version.code, version.json().len()), (1, 2));
}

#[test]
fn diagnose_tells_what_is_wrong_and_keeps_secrets() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let settings = [
        "--set",
        "admin.socket=admin",
        "--set",
        "admin.socket.keys=true",
        "--set",
        "metrics.otlp.headers=authorization=geheim",
        "--set",
        "max.connections=10",
    ];
    let server = workplace.serve(&settings);
    let run = |arguments: &[&str]| workplace.run(&[arguments, &["--socket", "admin"]].concat());
    let problems = |findings: &Json| -> Vec<String> {
        let findings = findings.as_array().unwrap().iter();
        let problems = findings.filter(|one| one["severity"] == "problem");
        problems
            .map(|one| one["what"].as_str().unwrap().to_owned())
            .collect()
    };
    let seen = run(&["diagnose"]);
    let report = &seen.json()[0];
    // What is wrong with the machine of the test is its own matter.
    assert_eq!(
        seen.code == 1,
        !problems(&report["findings"]).is_empty(),
        "{seen:?}"
    );
    for part in [
        "status",
        "stores",
        "connections",
        "certificates",
        "limits",
        "access",
        "quota",
        "slow",
        "config",
    ] {
        assert!(report[part].is_object(), "{part}");
        assert_eq!(report[part]["unknown"], Json::Null);
    }
    assert!(report["metrics"]
        .as_str()
        .unwrap()
        .contains("\nvenice_server_"));
    if cfg!(target_os = "linux") {
        let process = &report["machine"]["process"];
        assert_eq!(process["pid"], report["status"]["pid"]);
        assert!(process["descriptors"].as_u64().unwrap() > 3, "{process}");
    }

    let started = "the server is leaving: clients are told to go elsewhere";
    assert!(!problems(&report["findings"])
        .iter()
        .any(|what| what == started));
    run(&["drain", "--stay", "--quiet", "1ms"]).ok();
    std::thread::scope(|scope| {
        scope.spawn(|| run(&["hotkeys", "--show", "--for", "1h"]));
        while run(&["hotkeys", "--last"]).json()[0]["state"] != "running" {}
        let key = workplace.run(&["get", "emoji", "😀", "-a", server.address()]);
        assert_eq!(key.code, 0);
        let written = run(&["diagnose", "-o", "ticket.txt"]);
        assert_eq!(written.code, 1, "{written:?}");
        let written = &written.json()[0];
        assert!(problems(&written["findings"])
            .iter()
            .any(|what| what == started));
        assert_eq!(written["written"], "ticket.txt");
        run(&["hotkeys", "--stop"]).ok();
    });
    let ticket = fs::read_to_string(workplace.path().join("ticket.txt")).unwrap();
    for part in [
        "problem: the server is leaving",
        "`venice undrain`",
        "== machine ==",
        "== config ==",
        "== metrics ==",
    ] {
        assert!(ticket.contains(part), "{part}: {ticket}");
    }
    for secret in [
        "geheim",
        "😀",
        "f09f9880",
        "\\xf0\\x9f\\x98\\x80",
        "grinning",
    ] {
        assert!(!ticket.contains(secret), "{secret}: {ticket}");
    }
    assert!(ticket.contains("***"), "the key was counted, and is hidden");
    let nowhere = run(&["diagnose", "-o", "no/folder/x"]);
    assert_eq!(nowhere.code, 73, "{nowhere:?}");
}

#[test]
fn profile_tells_where_time_goes() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&["--set", "admin.socket=admin", "--set", "worker.threads=1"]);
    let run = |arguments: &[&str]| workplace.run(&[arguments, &["--socket", "admin"]].concat());
    let bench = [
        "bench",
        "emoji",
        "-a",
        server.address(),
        "--rate",
        "200",
        "--time",
    ];
    let reads = |profile: &Json| profile["times"][0]["times"].as_f64().unwrap();
    std::thread::scope(|scope| {
        let load = scope.spawn(|| workplace.run(&[&bench[..], &["3s"]].concat()).code);
        let mut profile = run(&["profile", "--for", "300ms"]).ok();
        // The load is there in a moment, and its reads are seen then.
        while reads(&profile) == 0.0 && !load.is_finished() {
            profile = run(&["profile", "--for", "300ms"]).ok();
        }
        assert!(reads(&profile) > 0.0, "{profile}");
        assert!(
            profile["workers"][0]["busy"].as_f64().unwrap() > 0.0,
            "{profile}"
        );
        if cfg!(target_os = "linux") {
            let threads = profile["threads"].as_array().unwrap();
            let mut workers = threads
                .iter()
                .filter(|thread| thread["name"] == "venice-read-0");
            assert_eq!(workers.next().unwrap()["threads"], 1, "{profile}");
        }
        assert_eq!(load.join().unwrap(), 0);
    });
    let human = run(&["profile", "--for", "100ms", "--human"]);
    assert!(human.out.contains("whole reads"), "{human:?}");
    let long = run(&["profile", "--for", "1h"]);
    assert_eq!(long.code, 64, "{long:?}");
    assert!(
        long.error().contains("give a time from 100ms to 5m"),
        "{long:?}"
    );
}
