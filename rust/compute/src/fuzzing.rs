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
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// Changes of each seed.
    const CHANGES: usize = 2000;

    #[test]
    fn requests_of_any_bytes() {
        let corpus = std::env::var_os("FUZZ_CORPUS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus")),
            PathBuf::from,
        );
        let folder =
            fs::read_dir(corpus.join("compute_request")).expect("the corpus has this target");
        let mut files: Vec<PathBuf> = folder.map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= 3, "{} seeds", files.len());
        let mut state = 1u64;
        let mut draw = |most: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % most.max(1)
        };
        for seed in files.iter().map(|file| fs::read(file).unwrap()) {
            request(&seed);
            for _ in 0..CHANGES {
                let mut bytes = seed.clone();
                for _ in 0..=draw(3) {
                    let at = draw(bytes.len() + 1);
                    match draw(5) {
                        0 => bytes.truncate(at),
                        1 if at < bytes.len() => bytes[at] ^= 1 << draw(8),
                        2 if at < bytes.len() => drop(bytes.remove(at)),
                        3 => bytes.insert(at, [0, 1, 2, 3, 0x7f, 0x80, 0xff][draw(7)]),
                        _ => bytes.extend_from_slice(&seed[draw(seed.len())..]),
                    }
                }
                request(&bytes);
            }
        }
    }
}
