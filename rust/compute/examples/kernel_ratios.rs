//! How much faster the kernels are than Java's order, one vector at a time: ratios of paired slices.
//!
//! ```text
//! ./bazelw run //rust/compute:kernel_ratios [PAIRS]      (31 by default; half a minute)
//! ```
//!
//! For each load both sides take turns; a ratio is made of two neighbouring slices of about 10 ms each. What is shown is
//! the median of the pairs' ratios, with the least and the greatest; and what each side takes at its quickest, by some thousand slices
//! of about 20 µs, in which nobody else had the processor: these differ by a hundredth from run to run on a machine that others use, too. Eight keys lie in the processor's first cache, a
//! thousand do not, and there memory may be the bound of both sides. `records` are whole evaluations, of which
//! the time alone is shown: values that are located, multiplied and encoded.

use std::hint::black_box;
use std::time::{Duration, Instant};

use venice_avro::Schema;
use venice_compute::kernel::{dot_of, sums, LANES};
use venice_compute::{Evaluator, Order, Plan};
use venice_wire::compute_request::{Operation, OperationKind};

/// Numbers between -1 and 1 that are the same in each run.
struct Draw(u64);

impl Draw {
    fn float(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }
}

fn bytes(floats: &[f32]) -> Vec<u8> {
    floats
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect()
}

/// Calls between two looks at the clock, which costs as much as a few short calls.
const CALLS: u32 = 64;

/// Nanoseconds of a call, by as many as take 10 ms at least.
fn slice(call: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    let mut calls = 0u32;
    while start.elapsed() < Duration::from_millis(10) {
        for _ in 0..CALLS {
            call();
        }
        calls += CALLS;
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// Nanoseconds of a call where it took least.
fn least(call: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    call();
    let took = start.elapsed().as_nanos().max(1);
    let calls = (20_000 / took).clamp(1, 1000) as u32;
    let mut least = f64::MAX;
    for _ in 0..5_000 {
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        least = least.min(start.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    least
}

fn compare(name: &str, pairs: usize, keys: usize, plain: &mut dyn FnMut(), ours: &mut dyn FnMut()) {
    // Both warm up.
    slice(plain);
    slice(ours);
    let mut ratios = Vec::with_capacity(pairs);
    let mut times = Vec::with_capacity(pairs);
    for pair in 0..pairs {
        let (a, b) = match pair % 2 {
            0 => (slice(plain), slice(ours)),
            _ => {
                let b = slice(ours);
                (slice(plain), b)
            }
        };
        ratios.push(a / b);
        times.push(b / keys as f64);
    }
    ratios.sort_by(f64::total_cmp);
    times.sort_by(f64::total_cmp);
    let (least_plain, least_ours) = (least(plain), least(ours));
    println!(
        "| {name} | {:.2} | {:.2} | {:.2} | {:.1} | {:.2} | {:.1} |",
        ratios[pairs / 2],
        ratios[0],
        ratios[pairs - 1],
        times[pairs / 2],
        least_plain / least_ours,
        least_ours / keys as f64
    );
}

fn kernels(pairs: usize, dimensions: usize, keys: usize, order: Order, norms: bool) {
    let mut draw = Draw(dimensions as u64);
    let parameter = draw.floats(dimensions);
    let vectors: Vec<Vec<u8>> = (0..keys).map(|_| bytes(&draw.floats(dimensions))).collect();
    let slices: Vec<&[u8]> = vectors.iter().map(Vec::as_slice).collect();
    let name = match (order, norms) {
        (Order::Java, false) => "dot product",
        (Order::Java, true) => "dot product and squares",
        (Order::Fast, _) => "dot product, fast order",
    };
    let floats: Vec<Vec<f32>> = vectors
        .iter()
        .map(|vector| {
            vector
                .as_chunks::<4>()
                .0
                .iter()
                .map(|float| f32::from_le_bytes(*float))
                .collect()
        })
        .collect();
    compare(
        &format!("{name}, {keys} × {dimensions}"),
        pairs,
        keys,
        &mut || {
            for (vector, floats) in black_box(&slices).iter().zip(&floats) {
                black_box(dot_of(&parameter, vector));
                if norms {
                    black_box(dot_of(floats, vector));
                }
            }
        },
        &mut || {
            for group in black_box(&slices).chunks(LANES) {
                black_box(sums(order, &parameter, group, norms));
            }
        },
    );
}

fn records(pairs: usize, dimensions: usize, keys: usize) {
    let schema = r#"{"type":"record","name":"V","fields":[{"name":"name","type":"string"},
        {"name":"id","type":"long"},{"name":"v","type":["null",{"type":"array","items":"float"}]}]}"#;
    let result = r#"{"type":"record","name":"R","fields":[{"name":"d","type":["null","float"]},
        {"name":"__veniceComputationError__","type":{"type":"map","values":"string"}}]}"#;
    let (schema, result) = match (Schema::parse(schema), Schema::parse(result)) {
        (Ok(schema), Ok(result)) => (schema, result),
        other => panic!("{other:?}"),
    };
    let mut draw = Draw(dimensions as u64);
    let parameter = draw.floats(dimensions);
    let values: Vec<Vec<u8>> = (0..keys)
        .map(|_| {
            let mut value = b"\x0aemoji\x02\x02".to_vec();
            venice_wire::varint::varint(&mut value, 2 * dimensions as u64);
            value.extend(bytes(&draw.floats(dimensions)));
            value.push(0);
            value
        })
        .collect();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let operation = Operation {
        kind: OperationKind::DotProduct,
        field: "v".into(),
        parameter: parameter.clone(),
        result_field: "d".into(),
    };
    let plan = Plan::new(&[operation], &schema, &schema, &result, Order::Java);
    let plan = plan.expect("the request suits the schemas");
    let mut evaluator = Evaluator::default();
    let mut out = Vec::new();
    let mut times: Vec<f64> = (0..pairs)
        .map(|_| {
            slice(&mut || {
                out.clear();
                let evaluated = evaluator.evaluate(&plan, black_box(&values), |_, result| {
                    out.extend_from_slice(result);
                });
                evaluated.expect("every value has a result");
            })
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let nanoseconds = times[pairs / 2] / keys as f64;
    println!("| records, {keys} × {dimensions} | | | | {nanoseconds:.1} | | |");
}

fn main() {
    let pairs = std::env::args().nth(1).and_then(|pairs| pairs.parse().ok());
    let pairs = pairs.unwrap_or(31).max(1);
    println!(
        "| Load | Ratio | Least | Greatest | Ours, ns a key | Ratio at the quickest | Ours, ns a key |\n|---|---|---|---|---|---|---|"
    );
    for dimensions in [128, 768] {
        for keys in [8, 1000] {
            for (order, norms) in [
                (Order::Java, false),
                (Order::Java, true),
                (Order::Fast, false),
            ] {
                kernels(pairs, dimensions, keys, order, norms);
            }
        }
        records(pairs, dimensions, 1000);
    }
}
