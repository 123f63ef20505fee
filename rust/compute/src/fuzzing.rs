//! Requests and values of any bytes: for `rust/fuzz` and for the test below.

use venice_avro::Schema;
use venice_wire::compute_request::{ComputeRequest, Limits};

use crate::{Evaluator, Order, Plan};

const VALUE: &str = r#"{"type":"record","name":"V","fields":[
    {"name":"v","type":{"type":"array","items":"float"}},
    {"name":"w","type":["null",{"type":"array","items":["null","float"]}]},
    {"name":"m","type":["null",{"type":"map","values":"int"}]},
    {"name":"s","type":"string"}]}"#;

/// A `ComputeRequestV3`, and behind it values, each behind its length of one byte. A request that can be read can be
/// written and read again; values have results that do not depend on those beside them.
///
/// # Panics
///
/// If that is not so.
pub fn request(bytes: &[u8]) {
    let limits = Limits::operations(20);
    let Ok((request, mut rest)) = ComputeRequest::decode(bytes, limits) else {
        return;
    };
    let mut written = Vec::new();
    request.encode(&mut written);
    let again = ComputeRequest::decode(&written, limits);
    // NaN is not what it is.
    assert_eq!(
        format!("{again:?}"),
        format!("{:?}", Ok::<_, ()>((&request, [0u8; 0])))
    );
    let value = Schema::parse(VALUE).expect("the schema is one");
    let Ok(result) = Schema::parse(&request.result_schema) else {
        return;
    };
    let Ok(plan) = Plan::new(&request.operations, &value, &value, &result, Order::Java) else {
        return;
    };
    let mut values = Vec::new();
    while let Some((length, behind)) = rest.split_first() {
        let (value, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        values.push(value);
        rest = behind;
    }
    let mut evaluator = Evaluator::default();
    let mut together = Vec::new();
    let whole = evaluator.evaluate(&plan, &values, |_, result| together.push(result.to_vec()));
    for (index, value) in values.iter().enumerate() {
        let mut alone = Vec::new();
        let computed =
            evaluator.evaluate(&plan, &[value], |_, result| alone.extend_from_slice(result));
        if whole.is_ok() {
            assert_eq!(computed, Ok(()));
            assert_eq!(together[index], alone);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn requests_of_any_bytes() {
        venice_mutation::fuzz("compute_request", 10_000, super::request);
    }
}
