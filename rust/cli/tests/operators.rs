//! What operators do with a server that runs, by its admin socket; completions and manual pages.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use rustix::process::Signal;
use venice::Workplace;

#[test]
fn a_running_server_is_seen_changed_and_drained() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&["--set", "admin.socket=admin"]);
    assert_eq!(server.said["admin"], "admin");
    let run = |arguments: &[&str]| workplace.run(&[arguments, &["--socket", "admin"]].concat());
    assert_eq!(
        workplace
            .run(&["get", "emoji", "😀", "-a", server.address()])
            .code,
        0
    );

    let status = run(&["status"]).ok();
    assert_eq!(
        (&status["phase"], &status["store_versions"]),
        (&"serving".into(), &1.into())
    );
    let human = run(&["status", "--human"]);
    assert!(
        human
            .out
            .lines()
            .any(|line| line.split_whitespace().eq(["phase", "serving"])),
        "{}",
        human.out
    );
    let stores = run(&["stores"]).ok();
    let version = &stores["stores"][0]["versions"][0];
    assert_eq!(version["name"], "emoji_v1");
    assert!(
        version["partitions"][0]["reads_per_second"].is_number(),
        "{version}"
    );
    // The get was long ago, or not.
    assert!(status["busiest_partitions"].is_array(), "{status}");
    let human = run(&["stores", "--human"]);
    assert!(
        human.out.contains("emoji_v1: partitions\n"),
        "{}",
        human.out
    );
    for view in ["conns", "certs", "limits", "access", "quota", "slow"] {
        run(&[view]).ok();
        assert_eq!(run(&[view, "--human"]).code, 0);
    }
    let top = run(&["top", "-n", "2", "--interval", "10ms"]);
    assert_eq!((top.code, top.json().len()), (0, 2));
    assert_eq!(top.json()[0]["stores"][0]["store"], "emoji");

    let one = run(&["config", "max.connections"]);
    assert_eq!(one.json()[0]["value"], "10000");
    let before = run(&["config", "max.connections", "--set", "20000"]).ok();
    assert_eq!(before["setting"], "max.connections");
    let changed = run(&["config", "--changed"]);
    assert!(changed
        .json()
        .iter()
        .any(|one| one["name"] == "max.connections"));
    let refused = run(&["config", "worker.threads", "--set", "3"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused
            .error()
            .starts_with("the server refused it: setting worker.threads cannot be changed while the server runs: "),
        "{refused:?}"
    );
    let unknown = run(&["config", "no.such"]);
    assert!(
        unknown.error().contains("`venice config` lists them"),
        "{unknown:?}"
    );

    // The right to see keys is another server's.
    let refused = run(&["hotkeys", "--show", "--for", "1ms"]);
    assert_eq!(refused.code, 77, "{refused:?}");
    assert!(
        refused.error().contains("admin.socket.keys=true"),
        "{refused:?}"
    );
    assert_eq!(run(&["hotkeys", "--last"]).code, 1);
    let over = run(&["hotkeys", "--for", "1ms"]).ok();
    assert_eq!(
        (&over["state"], &over["reads"]),
        (&"over".into(), &0.into())
    );
    let long = run(&["hotkeys", "--for", "2h"]);
    assert_eq!(long.code, 78);
    assert!(long.error().contains("give 1 to 3600000 ms"), "{long:?}");

    let stay = run(&["drain", "--stay", "--quiet", "1ms"]).ok();
    assert_eq!(stay["ended"], false);
    assert_eq!(run(&["status"]).ok()["phase"], "leaving");
    assert_eq!(run(&["undrain"]).code, 0);
    assert_eq!(run(&["status"]).ok()["phase"], "serving");
    let report = run(&["drain", "--quiet", "1ms"]).ok();
    assert_eq!(
        (&report["ended"], &report["calls_cut"]),
        (&true.into(), &0.into())
    );
    // The program ends with its server.
    let (code, ended) = server.ended();
    assert_eq!(code, 0);
    assert_eq!(ended["drained"], true);

    let nobody = run(&["status"]);
    assert_eq!(nobody.code, 69, "{nobody:?}");
    assert!(
        nobody
            .error()
            .contains("start a server with `venice serve`"),
        "{nobody:?}"
    );
}

#[test]
fn a_server_has_its_socket_in_the_folder_unless_the_port_is_free() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&[]);
    assert_eq!(server.said["admin"], serde_json::Value::Null);
    let port = server.address().rsplit(':').next().unwrap().to_owned();
    assert_eq!(server.stop(Signal::TERM).0, 0);
    // Free a moment ago.
    let server = workplace.serve(&["--port", &port]);
    assert_eq!(
        server.said["admin"],
        format!("venice-data/admin-{port}.socket")
    );
    assert_eq!(
        workplace.run(&["status", "--port", &port]).ok()["phase"],
        "serving"
    );
    drop(server);
    let without = workplace.run(&["serve", "--print-settings", "--no-admin"]);
    assert!(!without.out.contains("\"admin.socket\""), "{}", without.out);
}

#[test]
fn hot_keys_are_counted_for_a_while_and_shown_as_their_schema_says() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let settings = [
        "--set",
        "admin.socket=admin",
        "--set",
        "admin.socket.keys=true",
    ];
    let server = workplace.serve(&settings);
    let address = server.address();
    let run = |arguments: &[&str]| workplace.run(&[arguments, &["--socket", "admin"]].concat());
    // The command waits for the end of its session, and this for the beginning.
    std::thread::scope(|scope| {
        let counted = scope.spawn(|| run(&["hotkeys", "--show", "--for", "1h", "emoji"]));
        while run(&["hotkeys", "--last"]).json()[0]["state"] != "running" {}
        for key in ["😀", "🍕", "😀"] {
            assert_eq!(workplace.run(&["get", "emoji", key, "-a", address]).code, 0);
        }
        let human = run(&["hotkeys", "--last", "--human"]);
        assert!(human.out.contains("3 reads of keys counted"), "{human:?}");
        assert!(
            human.out.contains("66.67%  emoji_v1       \"😀\""),
            "{human:?}"
        );
        assert_eq!(
            run(&["hotkeys", "--stop", "other"]).ok()["keys"],
            serde_json::json!([])
        );
        let counted = counted.join().unwrap().ok();
        assert_eq!(counted["state"], "over");
        assert_eq!(counted["keys"][0]["key"], "\"😀\"");
        assert_eq!(counted["keys"][0]["reads"], 2);
    });
    let started = run(&["hotkeys", "--for", "1h", "--detach"]).ok();
    assert_eq!(started["state"], "running");
    let second = run(&["hotkeys"]);
    assert_eq!(second.code, 1, "one runs at a time: {second:?}");
    assert!(second.error().starts_with("the server refused it: "));
    assert_eq!(run(&["hotkeys", "--stop"]).ok()["state"], "over");
}

#[test]
fn completions_and_manual_pages() {
    let workplace = Workplace::new();
    for shell in ["bash", "zsh", "fish"] {
        let completions = workplace.run(&["completions", shell]);
        assert_eq!(completions.code, 0);
        assert!(completions.out.contains("batch-get") && completions.out.contains("keys-file"));
    }
    let page = workplace.run(&["man"]);
    assert!(
        page.out.contains(".TH venice 1") && page.out.contains("Exit codes"),
        "{}",
        page.out
    );
    assert_eq!(workplace.run(&["man", "--to", "pages"]).code, 0);
    let pages = std::fs::read_dir(workplace.path().join("pages")).unwrap();
    assert!(pages.count() > 20);
    let load = std::fs::read_to_string(workplace.path().join("pages/venice-load.1")).unwrap();
    assert!(load.contains("chunk"), "{load}");
}
