//! The way of somebody who is new: load, serve, get, and every value is what was loaded.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod venice;

use std::collections::BTreeMap;

use apache_avro::types::Value;
use apache_avro::{Reader, Schema};
use rustix::process::Signal;
use serde_json::Value as Json;

use venice::{Ran, Serving, Workplace, EMOJI};

/// The emoji as the file has them, by key, and the schema of the values.
fn emoji() -> (BTreeMap<String, Value>, Schema) {
    let reader = Reader::new(EMOJI).unwrap();
    let Schema::Record(record) = reader.writer_schema().clone() else {
        panic!("no records");
    };
    let schema = record.fields[1].schema.clone();
    let rows = reader.map(|row| match row.unwrap() {
        Value::Record(fields) => match &fields[..] {
            [(_, Value::String(key)), (_, value)] => (key.clone(), value.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    });
    (rows.collect(), schema)
}

/// Each line has the value that the file has, and all keys are there.
fn compare(ran: &Ran, rows: &BTreeMap<String, Value>, schema: &Schema) {
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines = ran.json();
    assert_eq!(lines.len(), rows.len());
    for (line, (key, value)) in lines.iter().zip(rows) {
        assert_eq!(line["key"].as_str(), Some(&key[..]));
        assert_eq!(line["found"], true);
        let read = Value::try_from(line["value"].clone()).unwrap();
        assert_eq!(&read.resolve(schema).unwrap(), value, "{key}");
    }
}

fn batch_get(workplace: &Workplace, server: &Serving, store: &str, options: &[&str]) -> Ran {
    let all = ["batch-get", store, "--keys-file", "keys", "--address"];
    workplace.run(&[&all[..], &[server.address()], options].concat())
}

#[test]
fn every_emoji_is_read_as_it_was_loaded() {
    let workplace = Workplace::new();
    let loaded = workplace.load_emoji(&[]);
    assert_eq!(loaded["storeVersion"], "emoji_v1");
    assert_eq!(loaded["rows"], 3963);
    assert_eq!(loaded["records"], 3963);

    let server = workplace.serve(&[]);
    let versions = &server.said["storeVersions"];
    assert_eq!(versions[0]["name"], "emoji_v1");
    assert_eq!(versions[0]["partitions"], 8);
    let metrics = server.said["metrics"].as_str().unwrap();
    assert!(metrics.starts_with("http://127.0.0.1:") && metrics.ends_with("/metrics"));

    let (rows, schema) = emoji();
    let keys: Vec<&str> = rows.keys().map(String::as_str).collect();
    workplace.write("keys", keys.join("\n"));
    compare(
        &batch_get(&workplace, &server, "emoji", &[]),
        &rows,
        &schema,
    );
    let streamed = ["--stream", "--batch", "5000"];
    compare(
        &batch_get(&workplace, &server, "emoji", &streamed),
        &rows,
        &schema,
    );

    let get = |key: &str| workplace.run(&["get", "emoji", key, "-a", server.address()]);
    let one = get("😀").ok();
    assert_eq!(one["value"]["name"], "grinning face");
    assert_eq!(one["storeVersion"], "emoji_v1");
    assert_eq!(one["schemaId"], 1);
    let missing = get("no emoji");
    assert_eq!((missing.code, &missing.err[..]), (1, ""));
    assert_eq!(missing.json()[0]["found"], false);

    let (code, ended) = server.stop(Signal::TERM);
    assert_eq!(code, 0);
    assert_eq!(ended["drained"], true);
    assert_eq!(ended["callsCut"], 0);
}

#[test]
fn a_person_reads_text() {
    let workplace = Workplace::new();
    workplace.write("emoji.avro", EMOJI);
    let loaded = workplace.run(&["load", "emoji.avro", "--human"]);
    assert_eq!(loaded.code, 0, "{loaded:?}");
    assert!(loaded
        .out
        .starts_with("emoji_v1: 3,963 rows in 8 partitions, "));
    assert!(loaded.out.contains("venice serve --data venice-data"));
    let server = workplace.serve(&[]);
    let get = workplace.run(&["get", "emoji", "😀", "--human", "-a", server.address()]);
    assert!(
        get.out.starts_with("{\n  \"name\": \"grinning face\",\n"),
        "{}",
        get.out
    );
    let keys = ["😀", "no emoji"];
    let address = ["--human", "-a", server.address()];
    let batch = workplace.run(&[&["batch-get", "emoji"], &keys[..], &address].concat());
    assert_eq!(batch.code, 1);
    assert!(
        batch.out.contains("\"no emoji\"  (not there)\n"),
        "{}",
        batch.out
    );
    let (code, _) = {
        let child = server;
        child.stop(Signal::INT)
    };
    assert_eq!(code, 0);
}

#[test]
fn every_form_of_a_store_version_is_served() {
    let workplace = Workplace::new();
    let (rows, schema) = emoji();
    let keys: Vec<&str> = rows.keys().map(String::as_str).collect();
    workplace.write("keys", keys.join("\n"));
    let mut stores = Vec::new();
    for (table, compression, chunked) in [
        ("plain", "none", false),
        ("plain", "zstd", true),
        ("blob", "gzip", false),
        ("block-based", "zstd", false),
        ("block-based", "gzip", true),
        ("block-based", "none", true),
    ] {
        let store = format!("{table}-{compression}-{chunked}");
        let mut options = vec![
            "--store",
            &store,
            "--table",
            table,
            "--compression",
            compression,
        ];
        options.extend(["--partitions", "3"]);
        if chunked {
            // Values are of some 300 bytes.
            options.extend(["--chunked", "--chunk-size", "200"]);
        }
        let loaded = workplace.load_emoji(&options);
        assert_eq!(loaded["storeVersion"], format!("{store}_v1"));
        assert_eq!(loaded["records"].as_i64() > Some(3963), chunked, "{loaded}");
        stores.push(store);
    }
    // A second version, which `load` counts by itself.
    let again = workplace.load_emoji(&["--store", &stores[0]]);
    assert_eq!(again["storeVersion"], format!("{}_v2", stores[0]));

    let server = workplace.serve(&[]);
    assert_eq!(server.said["storeVersions"].as_array().unwrap().len(), 7);
    for store in &stores {
        compare(&batch_get(&workplace, &server, store, &[]), &rows, &schema);
    }
    let first = format!("{}_v1", stores[0]);
    compare(&batch_get(&workplace, &server, &first, &[]), &rows, &schema);
}

#[test]
fn keys_are_texts_numbers_and_records() {
    let workplace = Workplace::new();
    let record = r#"{"type":"record","name":"Key","fields":[
        {"name":"member","type":"long"},{"name":"kind","type":"string","default":"x"}]}"#;
    workplace.write("key.avsc", record);
    let numbers = "{\"key\":-5,\"value\":1.5}\n\n{\"key\":7,\"value\":-2}\n";
    let loaded = workplace.run_with(&["load", "-", "--store", "numbers"], numbers.as_bytes());
    assert_eq!(loaded.ok()["rows"], 2);
    workplace.write("records.json", "{\"id\":{\"member\":1},\"text\":\"one\"}\n");
    let load = [
        "load",
        "records.json",
        "--key-schema",
        "key.avsc",
        "--key-field",
        "id",
    ];
    let loaded = workplace.run(&[&load[..], &["--value-field", "text"]].concat());
    assert_eq!(loaded.ok()["storeVersion"], "records_v1");

    let server = workplace.serve(&[]);
    let get = |store: &str, key: &str, options: &[&str]| {
        workplace.run(&[&["get", store, key, "-a", server.address()], options].concat())
    };
    assert_eq!(get("numbers", "-5", &[]).ok()["value"], 1.5);
    assert_eq!(get("numbers", "7", &[]).ok()["value"], -2);
    let found = get("records", "{\"member\": 1}", &[]).ok();
    assert_eq!(found["value"], "one");
    assert_eq!(found["key"]["kind"], "x");
    assert_eq!(get("records", "{\"member\": 2}", &[]).code, 1);

    // Who has no description says what has to be known; what is not known is hexadecimal.
    let options = ["--data", "elsewhere", "--partitions", "8"];
    let keys = ["--key-schema", "long"];
    let found = get("numbers_v1", "7", &[&options[..], &keys].concat()).ok();
    assert_eq!(found["hex"], "00000000000000c0");
    let values = ["--value-schema", "double"];
    let found = get("numbers_v1", "7", &[&options[..], &keys, &values].concat()).ok();
    assert_eq!(found["value"], -2.0);
    let found = get(
        "numbers_v1",
        "0e",
        &[&options[..], &["--hex-keys"]].concat(),
    )
    .ok();
    assert_eq!(found["hex"], "00000000000000c0");
    let unknown = get("numbers", "7", &options);
    assert_eq!(unknown.code, 78);
    assert!(unknown.error().contains("give --data or --description"));
}

#[test]
fn what_is_loaded_is_what_is_printed() {
    let workplace = Workplace::new();
    workplace.load_emoji(&[]);
    let server = workplace.serve(&[]);
    let line = |store: &str, server: &Serving| {
        let get = ["batch-get", store, "😀", "🍕", "-a", server.address()];
        workplace.run(&get)
    };
    let first = line("emoji", &server);
    let description: Json = serde_json::from_slice(
        &std::fs::read(
            workplace
                .path()
                .join("venice-data/descriptions/emoji_v1.json"),
        )
        .unwrap(),
    )
    .unwrap();
    workplace.write("value.avsc", description["valueSchemas"]["1"].to_string());
    workplace.write("again.json", &first.out);
    let again = ["load", "again.json", "--value-schema", "value.avsc"];
    assert_eq!(workplace.run(&again).ok()["rows"], 2);
    let server = workplace.serve(&[]);
    let second = line("again", &server);
    let values = |ran: &Ran| -> Vec<Json> {
        ran.json()
            .iter()
            .map(|line| line["value"].clone())
            .collect()
    };
    assert_eq!(values(&second), values(&first));
}
