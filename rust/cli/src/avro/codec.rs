//! Data of one schema: from JSON and texts to bytes, and back.

use std::io::{self, Read};

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use apache_avro::Schema;
use serde_json::Value as Json;

use crate::avro::json;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{brief, shown, unhex};

/// Encodes and decodes data of a schema.
pub(crate) struct Codec<'s> {
    schema: &'s Schema,
    writer: GenericDatumWriter<'s>,
    reader: GenericDatumReader<'s>,
}

/// The bytes of a datum. The library takes some that are cut off for empty ones, so whoever read past the end is
/// remembered.
struct Datum<'b> {
    rest: &'b [u8],
    cut_off: bool,
}

impl Read for Datum<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cut_off |= self.rest.is_empty() && !buffer.is_empty();
        self.rest.read(buffer)
    }
}

/// Reads a schema: JSON, or the bare name of a primitive type such as `string`.
pub(crate) fn parse_schema(text: &str) -> Outcome<Schema> {
    let text = text.trim();
    let bare = text.bytes().all(|byte| byte.is_ascii_lowercase());
    let parsed = match bare && !text.is_empty() {
        true => Schema::parse_str(&format!("{text:?}")),
        false => Schema::parse_str(text),
    };
    parsed.map_err(|error| {
        Failure::new(
            Exit::Data,
            format!(
                "{} is no Avro schema: {}; give a file that has one, or a primitive type such as string or long",
                shown(text),
                brief(&error)
            ),
        )
    })
}

/// The schema of a JSON datum, if it can be told without one: that of a text, a number or a truth value.
pub(crate) fn infer(datum: &Json) -> Option<Schema> {
    match datum {
        Json::String(_) => Some(Schema::String),
        Json::Number(number) if number.is_i64() => Some(Schema::Long),
        Json::Number(_) => Some(Schema::Double),
        Json::Bool(_) => Some(Schema::Boolean),
        _ => None,
    }
}

impl<'s> Codec<'s> {
    pub(crate) fn new(schema: &'s Schema) -> Outcome<Codec<'s>> {
        let unresolved = |error: apache_avro::Error| {
            Failure::new(
                Exit::Data,
                format!(
                    "the schema {} does not stand alone: {}; define each name where it is first used",
                    shown(&schema.canonical_form()),
                    brief(&error)
                ),
            )
        };
        Ok(Codec {
            schema,
            writer: GenericDatumWriter::builder(schema)
                .build()
                .map_err(unresolved)?,
            reader: GenericDatumReader::builder(schema)
                .build()
                .map_err(unresolved)?,
        })
    }

    /// A datum as serialized.
    pub(crate) fn encode(&self, value: Value) -> Result<Vec<u8>, String> {
        let written = self.writer.write_value_to_vec(value);
        written.map_err(|error| brief(&error))
    }

    /// JSON as serialized. Fields that are missing take their defaults; unions are given without the name of their
    /// branch.
    pub(crate) fn of_json(&self, json: Json) -> Result<Vec<u8>, String> {
        let value = Value::try_from(json).map_err(|error| brief(&error))?;
        let value = value.resolve(self.schema);
        self.encode(value.map_err(|error| brief(&error))?)
    }

    /// A key that was typed, as serialized: texts as they are, bytes in hexadecimal, all else as JSON.
    pub(crate) fn of_text(&self, text: &str) -> Result<Vec<u8>, String> {
        match self.schema {
            Schema::String | Schema::Uuid(_) | Schema::Enum(_) => self.of_json(Json::from(text)),
            Schema::Bytes => {
                let bytes = unhex(text).ok_or("give bytes in hexadecimal, such as 00ff")?;
                self.encode(Value::Bytes(bytes))
            }
            Schema::Fixed(_) => {
                let bytes = unhex(text).ok_or("give bytes in hexadecimal, such as 00ff")?;
                self.encode(Value::Fixed(bytes.len(), bytes))
            }
            _ => {
                let json = serde_json::from_str(text).or_else(|error| match self.schema {
                    // A union of null and string, for example.
                    Schema::Union(_) => Ok(Json::from(text)),
                    _ => Err(format!("it is no JSON: {error}")),
                });
                self.of_json(json?)
            }
        }
    }

    /// A serialized datum as JSON.
    pub(crate) fn to_json(&self, bytes: &[u8]) -> Result<String, String> {
        let mut datum = Datum {
            rest: bytes,
            cut_off: false,
        };
        let value = self.reader.read_value(&mut datum);
        let value = value.map_err(|error| brief(&error))?;
        if datum.cut_off {
            return Err("it is cut off".to_owned());
        }
        if !datum.rest.is_empty() {
            return Err(format!("{} bytes are left over", datum.rest.len()));
        }
        let mut out = String::new();
        json::write(&mut out, &value);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(schema: &str, json: &str) -> String {
        let schema = parse_schema(schema).unwrap();
        let codec = Codec::new(&schema).unwrap();
        let bytes = codec.of_json(serde_json::from_str(json).unwrap()).unwrap();
        let out = codec.to_json(&bytes).unwrap();
        // What is printed can be loaded. Maps have no order of their own.
        let again = codec.of_json(serde_json::from_str(&out).unwrap()).unwrap();
        assert_eq!(codec.to_json(&again).unwrap(), out);
        out
    }

    #[test]
    fn json_goes_there_and_back() {
        for (schema, json) in [
            ("string", r#""a \"b\" 😀""#),
            ("long", "-9223372036854775808"),
            ("int", "7"),
            ("boolean", "true"),
            ("null", "null"),
            ("float", "0.3"),
            ("double", "-0.1"),
            ("double", "\"NaN\""),
            ("float", "\"-Infinity\""),
            ("bytes", "[0,255]"),
            (r#"["null","string"]"#, "null"),
            (r#"["null","long"]"#, "5"),
            (r#"{"type":"array","items":"int"}"#, "[1,2]"),
            (r#"{"type":"map","values":"int"}"#, r#"{"a":1,"b":2}"#),
            (
                r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
                r#""B""#,
            ),
        ] {
            assert_eq!(there_and_back(schema, json), json, "{schema}");
        }
    }

    #[test]
    fn records_keep_their_order_and_take_defaults() {
        let schema = r#"{"type":"record","name":"R","fields":[
            {"name":"z","type":"int"},
            {"name":"a","type":["null","string"],"default":null},
            {"name":"m","type":"float","default":1.5}]}"#;
        assert_eq!(
            there_and_back(schema, r#"{"m":0.1,"z":1,"a":"x"}"#),
            r#"{"z":1,"a":"x","m":0.1}"#
        );
        assert_eq!(
            there_and_back(schema, r#"{"z":1}"#),
            r#"{"z":1,"a":null,"m":1.5}"#
        );
    }

    #[test]
    fn typed_keys() {
        let key = |schema: &str, text: &str| {
            let schema = parse_schema(schema).unwrap();
            Codec::new(&schema).unwrap().of_text(text)
        };
        assert_eq!(key("string", "12").unwrap(), b"\x0412");
        assert_eq!(key("long", "12").unwrap(), [24]);
        assert_eq!(key("bytes", "00ff").unwrap(), [4, 0, 255]);
        let fixed = r#"{"type":"fixed","name":"F","size":2}"#;
        assert_eq!(key(fixed, "00ff").unwrap(), [0, 255]);
        assert!(key(fixed, "00").is_err());
        let record = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;
        assert_eq!(key(record, r#"{"a": 1}"#).unwrap(), [2]);
        assert_eq!(key(r#"["null","string"]"#, "x").unwrap(), [2, 2, b'x']);
        for (schema, text) in [
            ("long", "x"),
            ("long", "1.5"),
            ("bytes", "0"),
            (record, "1"),
        ] {
            assert!(key(schema, text).is_err(), "{schema} {text}");
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let schema = parse_schema("string").unwrap();
        let codec = Codec::new(&schema).unwrap();
        for bytes in [&b"\x06ab"[..], b"\x02ab", b"", b"\x02\xff"] {
            assert!(codec.to_json(bytes).is_err(), "{bytes:?}");
        }
        for bad in ["strin", "", "{", r#"{"type":"what"}"#] {
            let error = parse_schema(bad).unwrap_err();
            assert_eq!(error.exit, Exit::Data);
            assert!(brief(&error).contains("is no Avro schema"), "{error}");
        }
    }

    #[test]
    fn schemas_of_plain_data_are_inferred() {
        let inferred = |json| infer(&serde_json::from_str(json).unwrap());
        assert_eq!(inferred("\"a\""), Some(Schema::String));
        assert_eq!(inferred("1"), Some(Schema::Long));
        assert_eq!(inferred("1.5"), Some(Schema::Double));
        assert_eq!(inferred("true"), Some(Schema::Boolean));
        assert_eq!(inferred("{}"), None);
        assert_eq!(inferred("null"), None);
    }
}
