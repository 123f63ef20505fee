//! Copies fields of records for `tests/avro`, which compares them with those of Java Avro.
//!
//! Cases come on standard input until it ends, answers go to standard output. Numbers are big-endian; a text is its
//! length (u32) and its bytes.
//!
//! A case: writer's schema, reader's schema, u32 and so many names of fields, u32 and so many records, each as a text.
//! An answer: 0 and a text, if the schemas have no program; else 1, and for each record 1 and the fields one after the
//! other, or 0 and the error, as texts.

use std::io::{self, Read, Write};

use venice_avro::{Fields, Places, Schema};

fn number(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

fn text(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; number(input)? as usize];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn name(input: &mut impl Read) -> io::Result<String> {
    String::from_utf8(text(input)?).map_err(io::Error::other)
}

fn answer(output: &mut impl Write, whole: bool, text: &[u8]) -> io::Result<()> {
    output.write_all(&[whole.into()])?;
    output.write_all(&(text.len() as u32).to_be_bytes())?;
    output.write_all(text)
}

fn fields(writer: &str, reader: &str, names: &[String]) -> Result<Fields, String> {
    let writer = Schema::parse(writer).map_err(|error| format!("writer: {error}"))?;
    let reader = Schema::parse(reader).map_err(|error| format!("reader: {error}"))?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Fields::compile(&writer, &reader, &names).map_err(|error| error.to_string())
}

fn copied(fields: &Fields, record: &[u8], places: &mut Places) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let located = fields.locate(record, places);
    located.map_err(|error| error.to_string())?;
    for field in 0..fields.len() {
        let copied = fields.copy(field, record, places, &mut out);
        copied.map_err(|error| error.to_string())?;
    }
    Ok(out)
}

fn main() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut places = Places::default();
    loop {
        let writer = match name(&mut input) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return output.flush(),
            other => other?,
        };
        let reader = name(&mut input)?;
        let names = (0..number(&mut input)?).map(|_| name(&mut input));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        let records = (0..number(&mut input)?).map(|_| text(&mut input));
        let records = records.collect::<io::Result<Vec<_>>>()?;
        match fields(&writer, &reader, &names) {
            Err(error) => answer(&mut output, false, error.as_bytes())?,
            Ok(fields) => {
                output.write_all(&[1])?;
                for record in &records {
                    match copied(&fields, record, &mut places) {
                        Ok(bytes) => answer(&mut output, true, &bytes)?,
                        Err(error) => answer(&mut output, false, error.as_bytes())?,
                    }
                }
            }
        }
        output.flush()?;
    }
}
