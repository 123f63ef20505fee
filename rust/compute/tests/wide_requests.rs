//! Requests of very many operations and fields: what is made of them takes time in proportion, and can be given up.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::cell::Cell;

use venice_avro::{CompileError, Pace, Schema};
use venice_compute::{CountError, CountPlan, EvaluateError, Evaluator, Order, Plan, PlanError};
use venice_compute::{RequestError, ERROR_FIELD};
use venice_wire::compute_request::{Operation, OperationKind};

const MANY: usize = 6_000;

/// A record of so many fields, of names that begin so, and more of them.
fn record(name: &str, many: usize, of: &str, more: &str) -> Schema {
    let field = |at: usize| format!(r#"{{"name":"{name}{at}","type":{of}}}"#);
    let fields: Vec<String> = (0..many).map(field).collect();
    let text = format!(
        r#"{{"type":"record","name":"R","fields":[{}{more}]}}"#,
        fields.join(",")
    );
    Schema::parse(&text).unwrap()
}

fn counts(many: usize) -> Vec<Operation<'static>> {
    let operation = |at: usize| Operation {
        kind: OperationKind::Count,
        field: format!("v{at}").into(),
        parameter: Vec::new(),
        result_field: format!("r{at}").into(),
    };
    (0..many).map(operation).collect()
}

fn errors() -> String {
    format!(r#",{{"name":"{ERROR_FIELD}","type":{{"type":"map","values":"string"}}}}"#)
}

/// Says so when it is asked for the how manieth time.
fn over_at(time: usize, asked: &Cell<usize>) -> impl Fn() -> bool + '_ {
    move || {
        asked.set(asked.get() + 1);
        asked.get() >= time
    }
}

#[test]
fn each_of_many_operations_has_its_field_and_its_text() {
    // No operation can count an int, so each has a text; the first and the last of them are written twice.
    let value = record("v", MANY, r#""int""#, "");
    let result = record("r", MANY, r#"["null","int"]"#, &errors());
    let mut operations = counts(MANY);
    operations.push(operations[0].clone());
    operations.push(operations[MANY - 1].clone());
    let plan = Plan::new(&operations, &value, &value, &result, Order::Java).unwrap();
    let mut record = Vec::new();
    let values = vec![2; MANY];
    Evaluator::default()
        .evaluate(&plan, &[&values], |_, result| {
            record.extend_from_slice(result)
        })
        .unwrap();
    // Each result is the branch 1 and the number -1.
    assert_eq!(record[..2 * MANY], [2, 1].repeat(MANY));
    let text = |field: &str| format!("VeniceException : Record field {field} is not valid");
    let texts = String::from_utf8_lossy(&record[2 * MANY..]);
    for at in [0, 1, MANY - 1] {
        assert_eq!(texts.matches(&text(&format!("r{at}"))).count(), 1);
    }
}

#[test]
fn making_a_plan_is_given_up_when_nobody_waits() {
    let value = record("v", MANY, r#"{"type":"array","items":"int"}"#, "");
    let result = record("r", MANY, r#"["null","int"]"#, "");
    let operations = counts(MANY);
    let schemas = (&value, &value, &result);
    let all = Cell::new(0);
    let never = over_at(usize::MAX, &all);
    let pace = Pace::until(&never);
    Plan::new_while(&operations, schemas, Order::Java, &pace).unwrap();
    // Wherever it is by then.
    assert!(all.get() > 100, "{}", all.get());
    for time in [1, all.get() / 2, all.get()] {
        let asked = Cell::new(0);
        let is_over = over_at(time, &asked);
        let given_up = Plan::new_while(&operations, schemas, Order::Java, &Pace::until(&is_over));
        assert!(
            matches!(
                given_up,
                Err(PlanError::Request(RequestError::Interrupted(_))
                    | PlanError::Schemas(CompileError::Interrupted(_)))
            ),
            "{time}"
        );
        assert_eq!(asked.get(), time);
    }
    let names: Vec<String> = (0..MANY).map(|at| format!("v{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ints = record("v", MANY, r#""int""#, "");
    let asked = Cell::new(0);
    let is_over = over_at(2, &asked);
    let given_up = CountPlan::new_while(&names, &ints, &ints, &Pace::until(&is_over));
    let interrupted = CountError::Schemas(CompileError::Interrupted(venice_avro::Interrupted));
    assert_eq!(given_up.unwrap_err(), interrupted);
}

#[test]
fn operations_on_a_value_are_given_up_when_nobody_waits() {
    let value = record("v", MANY, r#"{"type":"array","items":"int"}"#, "");
    let result = record("r", MANY, r#"["null","int"]"#, "");
    let plan = Plan::new(&counts(MANY), &value, &value, &result, Order::Java).unwrap();
    let record = vec![0; MANY];
    let asked = Cell::new(0);
    let is_over = over_at(3, &asked);
    let given_up = Evaluator::default().evaluate_while(
        &plan,
        &[&record, &record],
        &Pace::until(&is_over),
        |_, _| panic!("no result is whole"),
    );
    assert_eq!(given_up, Err(EvaluateError::Interrupted { index: 0 }));
    assert_eq!(asked.get(), 3);
}

#[test]
fn long_names_are_cut_in_texts() {
    let schema = record("v", 1, r#""int""#, "");
    let long = "n".repeat(500);
    let operation = Operation {
        field: long.clone().into(),
        ..counts(1).remove(0)
    };
    let refused = Plan::new(&[operation], &schema, &schema, &schema, Order::Java).unwrap_err();
    let cut = format!("{}... (of 500 bytes)", &long[..200]);
    assert_eq!(
        refused.to_string(),
        format!("The field {cut} being operated on is not in value schema")
    );
    let refused = CountPlan::new(&[&long], &schema, &schema).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("Field not found in schema: {cut}")
    );
}
