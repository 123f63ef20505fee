//! countByValue: what is counted, and in which order it is answered.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_avro::Schema;
use venice_compute::{CountError, CountPlan, Counts};

const SCHEMA: &str = r#"{"type":"record","name":"V","fields":[
    {"name":"s","type":["null","string"]},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
    {"name":"n","type":"long"},
    {"name":"d","type":"double"},
    {"name":"b","type":"boolean"},
    {"name":"l","type":{"type":"array","items":"int"}}]}"#;

fn value(text: Option<&str>, symbol: u8, number: u8, double: f64, truth: bool) -> Vec<u8> {
    let mut value = match text {
        None => vec![0],
        Some(text) => [&[2, 2 * text.len() as u8][..], text.as_bytes()].concat(),
    };
    value.extend([2 * symbol, 2 * number]);
    value.extend(double.to_le_bytes());
    value.extend([truth.into(), 0]);
    value
}

fn plan(names: &[&str]) -> Result<CountPlan, CountError> {
    let schema = Schema::parse(SCHEMA).unwrap();
    CountPlan::new(names, &schema, &schema)
}

fn counted(counts: &[(&str, i32)]) -> Vec<(String, i32)> {
    counts
        .iter()
        .map(|(text, count)| ((*text).to_owned(), *count))
        .collect()
}

#[test]
fn values_are_counted_by_their_texts() {
    let plan = plan(&["s", "e", "n", "d", "b"]).unwrap();
    let mut counts = Counts::new(5, 1 << 20);
    for value in [
        value(Some("x"), 0, 5, 0.5, true),
        value(Some("null"), 1, 5, 1e7, true),
        value(None, 1, 6, 0.5, false),
        value(Some("x"), 1, 7, 0.5, true),
    ] {
        counts.add(&plan, &value).unwrap();
    }
    assert_eq!(counts.top(0, 10), Ok(counted(&[("x", 2), ("null", 1)])));
    assert_eq!(counts.top(1, 10), Ok(counted(&[("B", 3), ("A", 1)])));
    // Equal counts are in the order of the texts.
    assert_eq!(counts.top(2, 2), Ok(counted(&[("5", 2), ("6", 1)])));
    assert_eq!(counts.top(3, 10), Ok(counted(&[("0.5", 3), ("1.0E7", 1)])));
    assert_eq!(counts.top(4, 1), Ok(counted(&[("true", 3)])));
    assert_eq!(counts.top(4, 0), Err(CountError::NoTop(0)));
}

#[test]
fn what_cannot_be_counted_is_refused() {
    assert_eq!(plan(&[]).unwrap_err(), CountError::NoNames);
    assert_eq!(plan(&["s", ""]).unwrap_err(), CountError::EmptyName);
    assert_eq!(
        plan(&["x"]).unwrap_err().to_string(),
        "Field not found in schema: x"
    );
    assert_eq!(
        plan(&["s", "l"]).unwrap_err(),
        CountError::NoScalar {
            name: "l".to_owned(),
            found: "array"
        }
    );
}

#[test]
fn memory_is_bounded() {
    let plan = plan(&["n"]).unwrap();
    let mut counts = Counts::new(1, 1000);
    let fill = |counts: &mut Counts| {
        (0..60).try_for_each(|number| counts.add(&plan, &value(None, 0, number, 0.0, true)))
    };
    assert_eq!(fill(&mut counts), Err(CountError::TooMany { limit: 1000 }));
    let mut counts = Counts::new(1, 100_000);
    assert_eq!(fill(&mut counts), Ok(()));
    // Values that are known cost nothing.
    assert_eq!(fill(&mut counts), Ok(()));
    assert_eq!(counts.top(0, 1), Ok(counted(&[("0", 2)])));
}
