//! What the text of a schema can make who reads it do: no more than in proportion to its length. Any client that computes
//! sends such texts.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_avro::limits::DEFAULT_VALUES;
use venice_avro::{CompileError, Fields, Schema, SchemaError};

fn record(name: &str, rest: &str, fields: &str) -> String {
    format!(r#"{{"type":"record","name":"{name}"{rest},"fields":[{fields}]}}"#)
}

/// A schema whose fields are records, each with two of the record before it as `field` says. The last is of the last record.
fn doubled(records: usize, least: &str, field: impl Fn(&str, usize) -> String) -> String {
    let mut fields = vec![format!(
        r#"{{"name":"f0","type":{}}}"#,
        record("R0", "", least)
    )];
    for at in 1..records {
        let inner = format!("{},{}", field("a", at - 1), field("b", at - 1));
        let inner = record(&format!("R{at}"), "", &inner);
        fields.push(format!(r#"{{"name":"f{at}","type":{inner}}}"#));
    }
    let last = records - 1;
    fields.push(format!(
        r#"{{"name":"last","type":"R{last}","default":{{}}}}"#
    ));
    record("R", "", &fields.join(","))
}

/// A reader that copies a type for each of its aliases needs gigabytes for this one, and half a minute.
#[test]
fn aliases_are_read_once() {
    let aliases: Vec<String> = (0..100_000).map(|at| format!("\"a{at}\"")).collect();
    let fields: Vec<String> = (0..2_000)
        .map(|at| format!(r#"{{"name":"f{at}","type":"int"}}"#))
        .collect();
    let aliases = format!(",\"aliases\":[{}]", aliases.join(","));
    let schema = Schema::parse(&record("R", &aliases, &fields.join(","))).unwrap();
    assert_eq!(schema.fields().count(), 2_000);
    assert!(schema.memory() < 8 << 20, "{}", schema.memory());
    // So are they that stand deep in each other.
    let mut text = "\"int\"".to_owned();
    for at in 0..40 {
        let field = format!(r#"{{"name":"f","type":{text}}}"#);
        let aliases: Vec<String> = (0..500).map(|of| format!("\"a{at}_{of}\"")).collect();
        let aliases = format!(",\"aliases\":[{}]", aliases.join(","));
        text = record(&format!("R{at}"), &aliases, &field);
    }
    assert!(Schema::parse(&text).unwrap().memory() < 4 << 20);
}

/// A default whose fields have defaults, and so on, is as large as 2 to the power of its depth. It is not followed where it
/// stands, and to a bound where it is needed, whether it has bytes or none.
#[test]
fn defaults_are_followed_to_a_bound() {
    for least in [
        r#"{"name":"x","type":"int","default":1}"#,
        r#"{"name":"x","type":"null","default":null}"#,
        "",
    ] {
        let field =
            |name: &str, of| format!(r#"{{"name":"{name}","type":"R{of}","default":{{}}}}"#);
        for records in [10, 40, 200] {
            let text = doubled(records, least, field);
            let reader = Schema::parse(&text).unwrap();
            let writer = Schema::parse(&record("R", "", "")).unwrap();
            let compiled = Fields::compile(&writer, &reader, &["last"]);
            match records {
                10 => assert!(compiled.is_ok()),
                _ => assert_eq!(compiled.err(), Some(CompileError::TooLarge)),
            }
        }
    }
}

/// Nor is a wrong one written down with all that its type is made of.
#[test]
fn a_wrong_default_costs_no_more_than_a_right_one() {
    let field = |name: &str, of| format!(r#"{{"name":"{name}","type":"R{of}"}}"#);
    let text = doubled(60, r#"{"name":"x","type":"int"}"#, field);
    let text = text.replace("\"default\":{}", "\"default\":7");
    let error = Schema::parse(&text).unwrap_err();
    let says = "the default of the field \"last\" is 7, which its type does not have";
    assert!(error.to_string().contains(says), "{error}");
    assert!(error.to_string().len() < 200);
}

/// Each level of this value may be of either branch, and none of them takes the last.
#[test]
fn unions_of_records_are_tried_to_a_bound() {
    let c = record("C", "", r#"{"name":"m","type":["null","A"]}"#);
    let b = record(
        "B",
        "",
        &format!(r#"{{"name":"n","type":["null","A",{c}]}}"#),
    );
    let a = record(
        "A",
        "",
        &format!(r#"{{"name":"n","type":["null",{b},"A"]}}"#),
    );
    let value = r#"{"n":"#.repeat(60) + "7" + &"}".repeat(60);
    let field = format!(r#"{{"name":"f","type":{a},"default":{value}}}"#);
    let error = Schema::parse(&record("R", "", &field)).unwrap_err();
    let says = format!("its defaults have more than {DEFAULT_VALUES} values");
    assert!(error.to_string().contains(&says), "{error}");
}

#[test]
fn long_namespaces_are_not_multiplied() {
    let types = |bytes: usize| {
        let fields: Vec<String> = (0..1_000)
            .map(|at| {
                format!(r#"{{"name":"f{at}","type":{{"type":"fixed","name":"F{at}","size":1}}}}"#)
            })
            .collect();
        let space = format!(r#","namespace":"{}""#, "n".repeat(bytes));
        Schema::parse(&record("R", &space, &fields.join(",")))
    };
    assert!(types(1_000).unwrap().memory() < 4 << 20);
    let error = types(50_000).unwrap_err();
    assert!(
        matches!(&error, SchemaError::Parse(text) if text.contains("may have 1024")),
        "{error}"
    );
    assert!(error.to_string().len() < 400, "{error}");
}
