//! Results of single values, with every text that can stand in the error map; tests/compute compares random ones with
//! those of Java.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_avro::Schema;
use venice_compute::{Evaluator, Order, Plan, ERROR_FIELD};
use venice_wire::compute_request::{Operation, OperationKind};

const FLOATS: &str = r#"{"type":"array","items":"float"}"#;
const FLOAT: &str = r#"["null","float"]"#;
const PRODUCT: &str = r#"["null",{"type":"array","items":"float"}]"#;
const INT: &str = r#"["null","int"]"#;

fn record(fields: &[(&str, &str)]) -> Schema {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, schema)| format!(r#"{{"name":"{name}","type":{schema}}}"#))
        .collect();
    let text = format!(
        r#"{{"type":"record","name":"R","fields":[{}]}}"#,
        fields.join(",")
    );
    Schema::parse(&text).unwrap()
}

fn operation(kind: OperationKind, result: &str, parameter: &[f32]) -> Operation<'static> {
    Operation {
        kind,
        field: "f".into(),
        parameter: parameter.to_vec(),
        result_field: result.to_owned().into(),
    }
}

fn floats(floats: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !floats.is_empty() {
        bytes.push(2 * floats.len() as u8);
    }
    bytes.extend(floats.iter().flat_map(|float| float.to_le_bytes()));
    bytes.push(0);
    bytes
}

/// The result of one operation on the only field, and the text of its error.
fn result(
    kind: OperationKind,
    parameter: &[f32],
    field: &str,
    value: &[u8],
) -> Result<(Vec<u8>, Option<String>), String> {
    let of = match kind {
        OperationKind::Count => INT,
        OperationKind::HadamardProduct => PRODUCT,
        _ => FLOAT,
    };
    let schema = record(&[("f", field)]);
    let results = record(&[
        ("r", of),
        (ERROR_FIELD, r#"{"type":"map","values":"string"}"#),
    ]);
    let plan = Plan::new(
        &[operation(kind, "r", parameter)],
        &schema,
        &schema,
        &results,
        Order::Java,
    );
    let plan = plan.map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let evaluated =
        Evaluator::default().evaluate(&plan, &[value], |_, result| out.extend_from_slice(result));
    evaluated.map_err(|error| error.to_string())?;
    if out.ends_with(&[2, 2, b'r']) {
        panic!("cut off");
    }
    // The errors are the last: none, or one entry, r.
    let entry = out.windows(3).position(|bytes| bytes == [2, 2, b'r']);
    match entry {
        None => {
            assert_eq!(out.pop(), Some(0));
            Ok((out, None))
        }
        Some(at) => {
            let text = out.split_off(at);
            let text = &text[3..text.len() - 1];
            let begin = text.iter().position(|byte| *byte < 0x80).unwrap() + 1;
            Ok((
                out,
                Some(String::from_utf8(text[begin..].to_vec()).unwrap()),
            ))
        }
    }
}

fn float(value: f32) -> Vec<u8> {
    [&[2][..], &value.to_le_bytes()].concat()
}

use OperationKind::{CosineSimilarity, Count, DotProduct, HadamardProduct};

#[test]
fn vectors_are_multiplied() {
    let value = floats(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let parameter = [0.5, 1.0, 2.0, 4.0, 8.0];
    assert_eq!(
        result(DotProduct, &parameter, FLOATS, &value),
        Ok((float(64.5), None))
    );
    let cosine = (64.5f64 / f64::from(55.0f32 * 85.25f32).sqrt()) as f32;
    assert_eq!(
        result(CosineSimilarity, &parameter, FLOATS, &value),
        Ok((float(cosine), None))
    );
    let products = [&[2][..], &floats(&[0.5, 2.0, 6.0, 16.0, 40.0])].concat();
    assert_eq!(
        result(HadamardProduct, &parameter, FLOATS, &value),
        Ok((products, None))
    );
}

#[test]
fn the_cosine_of_nothing_is_nan() {
    let (bytes, error) = result(CosineSimilarity, &[0.0], FLOATS, &floats(&[1.0])).unwrap();
    assert!(f32::from_le_bytes(bytes[1..].try_into().unwrap()).is_nan());
    assert_eq!(error, None);
}

#[test]
fn null_and_empty_vectors_have_the_result_null() {
    for kind in [DotProduct, CosineSimilarity, HadamardProduct] {
        assert_eq!(result(kind, &[1.0], FLOATS, &[0]), Ok((vec![0], None)));
        assert_eq!(
            result(kind, &[], FLOATS, &floats(&[1.0])),
            Ok((vec![0], None))
        );
        assert_eq!(result(kind, &[1.0], PRODUCT, &[0]), Ok((vec![0], None)));
    }
}

#[test]
fn sizes_that_differ_are_errors() {
    let text = |product| {
        let text = format!(
            "Failed to compute because size of {product} product parameter is: 2 while the size of value vector(f) is: 1"
        );
        Some(text)
    };
    let value = floats(&[1.0]);
    for (kind, bytes, product) in [
        (DotProduct, float(0.0), "dot"),
        (CosineSimilarity, float(0.0), "dot"),
        (HadamardProduct, vec![0], "hadamard"),
    ] {
        assert_eq!(
            result(kind, &[1.0, 2.0], FLOATS, &value),
            Ok((bytes, text(product)))
        );
    }
}

#[test]
fn other_types_are_errors() {
    let list = "IllegalArgumentException : Field f in the record is not of the type list. Value: of the type string";
    assert_eq!(
        result(DotProduct, &[1.0], r#""string""#, &[2, b'x']),
        Ok((float(0.0), Some(list.to_owned())))
    );
    let cast = "ClassCastException : class org.apache.avro.util.Utf8 cannot be cast to class java.lang.Number (org.apache.avro.util.Utf8 is in unnamed module of loader 'app'; java.lang.Number is in module java.base of loader 'bootstrap')";
    let strings = r#"{"type":"array","items":"string"}"#;
    assert_eq!(
        result(HadamardProduct, &[1.0], strings, &[2, 0, 0]),
        Ok((vec![0], Some(cast.to_owned())))
    );
    let nulls = r#"{"type":"array","items":["null","float"]}"#;
    let null = "NullPointerException : Failed to execute cosine similarity operator.";
    assert_eq!(
        result(CosineSimilarity, &[1.0], nulls, &[2, 0, 0]),
        Ok((float(0.0), Some(null.to_owned())))
    );
    // Through a reference to List.get, Java takes any number.
    let ints = r#"{"type":"array","items":"int"}"#;
    assert_eq!(
        result(DotProduct, &[1.5], ints, &[2, 4, 0]),
        Ok((float(3.0), None))
    );
}

#[test]
fn items_are_counted() {
    let map = r#"["null",{"type":"map","values":"int"}]"#;
    assert_eq!(
        result(Count, &[], map, &[2, 2, 2, b'k', 0, 0]),
        Ok((vec![2, 2], None))
    );
    assert_eq!(result(Count, &[], FLOATS, &[0]), Ok((vec![2, 0], None)));
    let null = "Failed to execute compute request as the field f is not allowed to be null for read-compute count operator in value record.";
    assert_eq!(
        result(Count, &[], map, &[0]),
        Ok((vec![2, 0], Some(null.to_owned())))
    );
    let other = "VeniceException : Record field r is not valid for count operation, only Map/Array are supported.";
    assert_eq!(
        result(Count, &[], r#""int""#, &[0]),
        Ok((vec![2, 1], Some(other.to_owned())))
    );
}

#[test]
fn values_that_cannot_be_read_fail_the_request() {
    assert_eq!(
        result(DotProduct, &[1.0], FLOATS, &[2, 1]),
        Err(r#"value 0: an array or map says that it has 1 items, which are more than the record has bytes for (field "f", byte 0 of 2)"#.to_owned())
    );
}

/// The plan's error, for operations on `f` and a result schema.
fn refused(operations: &[Operation<'_>], results: &Schema) -> String {
    let schema = record(&[("f", FLOATS)]);
    let plan = Plan::new(operations, &schema, &schema, results, Order::Java);
    plan.unwrap_err().to_string()
}

#[test]
fn requests_that_do_not_suit_the_schemas_are_refused() {
    let dot = operation(DotProduct, "r", &[1.0]);
    let nowhere = Operation {
        field: "g".into(),
        ..dot.clone()
    };
    let good = record(&[("r", FLOAT)]);
    assert_eq!(
        refused(&[nowhere], &good),
        "The field g being operated on is not in value schema"
    );
    let foreign = |name| {
        format!(
            "The result field {name} is not a field in value schema or an operation result schema."
        )
    };
    assert_eq!(refused(&[], &good), foreign("r"));
    // The result of an operation is a union, and a field of the value has its type.
    assert_eq!(
        refused(std::slice::from_ref(&dot), &record(&[("r", r#""float""#)])),
        foreign("r")
    );
    assert_eq!(refused(&[], &record(&[("f", PRODUCT)])), foreign("f"));
    assert_eq!(
        refused(std::slice::from_ref(&dot), &record(&[])),
        "The result field r of an operation is not in the result schema."
    );
    let no_record = Schema::parse(r#""int""#).unwrap();
    assert_eq!(
        refused(&[], &no_record),
        "Compute result schema and value schema must be RECORD type"
    );
}

#[test]
fn a_null_result_takes_the_field_of_its_name() {
    let schema = record(&[("f", FLOATS), ("r", r#""float""#)]);
    let results = record(&[("r", FLOAT), ("f", FLOATS)]);
    let dot = operation(DotProduct, "r", &[1.0]);
    let plan = Plan::new(&[dot], &schema, &schema, &results, Order::Java).unwrap();
    let seven = 7f32.to_le_bytes();
    let empty = [&[0][..], &seven].concat();
    let one = [&floats(&[2.0])[..], &seven].concat();
    let mut out = Vec::new();
    let evaluated = Evaluator::default().evaluate(&plan, &[&empty, &one], |index, result| {
        out.push((index, result.to_vec()));
    });
    evaluated.unwrap();
    assert_eq!(
        out,
        [
            (0, [float(7.0), floats(&[])].concat()),
            (1, [float(2.0), floats(&[2.0])].concat())
        ]
    );
}

#[test]
fn results_whose_type_does_not_take_them_fail_the_request() {
    let schema = record(&[("f", FLOATS)]);
    let results = record(&[("r", r#"["null","double"]"#)]);
    let dot = operation(DotProduct, "r", &[1.0]);
    let plan = Plan::new(&[dot], &schema, &schema, &results, Order::Java).unwrap();
    let value = floats(&[2.0]);
    let error = Evaluator::default()
        .evaluate(&plan, &[&value], |_, _| ())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"Not in union: a float (field "r", value 0)"#
    );
    assert_eq!(error.index(), 0);
}

/// Values with and without results side by side, more than there are lanes.
#[test]
fn values_do_not_disturb_each_other() {
    let schema = record(&[("f", PRODUCT)]);
    let results = record(&[("r", FLOAT)]);
    let plan = Plan::new(
        &[operation(DotProduct, "r", &[1.0, 2.0, 3.0])],
        &schema,
        &schema,
        &results,
        Order::Java,
    )
    .unwrap();
    let values: Vec<Vec<u8>> = (0..40u8)
        .map(|number| match number % 5 {
            0 => vec![0],
            1 => [&[2][..], &floats(&[1.0])].concat(),
            _ => [&[2][..], &floats(&[f32::from(number), 1.0, 0.5])].concat(),
        })
        .collect();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let mut seen = 0;
    let evaluated = Evaluator::default().evaluate(&plan, &values, |index, result| {
        let expected = match index % 5 {
            0 => vec![0],
            1 => float(0.0),
            _ => float(index as f32 + 2.0 + 1.5),
        };
        assert_eq!(result, expected, "value {index}");
        assert_eq!(index, seen);
        seen += 1;
    });
    evaluated.unwrap();
    assert_eq!(seen, 40);
}
