//! Commands that read from a server which speaks TLS, and from one that wants certificates of its clients; and operators
//! at the admin port.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use venice::{Ran, Serving, Workplace};

macro_rules! pem {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../server/tests/key_stores/", $name)) as &[u8],
        )
    };
}

/// Certificates of the read server's tests: `server` and `client` are signed by `ca`, `stranger` by nobody.
const FILES: [(&str, &[u8]); 7] = [
    pem!("ca.pem"),
    pem!("server.pem"),
    pem!("server-key.pem"),
    pem!("client.pem"),
    pem!("client-key.pem"),
    pem!("stranger.pem"),
    pem!("stranger-key.pem"),
];

const SERVER: [&str; 4] = [
    "--set",
    "tls.key.store=server.pem",
    "--set",
    "tls.private.key=server-key.pem",
];
const TRUSTED: [&str; 2] = ["--tls-ca", "ca.pem"];
const CLIENT: [&str; 6] = [
    "--tls-ca",
    "ca.pem",
    "--tls-cert",
    "client.pem",
    "--tls-key",
    "client-key.pem",
];

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    for (name, bytes) in FILES {
        workplace.write(name, bytes);
    }
    workplace
}

/// Every command that reads from a server, with what it needs beside the address.
fn commands(server: &Serving) -> Vec<Vec<String>> {
    let port = server.address().rsplit(':').next().unwrap();
    // The certificate of the server is that of localhost, and of 127.0.0.1.
    let address = format!("localhost:{port}");
    let commands: [&[&str]; 6] = [
        &["get", "emoji", "😀"],
        &["batch-get", "emoji", "😀", "🍕"],
        &["batch-get", "emoji", "😀", "🍕", "--stream"],
        &["where", "emoji", "😀"],
        &[
            "bench",
            "emoji",
            "--rate",
            "100",
            "--time",
            "300ms",
            "--warm-up",
            "1ms",
        ],
        &["compare", "emoji", "😀", "🍕", "--other", &address],
    ];
    let with_address = |command: &&[&str]| {
        let words = command.iter().copied().chain(["-a", &address]);
        words.map(str::to_owned).collect()
    };
    commands.iter().map(with_address).collect()
}

fn run(workplace: &Workplace, command: &[String], options: &[&str]) -> Ran {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    workplace.run(&[&words[..], options].concat())
}

#[track_caller]
fn answered(command: &[String], ran: &Ran) {
    assert_eq!(ran.code, 0, "{command:?}: {ran:?}");
    match &*command[0] {
        "get" | "where" => assert_eq!(ran.json()[0]["found"], true, "{ran:?}"),
        "batch-get" => assert!(ran.json().iter().all(|row| row["found"] == true), "{ran:?}"),
        _ => assert!(!ran.json().is_empty(), "{ran:?}"),
    }
}

#[test]
fn every_command_reads_over_tls() {
    let workplace = workplace();
    let settings = [&SERVER[..], &["--set", "tls.client.auth=none"]].concat();
    let server = workplace.serve(&settings);
    for command in commands(&server) {
        answered(&command, &run(&workplace, &command, &TRUSTED));
        // Without a CA the command does not speak TLS; with another one it does not believe the server.
        let plain = run(&workplace, &command, &[]);
        assert_eq!(plain.code, 69, "{command:?}: {plain:?}");
        let stranger = run(&workplace, &command, &["--tls-ca", "stranger.pem"]);
        assert_eq!(stranger.code, 69, "{command:?}: {stranger:?}");
        assert!(!stranger.err.contains("panicked"), "{stranger:?}");
    }
    // Another name is another server, unless it is said.
    let get = [
        String::from("get"),
        "emoji".into(),
        "😀".into(),
        "-a".into(),
        server.address().into(),
    ];
    answered(&get, &run(&workplace, &get, &TRUSTED));
    let named = run(
        &workplace,
        &get,
        &[&TRUSTED[..], &["--tls-name", "other.example"]].concat(),
    );
    assert_eq!(named.code, 69, "{named:?}");
    assert!(
        named.error().contains("does not speak TLS as asked for"),
        "{named:?}"
    );
}

#[test]
fn every_command_shows_its_certificate() {
    let workplace = workplace();
    let settings = [&SERVER[..], &["--set", "tls.trust.store=ca.pem"]].concat();
    let server = workplace.serve(&settings);
    let stranger = [
        "--tls-ca",
        "ca.pem",
        "--tls-cert",
        "stranger.pem",
        "--tls-key",
        "stranger-key.pem",
    ];
    for command in commands(&server) {
        answered(&command, &run(&workplace, &command, &CLIENT));
        for refused in [&TRUSTED[..], &stranger] {
            let ran = run(&workplace, &command, refused);
            assert_eq!(ran.code, 69, "{command:?}: {ran:?}");
        }
    }
    let mixed = [
        &TRUSTED[..],
        &["--tls-cert", "client.pem", "--tls-key", "stranger-key.pem"],
    ]
    .concat();
    let get = [String::from("get"), "emoji".into(), "😀".into()];
    let ran = run(&workplace, &get, &mixed);
    assert_eq!(ran.code, 78, "{ran:?}");
}

#[test]
fn operators_ask_at_the_admin_port() {
    let workplace = workplace();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    // Free a moment ago.
    drop(port);
    let settings = [
        format!("admin.port={}", address.port()),
        "admin.tls.key.store=server.pem".to_owned(),
        "admin.tls.private.key=server-key.pem".to_owned(),
        "admin.tls.trust.store=ca.pem".to_owned(),
        "admin.port.view=CN=client".to_owned(),
    ];
    let settings: Vec<&str> = settings.iter().flat_map(|pair| ["--set", pair]).collect();
    let _server = workplace.serve(&settings);
    let address = address.to_string();
    let run = |command: &[&str], options: &[&str]| {
        workplace.run(&[command, &["--admin-address", &address], options].concat())
    };
    assert_eq!(run(&["status"], &CLIENT).ok()["phase"], "serving");
    assert_eq!(run(&["top", "-n", "1"], &CLIENT).code, 0);
    // The process may be on another machine.
    let report = run(&["diagnose"], &CLIENT);
    assert_eq!(
        report.json()[0]["machine"],
        serde_json::Value::Null,
        "{report:?}"
    );
    let refused = run(&["drain"], &CLIENT);
    assert_eq!(refused.code, 77, "{refused:?}");
    assert!(
        refused
            .error()
            .contains("admin.port.change does not name this client"),
        "{refused:?}"
    );
    let anonymous = run(&["status"], &TRUSTED);
    assert_eq!(anonymous.code, 69, "{anonymous:?}");
    assert!(
        anonymous.error().contains("give --tls-cert and --tls-key"),
        "{anonymous:?}"
    );
    assert_eq!(run(&["status"], &[]).code, 64);
}
