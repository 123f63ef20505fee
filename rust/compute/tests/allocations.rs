//! Allocations for a value in the steady state: none.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use venice_avro::Schema;
use venice_compute::{Evaluator, Order, Plan};
use venice_wire::compute_request::{Operation, OperationKind};

thread_local! {
    static COUNTED: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNTED.set(COUNTED.get() + 1);
        // SAFETY: guaranteed by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WRITER: &str = r#"{"type":"record","name":"V","fields":[
    {"name":"name","type":"string"},
    {"name":"v","type":["null",{"type":"array","items":"float"}]},
    {"name":"tags","type":{"type":"map","values":"int"}},
    {"name":"inner","type":{"type":"record","name":"I","fields":[
        {"name":"a","type":"int"},{"name":"b","type":"string"}]}},
    {"name":"ints","type":{"type":"array","items":"int"}}]}"#;

/// Other orders, promotions, a default: what makes a program do more than copy.
const READER: &str = r#"{"type":"record","name":"V","fields":[
    {"name":"ints","type":{"type":"array","items":"float"}},
    {"name":"inner","type":{"type":"record","name":"I","fields":[
        {"name":"b","type":"string"},{"name":"a","type":"long"}]}},
    {"name":"v","type":["null",{"type":"array","items":"float"}]},
    {"name":"tags","type":{"type":"map","values":"int"}},
    {"name":"name","type":"string"},
    {"name":"new","type":"string","default":"a default"}]}"#;

const RESULT: &str = r#"{"type":"record","name":"R","fields":[
    {"name":"dot","type":["null","float"]},
    {"name":"cosine","type":["null","float"]},
    {"name":"product","type":["null",{"type":"array","items":"float"}]},
    {"name":"count","type":["null","int"]},
    {"name":"inner","type":{"type":"record","name":"I","fields":[
        {"name":"b","type":"string"},{"name":"a","type":"long"}]}},
    {"name":"name","type":"string"},
    {"name":"__veniceComputationError__","type":{"type":"map","values":"string"}}]}"#;

fn operation(
    kind: OperationKind,
    field: &str,
    result: &str,
    parameter: &[f32],
) -> Operation<'static> {
    Operation {
        kind,
        field: field.to_owned().into(),
        parameter: parameter.to_vec(),
        result_field: result.to_owned().into(),
    }
}

/// Two floats; in two blocks for every third value, as ints in the other field.
fn value(number: u8) -> Vec<u8> {
    let mut value = b"\x04hi\x02".to_vec();
    let (one, two) = (f32::from(number).to_le_bytes(), 0.5f32.to_le_bytes());
    match number % 3 {
        0 => value.extend([&[2][..], &one, &[1, 8], &two, &[0]].concat()),
        _ => value.extend([&[4][..], &one, &two, &[0]].concat()),
    }
    value.extend([2, 2, b'k', 6, 0, 10, 4, b'a', b'b', 4, 2, 4, 0]);
    value
}

#[test]
fn nothing_is_allocated_for_a_value() {
    let [writer, reader, result] =
        [WRITER, READER, RESULT].map(|text| Schema::parse(text).unwrap());
    let operations = [
        operation(OperationKind::DotProduct, "v", "dot", &[1.0, 2.0]),
        operation(
            OperationKind::CosineSimilarity,
            "ints",
            "cosine",
            &[1.0, 2.0],
        ),
        operation(OperationKind::HadamardProduct, "v", "product", &[1.0, 2.0]),
        operation(OperationKind::Count, "tags", "count", &[]),
    ];
    let plan = Plan::new(&operations, &writer, &reader, &result, Order::Java).unwrap();
    let values: Vec<Vec<u8>> = (0..50).map(value).collect();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let mut evaluator = Evaluator::default();
    let mut bytes = 0;
    for round in 0..3 {
        let before = COUNTED.get();
        let evaluated = evaluator.evaluate(&plan, &values, |_, result| bytes += result.len());
        evaluated.unwrap();
        let allocations = COUNTED.get() - before;
        // The first round fills the buffers.
        assert!(round == 0 || allocations == 0, "{allocations} allocations");
    }
    assert_eq!(bytes % 3, 0);
    assert!(bytes > 0);
}
