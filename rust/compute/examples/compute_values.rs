//! Computes results of values for `tests/compute`, which compares them with those of Venice's operators in Java.
//!
//! Cases come on standard input until it ends, answers go to standard output (`tests/cases/mod.rs` has the form).
//!
//! A case: schema of the values, schema that they are read with, a `ComputeRequestV3`, u32 and so many values, each as a
//! text. An answer: 0 and a text, if there is no result for all values; else 1, and the result of each value, as texts.

use std::io::{self, Write};

use venice_avro::Schema;
use venice_compute::{Evaluator, Order, Plan};
use venice_wire::compute_request::{ComputeRequest, Limits};

#[path = "../tests/cases/mod.rs"]
mod cases;

use cases::{bytes, first, list, put, text};

fn schema(text: &str) -> Result<Schema, String> {
    Schema::parse(text).map_err(|error| error.to_string())
}

fn computed(
    evaluator: &mut Evaluator,
    writer: &str,
    reader: &str,
    request: &[u8],
    values: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, String> {
    let limits = Limits::operations(1000);
    let (request, _) =
        ComputeRequest::decode(request, limits).map_err(|error| error.to_string())?;
    let (writer, reader) = (schema(writer)?, schema(reader)?);
    let result = schema(&request.result_schema)?;
    let plan = Plan::new(&request.operations, &writer, &reader, &result, Order::Java);
    let plan = plan.map_err(|error| error.to_string())?;
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let mut results = Vec::new();
    let evaluated = evaluator.evaluate(&plan, &values, |_, result| results.push(result.to_vec()));
    evaluated.map_err(|error| error.to_string())?;
    Ok(results)
}

fn main() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut evaluator = Evaluator::default();
    while let Some(writer) = first(&mut input)? {
        let reader = text(&mut input)?;
        let request = bytes(&mut input)?;
        let values = list(&mut input)?;
        match computed(&mut evaluator, &writer, &reader, &request, &values) {
            Err(error) => {
                output.write_all(&[0])?;
                put(&mut output, error.as_bytes())?;
            }
            Ok(results) => {
                output.write_all(&[1])?;
                for result in &results {
                    put(&mut output, result)?;
                }
            }
        }
        output.flush()?;
    }
    Ok(())
}
