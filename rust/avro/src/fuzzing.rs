//! Programs fed with any bytes: for `rust/fuzz` and for the tests below.

use crate::{Fields, Places, Schema};

/// Writer's and reader's schemas that have every type and every kind of resolution in them.
const SCHEMAS: [(&str, &str); 4] = [
    (
        r#"{"type":"record","name":"R","fields":[
            {"name":"skipped","type":{"type":"map","values":["null","string",{"type":"array","items":"long"}]}},
            {"name":"v","type":{"type":"array","items":"float"}},
            {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B","C"]}},
            {"name":"f","type":{"type":"fixed","name":"F","size":3}},
            {"name":"m","type":{"type":"map","values":"int"}},
            {"name":"u","type":["null","int","string",{"type":"array","items":"float"}]}]}"#,
        r#"{"type":"record","name":"R","fields":[
            {"name":"u","type":["string","double","null",{"type":"array","items":"float"}]},
            {"name":"m","type":{"type":"map","values":"double"}},
            {"name":"v","type":["null",{"type":"array","items":"float"}]},
            {"name":"e","type":{"type":"enum","name":"E","symbols":["C","A"],"default":"A"}},
            {"name":"f","type":{"type":"fixed","name":"F","size":3}},
            {"name":"new","type":{"type":"array","items":"string"},"default":["x"]}]}"#,
    ),
    (
        r#"{"type":"record","name":"L","fields":[{"name":"v","type":"long"},{"name":"next","type":["null","L"]},
            {"name":"b","type":"boolean"}]}"#,
        r#"{"type":"record","name":"L","fields":[{"name":"b","type":"boolean"},{"name":"next","type":["null","L"]},
            {"name":"v","type":"float"}]}"#,
    ),
    (
        r#"{"type":"record","name":"N","fields":[
            {"name":"a","type":{"type":"array","items":"null"}},
            {"name":"b","type":{"type":"array","items":{"type":"array","items":{"type":"record","name":"Z","fields":[]}}}},
            {"name":"c","type":["int",{"type":"array","items":["null","float"]}]}]}"#,
        r#"{"type":"record","name":"N","fields":[
            {"name":"a","type":{"type":"array","items":["null","int"]}},
            {"name":"b","type":{"type":"array","items":{"type":"array","items":{"type":"record","name":"Z","fields":[
                {"name":"d","type":"string","default":"a default"}]}}}},
            {"name":"c","type":["float",{"type":"array","items":["null","float"]}]}]}"#,
    ),
    (
        r#"{"type":"record","name":"P","fields":[
            {"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"},
            {"name":"s","type":"string"},{"name":"b","type":"bytes"},{"name":"a","type":{"type":"array","items":"int"}},
            {"name":"r","type":{"type":"record","name":"Q","fields":[{"name":"x","type":"int"},{"name":"y","type":"string"}]}}]}"#,
        r#"{"type":"record","name":"P","fields":[
            {"name":"r","type":{"type":"record","name":"Q","fields":[{"name":"y","type":"bytes"},{"name":"x","type":"long"}]}},
            {"name":"i","type":"double"},{"name":"l","type":"float"},{"name":"f","type":"double"},
            {"name":"s","type":"bytes"},{"name":"b","type":"string"},{"name":"a","type":{"type":"array","items":"float"}}]}"#,
    ),
];

/// A record of one of the schemas above, which the first byte chooses. What is copied can be read again, and is then
/// copied as it is.
///
/// # Panics
///
/// If that is not so.
pub fn record(bytes: &[u8]) {
    let Some((&choice, record)) = bytes.split_first() else {
        return;
    };
    let (writer, reader) = SCHEMAS[usize::from(choice) % SCHEMAS.len()];
    let (writer, reader) = (parsed(writer), parsed(reader));
    let names: Vec<&str> = reader.fields().map(|(name, _)| name).collect();
    let fields = Fields::compile(&writer, &reader, &names).expect("the schemas have a program");
    let mut places = Places::default();
    if fields.locate(record, &mut places).is_err() {
        return;
    }
    let mut out = Vec::new();
    for field in 0..fields.len() {
        let _ = fields.vector(field, record, &mut places);
        let _ = fields.scalar(field, record, &mut places);
        let _ = fields.count(field, record, &mut places);
        if let Err(error) = fields.copy(field, record, &mut places, &mut out) {
            assert!(error.at() <= record.len(), "{error}");
            return;
        }
    }
    let again = Fields::compile(&reader, &reader, &names).expect("the schemas have a program");
    again
        .locate(&out, &mut places)
        .expect("what was copied can be read");
    let mut copy = Vec::new();
    for field in 0..again.len() {
        let copied = again.copy(field, &out, &mut places, &mut copy);
        copied.expect("what was copied can be read");
    }
    assert_eq!(copy, out);
}

/// A schema: any text, which is read as its own reader's.
pub fn schema(bytes: &[u8]) {
    let Some(schema) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Schema::parse(text).ok())
    else {
        return;
    };
    assert!(schema.view().same_as(&schema.view()));
    let names: Vec<&str> = schema.fields().map(|(name, _)| name).collect();
    if let Ok(fields) = Fields::compile(&schema, &schema, &names) {
        let mut places = Places::default();
        if fields.locate(&[0; 64], &mut places).is_ok() {
            let mut out = Vec::new();
            for field in 0..fields.len() {
                let _ = fields.copy(field, &[0; 64], &mut places, &mut out);
            }
        }
    }
}

fn parsed(text: &str) -> Schema {
    Schema::parse(text).expect("the schema is one")
}

#[cfg(test)]
mod tests {
    use venice_mutation::fuzz;

    #[test]
    fn records_of_any_bytes() {
        fuzz("avro_record", 4_000, super::record);
    }

    #[test]
    fn schemas_of_any_text() {
        fuzz("avro_schema", 4_000, super::schema);
    }
}
