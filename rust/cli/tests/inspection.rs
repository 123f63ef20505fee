//! What is in a folder, and whether two servers answer alike.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use venice::Workplace;

#[test]
fn a_folder_is_listed_and_a_version_shown() {
    let workplace = Workplace::new();
    let none = workplace.run(&["inspect"]);
    assert_eq!(none.code, 66);
    assert!(none.error().contains("venice load"), "{none:?}");
    workplace.load_emoji(&[]);
    let zstd = [
        "--store",
        "small",
        "--partitions",
        "2",
        "--table",
        "plain",
        "--compression",
        "zstd",
    ];
    let chunks = ["--chunked", "--chunk-size", "100"];
    workplace.load_emoji(&[&zstd[..], &chunks].concat());

    let listed = workplace.run(&["inspect", "--count"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    let [emoji, small] = &listed.json()[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(emoji["storeVersion"], "emoji_v1");
    assert_eq!(emoji["table"], "block-based");
    assert_eq!(
        (&emoji["partitions"], &emoji["keys"]),
        (&8.into(), &3963.into())
    );
    assert_eq!(emoji["chunked"], false);
    assert!(emoji["bytes"].as_u64().unwrap() > 1_000_000);
    assert!(emoji["endOfPush"].as_i64() >= emoji["startOfPush"].as_i64());
    assert_eq!(small["table"], "plain");
    assert_eq!(small["compression"], "ZSTD_WITH_DICT");
    assert_eq!(small["keys"], 3963, "chunks are no keys");
    assert_eq!(small["chunked"], true);
    assert!(small["dictionaryBytes"].as_u64().unwrap() > 1000);

    let estimated = workplace.run(&["inspect", "emoji"]).ok();
    assert_eq!(estimated["estimatedKeys"], 3963);
    let shown = workplace.run(&["inspect", "emoji_v1", "--count"]).ok();
    let partitions = shown["partitionList"].as_array().unwrap();
    let records = partitions
        .iter()
        .map(|one| one["records"].as_u64().unwrap());
    assert_eq!((partitions.len(), records.sum()), (8, 3963u64));

    let human = workplace.run(&["inspect", "--human"]);
    let head = "version   partitions  tables       compression     chunked  on disk";
    assert!(human.out.starts_with(head), "{}", human.out);
    let human = workplace.run(&["inspect", "small", "--human"]);
    assert!(
        human
            .out
            .contains("plain tables, compression ZSTD_WITH_DICT, chunked yes"),
        "{}",
        human.out
    );
    let unknown = workplace.run(&["inspect", "smal"]);
    assert_eq!(unknown.code, 66);
    assert!(
        unknown.error().contains("lists what is there"),
        "{unknown:?}"
    );
}

#[test]
fn the_record_of_a_key_is_shown() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    workplace.load_emoji(&["--store", "chunks", "--chunked", "--chunk-size", "100"]);
    let whole = workplace.run(&["inspect", "emoji", "--key", "😀"]).ok();
    assert_eq!(whole["value"]["name"], "grinning face");
    assert_eq!(whole["storedKey"], "08f09f9880");
    assert_eq!(whole["recordSchemaId"], 1);
    assert_eq!(whole["chunks"], serde_json::Value::Null);
    let bytes = |field: &str| whole[field].as_u64().unwrap();
    assert_eq!(bytes("recordBytes"), bytes("storedBytes") + 4);

    let chunked = workplace
        .run(&["inspect", "chunks", "--key", "08f09f9880", "--hex-keys"])
        .ok();
    assert_eq!(chunked["value"], whole["value"]);
    assert_eq!(chunked["storedKey"], "08f09f98800200");
    assert_eq!(chunked["recordSchemaId"], -20);
    assert_eq!(
        chunked["chunks"].as_u64(),
        Some(bytes("storedBytes").div_ceil(100))
    );

    let human = workplace.run(&["inspect", "chunks", "--key", "😀", "--human"]);
    assert!(
        human.out.contains("a manifest of 3 chunks"),
        "{}",
        human.out
    );
    let missing = workplace.run(&["inspect", "emoji", "--key", "x"]);
    assert_eq!(missing.code, 1);
    assert_eq!(missing.json()[0]["found"], false);

    // Without a description the value is hexadecimal.
    std::fs::remove_dir_all(workplace.path().join("venice-data/descriptions")).unwrap();
    let plain = workplace.run(&["inspect", "emoji", "--key", "😀"]).ok();
    assert!(plain["hex"]
        .as_str()
        .unwrap()
        .starts_with("1a6772696e6e696e67"));
}

#[test]
fn servers_that_answer_alike_and_servers_that_differ() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let first = workplace.serve(&[]);
    let second = workplace.serve(&["--set", "worker.threads=1"]);
    let compare = |keys: &[&str], other: &str| {
        let both = ["-a", first.address(), "--other", other];
        workplace.run(&[&["compare", "emoji"], keys, &both].concat())
    };
    let alike = compare(&["--all"], second.address()).ok();
    assert_eq!(alike["compared"], 2 * 3963);
    assert_eq!(alike["different"], 0);
    let missing = compare(&["😀", "no emoji", "--rate", "1000"], second.address()).ok();
    assert_eq!(
        (&missing["missing"], &missing["different"]),
        (&2.into(), &0.into())
    );

    // The same store version with other values.
    let row = r#"{"key": "😀", "value": "a smile"}"#;
    workplace.write("smile.json", row);
    let load = [
        "load",
        "smile.json",
        "--store",
        "emoji",
        "--version",
        "1",
        "--data",
        "other",
    ];
    workplace.run(&load).ok();
    let third = workplace.serve(&["--data", "other"]);
    let keys = ["😀", "🍕", "no emoji", "--call", "get"];
    let differ = compare(&keys, third.address());
    assert_eq!(differ.code, 1, "{differ:?}");
    let lines = differ.json();
    let [smile, pizza, totals] = &lines[..] else {
        panic!("{differ:?}");
    };
    assert_eq!(smile["key"], "😀");
    assert!(smile["other"]
        .as_str()
        .unwrap()
        .starts_with("8 bytes of schema id 1, NO_OP, 0e"));
    assert_eq!(pizza["other"], "not there, NO_OP");
    assert_eq!(
        (&totals["compared"], &totals["different"]),
        (&3.into(), &2.into())
    );
    // A server that refuses differs from one that answers.
    let fourth = workplace.serve(&["--data", "other", "--set", "max.batch.keys=1"]);
    let refused = compare(&["a", "b", "--call", "batch-get"], fourth.address());
    assert_eq!(refused.code, 1);
    assert_eq!(refused.json()[0]["other"], "refused, as exit code 65");
    let nobody = compare(&["a"], "127.0.0.1:1");
    assert_eq!(nobody.code, 69);
}
