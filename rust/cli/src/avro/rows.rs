//! The rows of a file: an Avro container file, or lines of JSON.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use apache_avro::types::Value;
use apache_avro::{Reader, Schema};
use serde_json::Value as Json;

use crate::avro::codec::{infer, Codec};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{brief, shown};

/// How an Avro container file begins.
const MAGIC: &[u8] = b"Obj\x01";

/// A row, both parts as serialized.
pub(crate) struct Row {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

/// What of a row is which, and what is known of it before.
pub(crate) struct Shape {
    pub(crate) key_field: String,
    pub(crate) value_field: String,
    /// Of JSON, which has none of its own.
    pub(crate) key_schema: Option<Schema>,
    pub(crate) value_schema: Option<Schema>,
}

/// A file of rows, whose schemas are known.
pub(crate) struct Rows {
    source: Source,
    /// How errors name the file.
    name: String,
    pub(crate) key_schema: Schema,
    pub(crate) value_schema: Schema,
    read: Arc<AtomicU64>,
    /// Bytes of the file, if it has an end.
    pub(crate) bytes: Option<u64>,
}

type Input = BufReader<Counted<Box<dyn Read>>>;

enum Source {
    Avro {
        rows: Box<Reader<'static, Input>>,
        key: usize,
        value: usize,
    },
    Json {
        lines: Input,
        shape: Box<Shape>,
        /// The first line, which was read for its schemas.
        first: Option<String>,
        number: u64,
    },
}

/// Counts what is read, for the progress bar.
struct Counted<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Rows {
    /// Opens a file, or standard input if the path is `-`.
    pub(crate) fn open(path: &Path, shape: Shape) -> Outcome<Rows> {
        let (name, file, bytes) = open(path)?;
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            input: file,
            read: Arc::clone(&read),
        };
        let mut input = BufReader::with_capacity(1 << 16, counted);
        let failed = |error: io::Error| cannot_read(&name, &error);
        let is_avro = input.fill_buf().map_err(failed)?.starts_with(MAGIC);
        let (source, key_schema, value_schema) = match is_avro {
            true => avro(&name, input, &shape)?,
            false => json(&name, input, shape)?,
        };
        Ok(Rows {
            source,
            name,
            key_schema,
            value_schema,
            read,
            bytes,
        })
    }

    /// Bytes that were read so far.
    pub(crate) fn progress(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next row; the codecs are of this file's schemas.
    pub(crate) fn next(&mut self, key: &Codec<'_>, value: &Codec<'_>) -> Outcome<Option<Row>> {
        let bad = |text: String| Failure::new(Exit::Data, text);
        match &mut self.source {
            Source::Avro {
                rows,
                key: key_at,
                value: value_at,
            } => {
                let Some(row) = rows.next() else {
                    return Ok(None);
                };
                let row = row.map_err(|error| bad_avro(&self.name, &error))?;
                let Value::Record(mut fields) = row else {
                    return Err(bad(format!(
                        "{} holds something else than records",
                        self.name
                    )));
                };
                let mut take = |at: usize, codec: &Codec<'_>| {
                    let field = std::mem::replace(&mut fields[at].1, Value::Null);
                    codec.encode(field).map_err(bad)
                };
                Ok(Some(Row {
                    key: take(*key_at, key)?,
                    value: take(*value_at, value)?,
                }))
            }
            Source::Json {
                lines,
                shape,
                first,
                number,
            } => {
                let line = match first.take() {
                    Some(line) => line,
                    None => match next_line(lines, number, &self.name)? {
                        Some(line) => line,
                        None => return Ok(None),
                    },
                };
                let mut fields = object(&line, *number, &self.name)?;
                let mut take = |field: &str, codec: &Codec<'_>| {
                    let json = member(&mut fields, field, *number, &self.name)?;
                    let text = json.to_string();
                    codec.of_json(json).map_err(|error| {
                        bad(format!(
                            "{} line {number}: the {field} {} does not fit its schema: {error}",
                            self.name,
                            shown(&text)
                        ))
                    })
                };
                Ok(Some(Row {
                    key: take(&shape.key_field, key)?,
                    value: take(&shape.value_field, value)?,
                }))
            }
        }
    }
}

fn open(path: &Path) -> Outcome<(String, Box<dyn Read>, Option<u64>)> {
    if path.as_os_str() == "-" {
        return Ok(("standard input".to_owned(), Box::new(io::stdin()), None));
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| cannot_read(&name, &error))?;
    let metadata = file
        .metadata()
        .map_err(|error| cannot_read(&name, &error))?;
    if metadata.is_dir() {
        let text = format!("{name} is a folder; give an Avro file, or one with lines of JSON");
        return Err(Failure::new(Exit::NoInput, text));
    }
    let bytes = metadata.is_file().then_some(metadata.len());
    Ok((name, Box::new(file), bytes))
}

fn cannot_read(name: &str, error: &io::Error) -> Failure {
    let text = format!("cannot read {name}: {error}; give an Avro file, or one with lines of JSON");
    Failure::new(Exit::NoInput, text)
}

fn bad_avro(name: &str, error: &apache_avro::Error) -> Failure {
    let text = format!("{name} is damaged, or cut off: {}", brief(error));
    Failure::new(Exit::Data, text)
}

fn avro(name: &str, input: Input, shape: &Shape) -> Outcome<(Source, Schema, Schema)> {
    let rows = Reader::new(input).map_err(|error| {
        let text = format!(
            "{name} begins as an Avro file and cannot be read as one: {}; of codecs, null, deflate and snappy are known",
            brief(&error)
        );
        Failure::new(Exit::Data, text)
    })?;
    let Schema::Record(record) = rows.writer_schema() else {
        let text =
            format!("{name} holds no records; give a file of records with a key and a value");
        return Err(Failure::new(Exit::Data, text));
    };
    let find = |field: &str, option: &str| {
        let found = record.fields.iter().position(|known| known.name == field);
        found.ok_or_else(|| {
            let names: Vec<&str> = record.fields.iter().map(|one| &one.name[..]).collect();
            let text = format!(
                "{name} has no field {field}; choose one of {} by {option}",
                names.join(", ")
            );
            Failure::new(Exit::Data, text)
        })
    };
    let key = find(&shape.key_field, "--key-field")?;
    let value = find(&shape.value_field, "--value-field")?;
    let schema = |at: usize| record.fields[at].schema.clone();
    let (key_schema, value_schema) = (schema(key), schema(value));
    let rows = Box::new(rows);
    Ok((Source::Avro { rows, key, value }, key_schema, value_schema))
}

fn json(name: &str, mut lines: Input, shape: Shape) -> Outcome<(Source, Schema, Schema)> {
    let mut number = 0;
    let Some(first) = next_line(&mut lines, &mut number, name)? else {
        let text = format!("{name} has no rows; give an Avro file, or one with lines of JSON");
        return Err(Failure::new(Exit::Data, text));
    };
    let mut fields = object(&first, number, name)?;
    let mut schema = |known: &Option<Schema>, field: &str, option: &str| {
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let json = member(&mut fields, field, number, name)?;
        infer(&json).ok_or_else(|| {
            let text = format!(
                "{name} line {number}: the {field} {} needs a schema; give one by {option}",
                shown(&json.to_string())
            );
            Failure::new(Exit::Data, text)
        })
    };
    let key_schema = schema(&shape.key_schema, &shape.key_field, "--key-schema")?;
    let value_schema = schema(&shape.value_schema, &shape.value_field, "--value-schema")?;
    let source = Source::Json {
        lines,
        shape: Box::new(shape),
        first: Some(first),
        number,
    };
    Ok((source, key_schema, value_schema))
}

/// The next line that is not blank.
fn next_line(lines: &mut Input, number: &mut u64, name: &str) -> Outcome<Option<String>> {
    loop {
        let mut line = Vec::new();
        let read = lines.read_until(b'\n', &mut line);
        if read.map_err(|error| cannot_read(name, &error))? == 0 {
            return Ok(None);
        }
        *number += 1;
        let line = String::from_utf8(line).map_err(|_| {
            let text =
                format!("{name} line {number} is no UTF-8; give an Avro file, or lines of JSON");
            Failure::new(Exit::Data, text)
        })?;
        if !line.trim().is_empty() {
            return Ok(Some(line));
        }
    }
}

fn object(line: &str, number: u64, name: &str) -> Outcome<serde_json::Map<String, Json>> {
    match serde_json::from_str(line) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(_) => Err(not_an_object(
            line,
            number,
            name,
            "it is another JSON value",
        )),
        Err(error) => Err(not_an_object(line, number, name, &error.to_string())),
    }
}

fn not_an_object(line: &str, number: u64, name: &str, reason: &str) -> Failure {
    let text = format!(
        "{name} line {number} is {}, and no JSON object: {reason}; give lines such as {{\"key\": \"a\", \"value\": 1}}",
        shown(line.trim())
    );
    Failure::new(Exit::Data, text)
}

fn member(
    fields: &mut serde_json::Map<String, Json>,
    field: &str,
    number: u64,
    name: &str,
) -> Outcome<Json> {
    fields.remove(field).ok_or_else(|| {
        let text = format!(
            "{name} line {number} has no {field}; name the members by --key-field and --value-field"
        );
        Failure::new(Exit::Data, text)
    })
}
