//! What becomes of records whose writer's and reader's schemas differ.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use venice_avro::{CompileError, Element, Fields, List, Pace, Places, Schema, Vector};

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)
}

fn field(name: &str, rest: &str) -> String {
    format!(r#"{{"name":"{name}","type":{rest}}}"#)
}

fn compiled(writer: &str, reader: &str) -> Fields {
    let (writer, reader) = (
        Schema::parse(writer).unwrap(),
        Schema::parse(reader).unwrap(),
    );
    let names: Vec<&str> = reader.fields().map(|(name, _)| name).collect();
    Fields::compile(&writer, &reader, &names).unwrap()
}

/// All fields of the reader, or the error's text.
fn read(writer: &str, reader: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let fields = compiled(writer, reader);
    let mut places = Places::default();
    let mut out = Vec::new();
    fields
        .locate(bytes, &mut places)
        .map_err(|error| error.to_string())?;
    for index in 0..fields.len() {
        let copied = fields.copy(index, bytes, &mut places, &mut out);
        copied.map_err(|error| error.to_string())?;
    }
    Ok(out)
}

/// A record of one field, on both sides.
fn one(writer: &str, reader: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let of = |schema| record(&field("a", schema));
    read(&of(writer), &of(reader), bytes)
}

#[test]
fn numbers_and_texts_are_promoted() {
    assert_eq!(one(r#""int""#, r#""long""#, &[5]), Ok(vec![5]));
    assert_eq!(
        one(r#""int""#, r#""float""#, &[4]),
        Ok(2f32.to_le_bytes().to_vec())
    );
    assert_eq!(
        one(r#""long""#, r#""double""#, &[4]),
        Ok(2f64.to_le_bytes().to_vec())
    );
    let half = 0.5f32.to_le_bytes();
    assert_eq!(
        one(r#""float""#, r#""double""#, &half),
        Ok(0.5f64.to_le_bytes().to_vec())
    );
    assert_eq!(one(r#""string""#, r#""bytes""#, &[2, 9]), Ok(vec![2, 9]));
}

#[test]
fn what_does_not_fit_has_javas_text_and_the_place() {
    assert_eq!(
        one(r#""string""#, r#""int""#, &[2, b'x']).unwrap_err(),
        r#"Found string, expecting int (field "a", byte 0 of 2)"#
    );
    // A branch that is not there costs nothing until somebody wrote it.
    let union = r#"["int","string"]"#;
    assert_eq!(one(union, r#""long""#, &[0, 6]), Ok(vec![6]));
    assert_eq!(
        one(union, r#""long""#, &[2, 2, b'x']).unwrap_err(),
        r#"Found string, expecting long (field "a", byte 1 of 3)"#
    );
    let reader = record(&[field("b", r#""int""#), field("c", r#""int""#)].join(","));
    assert_eq!(
        read(&record(&field("b", r#""int""#)), &reader, &[2]).unwrap_err(),
        r#"Found R, expecting R, missing required field c (field "b", byte 0 of 1)"#
    );
}

#[test]
fn unions_are_read_as_unions() {
    // The same branches: the number stays. Others: the branch of the type, then one that it becomes.
    let three = r#"["null","int","string"]"#;
    assert_eq!(one(three, three, &[2, 6]), Ok(vec![2, 6]));
    assert_eq!(
        one(three, r#"["string","null","int"]"#, &[2, 6]),
        Ok(vec![4, 6])
    );
    assert_eq!(
        one(r#""int""#, r#"["null","float","int"]"#, &[6]),
        Ok(vec![4, 6])
    );
    assert_eq!(
        one(r#""int""#, r#"["null","float"]"#, &[6]),
        Ok([&[2][..], &3f32.to_le_bytes()].concat())
    );
    assert_eq!(
        one(three, three, &[6]).unwrap_err(),
        r#"a union of 3 branches has the branch 3 (field "a", byte 0 of 1)"#
    );
}

#[test]
fn fields_are_reordered_and_defaults_filled_in() {
    let inner = |fields: &str| format!(r#"{{"type":"record","name":"I","fields":[{fields}]}}"#);
    let (x, y) = (field("x", r#""int""#), field("y", r#""string""#));
    let writer = inner(&[x.clone(), field("gone", r#""long""#), y.clone()].join(","));
    let new = r#"{"name":"z","type":["null","int"],"default":null}"#.to_owned();
    let reader = inner(&[y, new, x].join(","));
    assert_eq!(
        one(&writer, &reader, &[2, 99, 4, b'h', b'i']),
        Ok(vec![4, b'h', b'i', 0, 2])
    );
}

#[test]
fn aliases_rename_types_and_fields() {
    let writer = record(r#"{"name":"old","type":{"type":"fixed","name":"Old","size":1}}"#);
    let reader = record(
        r#"{"name":"new","aliases":["old"],"type":{"type":"fixed","name":"New","aliases":["Old"],"size":1}}"#,
    );
    assert_eq!(read(&writer, &reader, &[7]), Ok(vec![7]));
    let twice = record(r#"{"name":"new","type":"int"},{"name":"old","type":"int"}"#);
    let reader = record(r#"{"name":"new","aliases":["old"],"type":"int"}"#);
    let (twice, reader) = (
        Schema::parse(&twice).unwrap(),
        Schema::parse(&reader).unwrap(),
    );
    assert!(matches!(
        Fields::compile(&twice, &reader, &["new"]),
        Err(CompileError::TwoFields { .. })
    ));
}

#[test]
fn enums_take_the_readers_numbers() {
    let of = |symbols, rest| format!(r#"{{"type":"enum","name":"E","symbols":[{symbols}]{rest}}}"#);
    let writer = of(r#""A","B","C""#, "");
    let reader = of(r#""C","A""#, r#","default":"C""#);
    assert_eq!(one(&writer, &reader, &[0]), Ok(vec![2]));
    assert_eq!(one(&writer, &reader, &[2]), Ok(vec![0]));
    assert_eq!(
        one(&writer, &of(r#""C","A""#, ""), &[2]).unwrap_err(),
        r#"No match for B (field "a", byte 0 of 1)"#
    );
    assert_eq!(
        one(&writer, &writer, &[6]).unwrap_err(),
        r#"an enum of 3 symbols has the symbol 3 (field "a", byte 0 of 1)"#
    );
}

#[test]
fn blocks_become_one() {
    let ints = r#"{"type":"array","items":"int"}"#;
    // A block of one, one of two with its size, the end.
    assert_eq!(
        one(ints, ints, &[2, 2, 3, 4, 4, 6, 0]),
        Ok(vec![6, 2, 4, 6, 0])
    );
    assert_eq!(
        one(ints, ints, &[3, 6, 4, 6, 0]).unwrap_err(),
        r#"a block says that it has 3 bytes, and has 2 (field "a", byte 2 of 5)"#
    );
    let floats = r#"{"type":"array","items":"float"}"#;
    let many: Vec<u8> = (0..100).flat_map(|_| [2, 1, 2, 3, 4]).chain([0]).collect();
    let copied = one(floats, floats, &many).unwrap();
    assert_eq!(copied[..3], [0xC8, 1, 1]);
    assert_eq!(copied.len(), 2 + 400 + 1);
}

#[test]
fn sizes_and_depth_are_bounded() {
    let nulls = r#"{"type":"array","items":"null"}"#;
    let union = r#"{"type":"array","items":["null","int"]}"#;
    // 2^40 items without a byte.
    let many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0];
    assert!(one(nulls, union, &many)
        .unwrap_err()
        .contains("items have no bytes"));
    let list = r#"{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]}"#;
    assert!(read(list, list, &[2; 10_000]).unwrap_err().contains("deep"));
    let short = [&[2; 100][..], &[0]].concat();
    assert_eq!(read(list, list, &short), Ok(short.clone()));
    // Each of 40 records holds the next one twice: 2^40 records without a byte.
    let doubling = (0..40).rev().fold(r#"{"type":"record","name":"N40","fields":[]}"#.to_owned(), |inner, n| {
        format!(
            r#"{{"type":"record","name":"N{n}","fields":[{{"name":"a","type":{inner}}},{{"name":"b","type":"N{}"}}]}}"#,
            n + 1
        )
    });
    assert!(read(&doubling, &doubling, &[])
        .unwrap_err()
        .contains("have no bytes"));
}

#[test]
fn only_what_is_wanted_is_looked_at() {
    let writer = record(
        &[
            field("a", r#""string""#),
            field("b", r#""int""#),
            field("c", r#""int""#),
        ]
        .join(","),
    );
    let schema = Schema::parse(&writer).unwrap();
    let fields = Fields::compile(&schema, &schema, &["b"]).unwrap();
    let mut places = Places::default();
    // What should be c is not there.
    let bytes = [2, b'x', 6];
    fields.locate(&bytes, &mut places).unwrap();
    let mut out = Vec::new();
    fields.copy(0, &bytes, &mut places, &mut out).unwrap();
    assert_eq!(out, [6]);
    let error = fields.locate(&[9], &mut places).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"a length is -5 (field "b", byte 0 of 1)"#
    );
    assert_eq!(
        Fields::compile(&schema, &schema, &["d"]).unwrap_err(),
        CompileError::NoField("d".to_owned())
    );
}

/// The vector of the only field, and whether it lies in the record.
fn vector(writer: &str, reader: &str, bytes: &[u8], check: impl FnOnce(Vector<'_>, bool)) {
    let fields = compiled(&record(&field("a", writer)), &record(&field("a", reader)));
    let mut places = Places::default();
    fields.locate(bytes, &mut places).unwrap();
    let vector = fields.vector(0, bytes, &mut places).unwrap();
    let in_place = match vector {
        Vector::Floats(floats) => bytes.as_ptr_range().contains(&floats.as_ptr()),
        _ => false,
    };
    check(vector, in_place);
}

#[test]
fn vectors_lie_in_the_record_or_are_made() {
    let floats = r#"{"type":"array","items":"float"}"#;
    let or_null = r#"["null",{"type":"array","items":"float"}]"#;
    let two: Vec<u8> = [1f32, 2.0]
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect();
    let plain = [&[4][..], &two, &[0]].concat();
    let in_union = [&[2][..], &plain].concat();
    for (writer, reader, bytes) in [
        (floats, floats, &plain),
        (floats, or_null, &plain),
        (or_null, floats, &in_union),
        (or_null, or_null, &in_union),
    ] {
        vector(writer, reader, bytes, |vector, in_place| {
            assert_eq!(vector, Vector::Floats(&two));
            assert!(in_place, "{writer} {reader}");
        });
    }
    vector(or_null, or_null, &[0], |vector, _| {
        assert_eq!(vector, Vector::Null)
    });
    vector(floats, floats, &[0], |vector, _| {
        assert_eq!(vector, Vector::Floats(&[]))
    });
    let ints = r#"{"type":"array","items":"int"}"#;
    vector(ints, floats, &[4, 2, 4, 0], |vector, in_place| {
        assert_eq!(vector, Vector::Floats(&two));
        assert!(!in_place);
    });
    let blocks = [&[2][..], &two[..4], &[1, 8], &two[4..], &[0]].concat();
    vector(floats, floats, &blocks, |vector, _| {
        assert_eq!(vector, Vector::Floats(&two))
    });
    let nullable = r#"{"type":"array","items":["null","float"]}"#;
    let all = [&[4, 2][..], &two[..4], &[2], &two[4..], &[0]].concat();
    vector(nullable, nullable, &all, |vector, _| {
        assert_eq!(vector, Vector::Floats(&two))
    });
    let one_null = [&[4, 2][..], &two[..4], &[0, 0]].concat();
    let list = |first| Vector::List(List { length: 2, first });
    vector(nullable, nullable, &one_null, |vector, _| {
        assert_eq!(vector, list(Element::Null))
    });
    let texts = r#"{"type":"array","items":"string"}"#;
    vector(texts, texts, &[4, 0, 0, 0], |vector, _| {
        assert_eq!(vector, list(Element::Type("string")))
    });
    // Other numbers become floats.
    vector(ints, ints, &[4, 2, 4, 0], |vector, _| {
        assert_eq!(vector, Vector::Floats(&two))
    });
    vector(r#""string""#, r#""string""#, &[2, 65], |vector, _| {
        assert_eq!(vector, Vector::Other("string"));
    });
}

#[test]
fn items_are_counted() {
    let fields = compiled(
        &record(&field("a", r#"["null",{"type":"map","values":"int"}]"#)),
        &record(&field("a", r#"["null",{"type":"map","values":"int"}]"#)),
    );
    let mut places = Places::default();
    let mut count = |bytes: &[u8]| {
        fields.locate(bytes, &mut places).unwrap();
        fields.count(0, bytes, &mut places).unwrap()
    };
    assert_eq!(count(&[2, 2, 2, b'a', 0, 2, 2, b'b', 0, 0]), Ok(2));
    assert_eq!(count(&[0]), Err("null"));
}

/// A record of so many fields, each of the same type.
fn wide(fields: usize, of: &str) -> String {
    let field = |at: usize| format!(r#"{{"name":"f{at}","type":{of}}}"#);
    let fields: Vec<String> = (0..fields).map(field).collect();
    format!(
        r#"{{"type":"record","name":"Wide","fields":[{}]}}"#,
        fields.join(",")
    )
}

#[test]
fn a_default_without_end_is_refused() {
    let writer = Schema::parse(r#"{"type":"record","name":"R","fields":[]}"#).unwrap();
    let reader = r#"{"type":"record","name":"R","fields":[
        {"name":"next","type":["R","null"],"default":{}}]}"#;
    let Ok(reader) = Schema::parse(reader) else {
        return;
    };
    let refused = Fields::compile(&writer, &reader, &["next"]).unwrap_err();
    assert_eq!(refused, CompileError::TooLarge);
}

#[test]
fn many_fields_of_one_large_type_take_its_memory_once() {
    let symbols: Vec<String> = (0..5000).map(|at| format!("\"S{at}\"")).collect();
    let symbols = format!(
        r#"{{"type":"enum","name":"E","symbols":[{}]}}"#,
        symbols.join(",")
    );
    let text = wide(5000, "\"E\"").replacen("\"E\"", &symbols, 1);
    let schema = Schema::parse(&text).unwrap();
    let other = Schema::parse(&text.replace("S4999", "T4999")).unwrap();
    let names: Vec<String> = (0..5000).map(|at| format!("f{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fields = Fields::compile(&schema, &other, &names).unwrap();
    let reader = 256 * (5000 + 2);
    assert!(fields.memory() < reader + (2 << 20), "{}", fields.memory());
}

#[test]
fn a_program_that_nobody_waits_for_is_given_up() {
    let schema = Schema::parse(&wide(3000, "\"int\"")).unwrap();
    let names: Vec<String> = (0..3000).map(|at| format!("f{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let asked = std::cell::Cell::new(0);
    let is_over = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    let pace = Pace::until(&is_over);
    let given_up = Fields::compile_while(&schema, &schema, &names, &pace);
    assert!(matches!(given_up, Err(CompileError::Interrupted(_))));
    assert_eq!(asked.get(), 3);
}

#[test]
fn long_names_are_cut_in_texts() {
    let name = "n".repeat(5000);
    let schema = Schema::parse(&wide(1, "\"int\"").replace("f0", &name)).unwrap();
    let missing = Fields::compile(&schema, &schema, &[&"m".repeat(5000)]).unwrap_err();
    let text = missing.to_string();
    assert!(
        text.len() < 300 && text.contains("mmm... (of 5000 bytes)"),
        "{text}"
    );
}
