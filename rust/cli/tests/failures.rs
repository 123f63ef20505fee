//! What goes wrong is said in one line, with the value and the remedy, and by an exit code.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use std::net::TcpListener;

use venice::{Workplace, EMOJI};

#[test]
fn each_failure_has_its_code_and_its_remedy() {
    let workplace = Workplace::new();
    let emoji = workplace.load_emoji(&["--version", "3"]);
    assert_eq!(emoji["storeVersion"], "emoji_v3");
    workplace.write("cut.avro", &EMOJI[..EMOJI.len() - 1000]);
    workplace.write("not.avro", b"Obj\x01 but then something else");
    workplace.write("empty.json", b"\n\n");
    workplace.write("list.json", b"[1]");
    workplace.write("twice.json", "{\"key\":\"a\",\"value\":1}\n".repeat(2));
    workplace.write(
        "mixed.json",
        "{\"key\":\"a\",\"value\":1}\n{\"key\":\"b\",\"value\":\"x\"}",
    );
    workplace.write("object.json", "{\"key\":\"a\",\"value\":{\"x\":1}}");
    workplace.write("settings.json", "{\"port\": {}}");
    let long = "k".repeat(10_000);
    workplace.write(
        "long.json",
        format!("{{\"key\":\"a\",\"other\":\"{long}\"}}"),
    );
    // Nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = nobody.to_string();

    let mut wrong = Vec::new();
    for (arguments, code, words) in [
        (
            &["frobnicate"][..],
            64,
            &["frobnicate", "venice --help"][..],
        ),
        (&["load"], 64, &["<INPUT>"]),
        (
            &["load", "emoji.avro", "--tabel", "plain"],
            64,
            &["--tabel", "--table"],
        ),
        (
            &["load", "emoji.avro", "--table", "hash"],
            64,
            &["hash", "block-based, plain, blob"],
        ),
        (
            &["load", "emoji.avro", "--partitions", "0"],
            64,
            &["partitions is 0", "give 1 to"],
        ),
        (
            &["load", "emoji.avro", "--store", "a b"],
            64,
            &["\"a b\"", "give letters"],
        ),
        (
            &["load", "emoji.avro", "--schema-id", "0"],
            64,
            &["schema id is 0", "give 1 to"],
        ),
        (
            &["load", "emoji.avro", "--version", "-1"],
            64,
            &["version is -1", "give 1 to"],
        ),
        (
            &["load", "--frob"],
            64,
            &["'--frob'", "`venice load --help`"],
        ),
        (
            &["get", "emoji", "a", "--address", "5"],
            64,
            &["\"5\"", "give --address HOST:PORT"],
        ),
        (
            &["get", "emoji", "a", "--tls-ca", "no.pem"],
            66,
            &["no.pem", "give a PEM file with a certificate"],
        ),
        (&["load", "-"], 64, &["give --store NAME"]),
        (
            &["load", "nowhere.avro"],
            66,
            &["nowhere.avro", "No such file", "give an Avro file"],
        ),
        (&["load", "."], 66, &[". is a folder", "give an Avro file"]),
        (
            &["load", "emoji.avro", "--version", "3"],
            73,
            &["emoji_v3", "give another version"],
        ),
        (
            &["load", "emoji.avro", "--key-field", "id"],
            65,
            &["no field id", "key, value"],
        ),
        (
            &["load", "cut.avro"],
            65,
            &["cut.avro is damaged, or cut off"],
        ),
        (
            &["load", "not.avro"],
            65,
            &["not.avro begins as an Avro file"],
        ),
        (&["load", "empty.json"], 65, &["empty.json has no rows"]),
        (
            &["load", "list.json"],
            65,
            &["line 1", "no JSON object", "give lines such as"],
        ),
        (
            &["load", "twice.json"],
            65,
            &["the key \"a\" comes twice", "--last-wins"],
        ),
        (
            &["load", "mixed.json"],
            65,
            &["line 2", "\"\\\"x\\\"\"", "does not fit"],
        ),
        (
            &["load", "object.json"],
            65,
            &["needs a schema", "--value-schema"],
        ),
        (
            &["load", "long.json"],
            65,
            &["line 1 has no value", "--value-field"],
        ),
        (
            &["load", "object.json", "--value-schema", "strnig"],
            65,
            &["\"strnig\" is no Avro schema"],
        ),
        (
            &["load", "object.json", "--value-schema", "No.avsc"],
            66,
            &["No.avsc", "give a file"],
        ),
        (
            &["serve", "--data", "elsewhere"],
            66,
            &["no store version in elsewhere", "venice load"],
        ),
        (
            &["serve", "--set", "prot=1"],
            78,
            &["\"prot\"", "--print-settings"],
        ),
        (
            &["serve", "--set", "port=-1"],
            78,
            &["port is \"-1\"", "0 to 65535"],
        ),
        (&["serve", "--set", "port"], 64, &["give NAME=VALUE"]),
        (
            &["serve", "--set", "max.client.bytes=64TiB"],
            78,
            &["\"64TiB\"", "with the unit B, KiB, MiB or GiB"],
        ),
        (&["serve", "--settings", "no.json"], 66, &["no.json"]),
        (
            &["serve", "--settings", "settings.json"],
            78,
            &["port is \"{}\"", "a number"],
        ),
        (
            &["get", "emoji", "x", "-a", &nobody],
            69,
            &[&nobody, "start a server"],
        ),
        (
            &["get", "emoji", "x", "-a", "no host"],
            64,
            &["\"no host\"", "--address HOST:PORT"],
        ),
        (
            &["get", "emoji", "x", "--timeout", "soon"],
            64,
            &["soon", "500ms"],
        ),
        (
            &["get", "other", "x"],
            78,
            &["\"other\"", "give --data or --description"],
        ),
        (
            &["get", "emoji", "x", "--key-schema", "long"],
            64,
            &["\"x\"", "\\\"long\\\""],
        ),
        (&["batch-get", "emoji"], 64, &["<KEYS>"]),
        (
            &["batch-get", "emoji", "--keys-file", "no"],
            66,
            &["the keys in no"],
        ),
    ] {
        let ran = workplace.run(arguments);
        let error = ran.error();
        let told = words.iter().all(|word| error.contains(word)) && error.len() < 1000;
        if ran.code != code || !told || !ran.out.is_empty() {
            wrong.push(format!("{arguments:?}: {ran:?}, not {code} and {words:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What failed left nothing behind.
    let versions = std::fs::read_dir(workplace.path().join("venice-data/rocksdb")).unwrap();
    assert_eq!(versions.count(), 1);
    assert!(!workplace.path().join("elsewhere").exists());
}

#[test]
fn what_a_server_refuses_is_told() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&["--set", "max.batch.keys=2"]);
    let address = ["-a", server.address()];
    let run = |arguments: &[&str]| workplace.run(&[arguments, &address].concat());
    let many = run(&["batch-get", "emoji", "a", "b", "c"]);
    assert_eq!(many.code, 65, "{many:?}");
    assert!(
        many.error().contains("code 400: batch of more than 2 keys"),
        "{many:?}"
    );
    let few = run(&["batch-get", "emoji", "a", "b", "c", "--batch", "2"]);
    assert_eq!(few.code, 1);
    let other = run(&["get", "other_v1", "a", "--partitions", "8"]);
    assert_eq!(other.code, 70);
    assert!(
        other.error().contains("other_v1 does not exist"),
        "{other:?}"
    );
    // A port that speaks something else.
    let http = server.said["metrics"].as_str().unwrap();
    let http = http
        .trim_start_matches("http://")
        .trim_end_matches("/metrics");
    let ran = workplace.run(&["get", "emoji", "a", "-a", http]);
    assert_eq!(ran.code, 69, "{ran:?}");
    // The port is taken.
    let port = server.address().rsplit(':').next().unwrap();
    let second = workplace.run(&["serve", "--port", port]);
    assert_eq!(second.code, 71, "{second:?}");
    assert!(
        second.error().contains("set port to a free one"),
        "{second:?}"
    );
}

#[test]
fn help_tells_commands_and_exit_codes() {
    let workplace = Workplace::new();
    let help = workplace.run(&["--help"]);
    assert_eq!(help.code, 0);
    for word in ["load", "serve", "get", "batch-get", "Exit codes:", "--json"] {
        assert!(help.out.contains(word), "{}", help.out);
    }
    assert_eq!(workplace.run(&[]).code, 64);
    let mut arguments = vec!["serve", "--print-settings"];
    for setting in ["worker.threads=3", "max.client.bytes=64MiB", "drain.ms=2m"] {
        arguments.extend(["--set", setting]);
    }
    let settings = workplace.run(&arguments);
    let settings: serde_json::Value = serde_json::from_str(&settings.out).unwrap();
    assert_eq!(settings["worker.threads"], 3);
    assert_eq!(settings["max.client.bytes"], 64 << 20);
    assert_eq!(settings["drain.ms"], 120_000);
    assert_eq!(settings["port"], 7777);
    // What is printed is taken.
    workplace.write("settings.json", settings.to_string());
    let again = workplace.run(&["serve", "--print-settings", "--settings", "settings.json"]);
    let again: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(again, settings);
}
