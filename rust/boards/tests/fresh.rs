//! What is checked in is what would be written, and names what is there.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use venice_boards::{board, files, rules, with_reference, ALERTS, PREFIX, REFERENCE};
use venice_export::prometheus::names::{family_name, label_name, sample_name};
use venice_metrics::{Dimension, Instrument, Kind};

const METRICS_MD: &str = include_str!("../../../docs/metrics.md");
const BOARD: &str = include_str!("../../../observability/grafana/read-server.json");
const RULES: &str = include_str!("../../../observability/prometheus/rules.yml");
const RULES_TEST: &str = include_str!("../../../observability/prometheus/rules_test.yml");

const REMEDY: &str = "is not as it would be written: run ./bazelw run //rust/boards:write";

#[test]
fn what_is_checked_in_is_as_it_would_be_written() {
    for (path, text) in files() {
        let there = match path.rsplit('/').next().unwrap() {
            "read-server.json" => BOARD,
            "rules.yml" => RULES,
            other => panic!("{other} is not compared"),
        };
        assert!(there == text, "{path} {REMEDY}");
    }
    let written = with_reference(METRICS_MD).unwrap();
    assert!(METRICS_MD == written, "{REFERENCE} {REMEDY}");
}

#[test]
fn the_reference_has_every_metric_and_says_why_one_is_not_served() {
    for instrument in Instrument::ALL {
        let described = instrument.describe();
        let line = METRICS_MD.lines().find(|line| {
            line.starts_with(&format!("| `{}`", described.name)) && line.contains(described.about)
        });
        let line = line.unwrap_or_else(|| panic!("no line for {}", described.name));
        match described.absent {
            Some(why) => assert!(line.contains(why), "{line}"),
            None => {
                let name = family_name(&instrument.full_name(PREFIX), *instrument);
                assert!(line.contains(&name), "{line}");
            }
        }
    }
}

#[test]
fn a_document_without_the_section_is_told() {
    let error = with_reference("# Metrics\n").unwrap_err();
    assert!(error.contains("there is no section between"), "{error}");
}

/// The metrics that a query may name, and their labels.
fn known() -> HashMap<String, HashSet<String>> {
    let mut known = HashMap::new();
    for instrument in Instrument::ALL {
        let described = instrument.describe();
        if described.absent.is_some() {
            continue;
        }
        let full_name = instrument.full_name(PREFIX);
        let family = family_name(&full_name, *instrument);
        let names = match described.kind {
            Kind::Histogram => vec![
                format!("{family}_bucket"),
                format!("{family}_sum"),
                format!("{family}_count"),
            ],
            Kind::MinMaxCountSum => vec![format!("{family}_sum"), format!("{family}_count")],
            _ => vec![sample_name(&full_name, *instrument)],
        };
        let dimensions = described.dimensions.iter();
        let mut labels: HashSet<String> = dimensions
            .map(|dimension| label_name(dimension.key()))
            .collect();
        labels.extend(["job", "instance"].map(str::to_owned));
        if described.kind == Kind::Histogram {
            labels.insert("le".to_owned());
        }
        for name in names {
            known.insert(name, labels.clone());
        }
    }
    known
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The words of a query that are no function, number or text: metrics with their labels (in braces, and those of
/// the `by` that is around them), and how often there are metrics.
fn check(
    query: &str,
    known: &HashMap<String, HashSet<String>>,
    records: &HashSet<String>,
) -> usize {
    let labels: HashSet<String> = Dimension::ALL
        .iter()
        .map(|dimension| label_name(dimension.key()))
        .chain(["job", "instance", "le"].map(str::to_owned))
        .collect();
    // Texts between quotes are values.
    let parts: Vec<&str> = query.split('"').step_by(2).collect();
    let bare = parts.join("\"\"");
    let mut metrics = 0;
    for word in bare.split(|c| !is_of_name(c)) {
        let is_ours =
            word.starts_with("venice_") || word.starts_with("grpc_") || word.contains(":");
        let is_record = word.contains("venice_") && records.contains(word);
        if !is_ours || labels.contains(word) {
            continue;
        }
        assert!(
            known.contains_key(word) || is_record,
            "{word} is not there: {query}"
        );
        metrics += 1;
    }
    // The labels in the braces behind a metric.
    for (at, _) in bare.match_indices('{') {
        let name: String = bare[..at]
            .chars()
            .rev()
            .take_while(|c| is_of_name(*c))
            .collect();
        let name: String = name.chars().rev().collect();
        let Some(of) = known.get(&name) else { continue };
        let inside = bare[at + 1..].split('}').next().unwrap();
        for matcher in inside.split(',') {
            let label: String = matcher.chars().take_while(|c| is_of_name(*c)).collect();
            assert!(of.contains(&label), "{name} has no label {label}: {query}");
        }
    }
    // The labels that are summed by, around each metric.
    for (at, _) in bare.match_indices(" by (") {
        let (by, rest) = bare[at + 5..].split_once(')').unwrap();
        let metric = rest
            .split(|c| !is_of_name(c))
            .find(|word| known.contains_key(*word));
        let Some(metric) = metric else { continue };
        for label in by.split(',').map(str::trim) {
            assert!(
                known[metric].contains(label),
                "{metric} has no label {label}: {query}"
            );
        }
    }
    metrics
}

fn records() -> HashSet<String> {
    let lines = RULES
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: '"));
    lines
        .map(|name| name.trim_end_matches('\'').to_owned())
        .collect()
}

#[test]
fn every_query_of_the_board_names_what_is_there() {
    let board: Value = serde_json::from_str(&board()).unwrap();
    let known = known();
    let mut ids = HashSet::new();
    let mut queries = 0;
    for panel in board["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()));
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().unwrap();
            assert!(check(query, &known, &HashSet::new()) > 0, "{query}");
            // Curves are called by labels that they have.
            for part in target["legendFormat"].as_str().unwrap().split("{{").skip(1) {
                let label = part.split("}}").next().unwrap();
                assert!(query.contains(label), "{label}: {query}");
            }
            queries += 1;
        }
    }
    assert!(queries > 20);
}

#[test]
fn every_rule_names_what_is_there() {
    let known = known();
    let records = records();
    assert!(!records.is_empty());
    let mut queries = 0;
    for line in rules().lines() {
        let Some(query) = line.trim().strip_prefix("expr: '") else {
            continue;
        };
        let query = query.trim_end_matches('\'').replace("''", "'");
        let overflow = query.contains("otel_metric_overflow");
        assert!(check(&query, &known, &records) > 0 || overflow, "{query}");
        queries += 1;
    }
    assert_eq!(queries, records.len() + ALERTS.len());
}

#[test]
fn every_alert_and_record_has_a_unit_test() {
    for alert in ALERTS {
        let tested = format!("alertname=\"{}\"", alert.name);
        assert!(RULES_TEST.contains(&tested), "{}", alert.name);
        assert!(["page", "ticket"].contains(&alert.severity));
    }
    // An alert that reads a record tests it.
    let rules = rules();
    for record in records() {
        let uses = rules.matches(&record).count();
        assert!(uses > 1 || RULES_TEST.contains(&record), "{record}");
    }
}
