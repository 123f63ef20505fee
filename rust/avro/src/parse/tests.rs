//! What is a schema, what is none, and what it is told.

use super::*;

fn refused(text: &str) -> String {
    Schema::parse(text).unwrap_err().to_string()
}

fn names(text: &str) -> Vec<String> {
    let schema = Schema::parse(text).unwrap();
    let named = schema.nodes.iter().filter_map(|node| node.kind.named());
    named.map(|named| named.name.clone()).collect()
}

#[test]
fn names_stand_in_the_namespace_around_them() {
    let text = r#"{"type":"record","name":"R","namespace":"a.b","aliases":["S","c.T"],"fields":[
        {"name":"x","type":{"type":"enum","name":"E","symbols":["A"]}},
        {"name":"y","type":{"type":"fixed","name":"o.F","size":1}},
        {"name":"z","type":{"type":"record","name":"Q","namespace":"c","fields":[
            {"name":"i","type":{"type":"fixed","name":"G","size":2}},
            {"name":"j","type":["null","a.b.E","Q"]}]}},
        {"name":"w","type":["E","R","o.F","c.G"]}]}"#;
    assert_eq!(names(text), ["a.b.R", "a.b.E", "o.F", "c.Q", "c.G"]);
    let schema = Schema::parse(text).unwrap();
    let record = schema.kind(schema.root).named().unwrap();
    assert_eq!(record.aliases, ["a.b.S", "c.T"]);
    // One without a namespace is found from within one.
    let outer = r#"{"type":"record","name":"R","fields":[{"name":"a","type":
        {"type":"record","name":"x.Q","fields":[{"name":"b","type":["null","R"]}]}}]}"#;
    assert_eq!(names(outer), ["R", "x.Q"]);
    let empty = r#"{"type":"fixed","name":"F","namespace":"","size":1}"#;
    assert_eq!(names(empty), ["F"]);
}

#[test]
fn logical_types_are_kept_where_they_suit() {
    let properties = |text: &str| {
        let schema = Schema::parse(text).unwrap();
        serde_json::to_string(&schema.node(schema.root).properties).unwrap()
    };
    for (text, kept) in [
        (
            r#"{"type":"int","logicalType":"date","x":1}"#,
            r#"{"logicalType":"date"}"#,
        ),
        (r#"{"type":"long","logicalType":"date"}"#, "{}"),
        (
            r#"{"type":"long","logicalType":"local-timestamp-nanos"}"#,
            r#"{"logicalType":"local-timestamp-nanos"}"#,
        ),
        (
            r#"{"type":"bytes","logicalType":"decimal","precision":4}"#,
            r#"{"logicalType":"decimal","precision":4,"scale":0}"#,
        ),
        (
            r#"{"type":"bytes","logicalType":"decimal","precision":1,"scale":2}"#,
            "{}",
        ),
        (
            r#"{"type":"fixed","name":"F","size":12,"logicalType":"duration","x":1}"#,
            r#"{"logicalType":"duration","x":1}"#,
        ),
        (
            r#"{"type":"fixed","name":"F","size":11,"logicalType":"duration"}"#,
            "{}",
        ),
        (
            r#"{"type":"map","values":"int","x":[1],"logicalType":"y"}"#,
            r#"{"x":[1]}"#,
        ),
    ] {
        assert_eq!(properties(text), kept, "{text}");
    }
}

#[test]
fn what_is_no_schema_is_refused_with_what_is_wrong() {
    let field =
        |rest: &str| format!(r#"{{"type":"record","name":"R","fields":[{{"name":"a",{rest}}}]}}"#);
    let long = "x".repeat(NAME_BYTES + 1);
    for (text, says) in [
        ("{".to_owned(), "it is no JSON: "),
        ("7".to_owned(), "a type is 7"),
        (r#"{"name":"R"}"#.to_owned(), "a type has no \"type\""),
        (r#"{"type":7}"#.to_owned(), "\"type\" is neither"),
        (r#""R""#.to_owned(), "names the type \"R\""),
        (r#"{"type":"array"}"#.to_owned(), "a type has no \"items\""),
        (
            r#"["int",["null"]]"#.to_owned(),
            "a union stands in a union",
        ),
        (r#"["int","int"]"#.to_owned(), "the type \"int\" twice"),
        (
            r#"{"type":"record","name":"R"}"#.to_owned(),
            "has no \"fields\"",
        ),
        (
            r#"{"type":"record","fields":[]}"#.to_owned(),
            "has no \"name\"",
        ),
        (
            r#"{"type":"record","name":"1","fields":[]}"#.to_owned(),
            "a name is \"1\"",
        ),
        (
            r#"{"type":"record","name":"a..b","fields":[]}"#.to_owned(),
            "a name is \"a..b\"",
        ),
        (
            format!(r#"{{"type":"fixed","name":"{long}","size":1}}"#),
            "the name of a type has 1025 bytes, and may have 1024",
        ),
        (
            r#"{"type":"record","name":"R","aliases":["-"],"fields":[]}"#.to_owned(),
            "a name is \"-\"",
        ),
        (
            r#"{"type":"record","name":"R","fields":[7]}"#.to_owned(),
            "a field is no object",
        ),
        (
            field(r#""type":"int","default":"x""#),
            "the default of the field \"a\" is \"x\"",
        ),
        (field(r#""x":1"#), "a type has no \"type\""),
        (
            field(r#""type":"int"},{"name":"a","type":"int""#),
            "the field \"a\" twice",
        ),
        (
            field(r#""type":{"type":"fixed","name":"R","size":1}"#),
            "the type \"R\" is defined twice",
        ),
        (
            r#"{"type":"enum","name":"E"}"#.to_owned(),
            "has no \"symbols\"",
        ),
        (
            r#"{"type":"enum","name":"E","symbols":["a","a"]}"#.to_owned(),
            "\"a\" twice",
        ),
        (
            r#"{"type":"enum","name":"E","symbols":["-"]}"#.to_owned(),
            "is no name",
        ),
        (
            r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#.to_owned(),
            "is none of its symbols",
        ),
        (
            r#"{"type":"fixed","name":"F","size":-1}"#.to_owned(),
            "has no \"size\"",
        ),
        (
            r#"{"type":"fixed","name":"F","size":2147483648}"#.to_owned(),
            "has no \"size\"",
        ),
    ] {
        let refused = refused(&text);
        assert!(refused.contains(says), "{text}: {refused}");
        assert!(refused.len() < 600, "{refused}");
    }
    let deep = "{\"type\":".repeat(200) + "\"int\"" + &"}".repeat(200);
    assert_eq!(Schema::parse(&deep).unwrap_err(), SchemaError::TooDeep);
}
