//! Counts values for `tests/compute`, which compares the counts with those of a plain count in Java.
//!
//! Cases come on standard input until it ends, answers go to standard output (`tests/cases/mod.rs` has the form).
//!
//! A case: schema of the values, schema that they are read with, u32 topK, u32 and so many names of fields, u32 and so many
//! values, each as a text. An answer: 0 and a text, if there are no counts; else 1, and for each field u32 and so many
//! entries, each a text and u32.

use std::io::{self, Write};

use venice_avro::Schema;
use venice_compute::{CountPlan, Counts};

#[path = "../tests/cases/mod.rs"]
mod cases;

use cases::{first, list, number, put, text};

type Top = Vec<(String, i32)>;

fn counted(
    writer: &str,
    reader: &str,
    top: i32,
    names: &[&str],
    values: &[Vec<u8>],
) -> Result<Vec<Top>, String> {
    let schema = |text: &str| Schema::parse(text).map_err(|error| error.to_string());
    let plan = CountPlan::new(names, &schema(writer)?, &schema(reader)?);
    let plan = plan.map_err(|error| error.to_string())?;
    let mut counts = Counts::new(names.len(), 1 << 24);
    for value in values {
        counts
            .add(&plan, value)
            .map_err(|error| error.to_string())?;
    }
    let tops = (0..names.len()).map(|field| counts.top(field, top));
    tops.collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn main() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    while let Some(writer) = first(&mut input)? {
        let reader = text(&mut input)?;
        let top = number(&mut input)? as i32;
        let names = (0..number(&mut input)?).map(|_| text(&mut input));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let values = list(&mut input)?;
        match counted(&writer, &reader, top, &names, &values) {
            Err(error) => {
                output.write_all(&[0])?;
                put(&mut output, error.as_bytes())?;
            }
            Ok(fields) => {
                output.write_all(&[1])?;
                for top in &fields {
                    output.write_all(&(top.len() as u32).to_be_bytes())?;
                    for (text, count) in top {
                        put(&mut output, text.as_bytes())?;
                        output.write_all(&count.to_be_bytes())?;
                    }
                }
            }
        }
        output.flush()?;
    }
    Ok(())
}
