//! A description with every member, and those that are refused.

use super::*;

const WHOLE: &str = r#"{
    "name": "a_store",
    "keySchemas": {"1": "\"string\""},
    "valueSchemas": {"1": "{\"type\":\"int\"}", "3": {"type": "array", "items": "float"}, "2": ["null", "int"]},
    "supersetSchemaId": 3,
    "latestValueSchemaId": 2,
    "readComputeEnabled": true,
    "storageNodeReadQuotaEnabled": true,
    "batchGetLimit": 20,
    "externalStorageReadMode": 1,
    "moved": true,
    "currentVersion": 7,
    "versions": [
        {"number": 7, "partitionCount": 3, "compression": "ZSTD_WITH_DICT", "dictionary": "AAEC/w==", "storageMode": 2,
         "partitioner": {"class": "a.B", "params": {"x": "y"}, "amplificationFactor": 2}},
        {"number": 6, "partitionCount": 1, "compression": 1}
    ],
    "routing": {
        "replicas": {"0": ["https://a:1", "https://b:1"], "1": [], "2": ["https://b:1"]},
        "helixGroups": {"https://a:1": 0, "https://b:1": -1}
    },
    "properties": {"schemaVersion": 47, "avro": "AQ=="}
}"#;

fn read(json: &str) -> Store {
    Store::from_json(json.as_bytes()).unwrap()
}

fn refused(json: &str) -> String {
    Store::from_json(json.as_bytes()).unwrap_err().to_string()
}

/// The refusal of a store `s` with these members more.
fn refused_with(members: &str) -> String {
    let current = match members.contains("currentVersion") {
        true => "",
        false => r#""currentVersion": 0, "#,
    };
    let text = refused(&format!(r#"{{"name": "s", {current}{members}}}"#));
    let problem = text
        .strip_prefix("description of store \"s\": ")
        .unwrap_or(&text);
    problem.to_owned()
}

#[test]
fn every_member_arrives() {
    let store = read(WHOLE);
    assert_eq!(store.name, "a_store");
    assert_eq!(store.key_schemas[&1].as_ref(), "\"string\"");
    assert_eq!(store.value_schema(1).unwrap().as_ref(), r#"{"type":"int"}"#);
    assert_eq!(store.value_schema(2).unwrap().as_ref(), r#"["null","int"]"#);
    let parsed: Value = serde_json::from_str(store.value_schema(3).unwrap()).unwrap();
    assert_eq!(parsed["items"], "float");
    assert_eq!(store.superset_schema_id, Some(3));
    assert_eq!(store.latest_value_schema().unwrap().0, 2);
    assert!(store.read_compute_enabled && store.storage_node_read_quota_enabled && store.moved);
    assert_eq!(
        (store.batch_get_limit, store.external_storage_read_mode),
        (20, 1)
    );
    let numbers: Vec<i32> = store
        .versions
        .iter()
        .map(|version| version.number)
        .collect();
    assert_eq!(numbers, [6, 7]);
    let current = store.current().unwrap();
    assert_eq!(
        (
            current.number,
            current.partition_count,
            current.storage_mode
        ),
        (7, 3, 2)
    );
    assert_eq!(current.compression, Compression::ZstdWithDict);
    assert!(current.needs_dictionary());
    assert_eq!(
        current.dictionary.as_deref(),
        Some([0, 1, 2, 255].as_slice())
    );
    assert_eq!(
        current.partitioner,
        Partitioner {
            class: "a.B".to_owned(),
            params: BTreeMap::from([("x".to_owned(), "y".to_owned())]),
            amplification_factor: 2,
        }
    );
    let old = store.version(6).unwrap();
    assert_eq!(
        (old.compression, &old.partitioner),
        (Compression::Gzip, &Partitioner::default())
    );
    assert_eq!(store.version(5), None);
    let Routing {
        replicas,
        helix_groups,
    } = &store.routing;
    assert_eq!(
        replicas[&0],
        [Arc::from("https://a:1"), Arc::from("https://b:1")]
    );
    assert!(replicas[&1].is_empty());
    assert!(
        Arc::ptr_eq(&replicas[&0][1], &replicas[&2][0]),
        "one text for an instance"
    );
    assert_eq!(helix_groups["https://b:1"], -1);
    let properties = store.properties.as_ref().unwrap();
    assert_eq!(
        (properties.schema_version, properties.avro.as_ref()),
        (47, [1].as_slice())
    );
    assert!(store.bytes() > 200);
}

#[test]
fn what_is_missing_has_a_default() {
    let least = r#"{"name": "s", "currentVersion": 0}"#;
    assert_eq!(read(least), Store::new("s"));
    let nulls = r#"{"name": "s", "currentVersion": 0, "versions": null, "routing": null, "batchGetLimit": -1,
        "supersetSchemaId": -1, "properties": null, "moved": null}"#;
    assert_eq!(read(nulls), Store::new("s"));
    let store = read(
        r#"{"name": "s", "currentVersion": 1, "valueSchemas": {"2": "\"int\"", "10": "\"int\""},
            "versions": [{"number": 1, "partitionCount": 1}]}"#,
    );
    assert_eq!(store.latest_value_schema_id, 10);
    assert_eq!(store.versions[0].compression, Compression::NoOp);
}

#[test]
fn unknown_members_are_refused_with_the_nearest() {
    assert_eq!(
        refused_with(r#""readComputeEnable": 1"#),
        "\"readComputeEnable\" is no member; the nearest is \"readComputeEnabled\""
    );
    assert_eq!(
        refused_with(r#""versions": [{"number": 1, "partitionCount": 1, "partitons": 3}]"#),
        "\"partitons\" is no member of versions[0]; the nearest is \"partitioner\""
    );
    assert_eq!(
        refused_with(r#""routing": {"x": {}}"#),
        "\"x\" is no member of routing; there are replicas, helixGroups"
    );
}

#[test]
fn values_out_of_bounds_are_refused_with_their_place() {
    for (members, problem) in [
        (r#""batchGetLimit": "a""#, "batchGetLimit is \"a\", and must be a whole number from -1 to 2147483647"),
        (r#""batchGetLimit": 1.5"#, "batchGetLimit is 1.5, and must be a whole number from -1 to 2147483647"),
        (r#""moved": 1"#, "moved is 1, and must be true or false"),
        (r#""versions": {}"#, "versions is an object of 0, and must be an array"),
        (r#""versions": [1]"#, "versions[0] is 1, and must be an object"),
        (r#""versions": [{"number": 1}]"#, "versions[0].partitionCount is missing; give the number that the version was made with"),
        (
            r#""versions": [{"number": 1, "partitionCount": 0}]"#,
            "versions[0].partitionCount is 0, and must be a whole number from 1 to 1000000",
        ),
        (
            r#""versions": [{"number": 1, "partitionCount": 1}, {"number": 1, "partitionCount": 1}]"#,
            "versions has number 1 twice; describe each version once",
        ),
        (
            r#""versions": [{"number": 1, "partitionCount": 1, "compression": "LZ4"}]"#,
            "versions[0].compression is \"LZ4\", and must be NO_OP, GZIP, ZSTD or ZSTD_WITH_DICT",
        ),
        (
            r#""versions": [{"number": 1, "partitionCount": 1, "dictionary": "AAE"}]"#,
            "versions[0].dictionary is \"AAE\", and must be base64 with padding (RFC 4648, section 4) of at most 16777216 \
             bytes: Invalid padding; encode the bytes anew",
        ),
        (
            r#""currentVersion": 2, "versions": [{"number": 2, "partitionCount": 4}], "routing": {"replicas": {"3": [], "4": []}}"#,
            "routing.replicas[\"4\"] is of no partition: currentVersion is 2, which has partitions from 0 to 3; leave it out, \
             or correct the partitionCount",
        ),
        (r#""moved": true, "moved": false"#, "it has the member \"moved\" twice, with the values true and false; keep one of them"),
        (
            r#""valueSchemas": {"1": "\"int\"", "1": "\"long\""}"#,
            "valueSchemas has the member \"1\" twice, with the values \"\\\"int\\\"\" and \"\\\"long\\\"\"; keep one of them",
        ),
        (
            r#""valueSchemas": {"1": "{\"type\": \"recor\"}"}"#,
            "valueSchemas[\"1\"] is no schema of Avro: its type names the type \"recor\", which is none of Avro's and is not \
             defined before; give the text that Avro's own parser takes instead of \"{\\\"type\\\": \\\"recor\\\"}\"",
        ),
        (
            r#""keySchemas": {"1": "{\"type\""}"#,
            "keySchemas[\"1\"] is no schema of Avro: it is no JSON: EOF while parsing an object at line 1 column 7; give the \
             text that Avro's own parser takes instead of \"{\\\"type\\\"\"",
        ),
        (
            r#""keySchemas": {"1": {"type": "array"}}"#,
            "keySchemas[\"1\"] is no schema of Avro: it has no member \"items\"; give the text that Avro's own parser takes \
             instead of \"{\\\"type\\\":\\\"array\\\"}\"",
        ),
        (
            r#""versions": [{"number": 1, "partitionCount": 1, "partitioner": {"params": {"a": 1}}}]"#,
            "versions[0].partitioner.params[\"a\"] is 1, and must be a text",
        ),
        (r#""keySchemas": {"01": "\"int\""}"#, "keySchemas[\"01\"] must stand at a whole number from 1 to 2147483647"),
        (
            r#""keySchemas": {"1": "string"}"#,
            "keySchemas[\"1\"] is \"string\", and must be the text of a schema in Avro's JSON, or the JSON itself; a schema \
             that is the name of a type has quotes in its text: \"\\\"string\\\"\"",
        ),
        (
            r#""latestValueSchemaId": 3"#,
            "latestValueSchemaId is 3, and valueSchemas has none of that id: ; give the id of one of them",
        ),
        (
            r#""valueSchemas": {"1": "\"int\""}, "supersetSchemaId": 3"#,
            "supersetSchemaId is 3, and valueSchemas has none of that id: 1; give the id of one of them, or -1",
        ),
        (r#""routing": {"replicas": {"-1": []}}"#, "routing.replicas[\"-1\"] must stand at a whole number from 0 to 999999"),
        (r#""routing": {"replicas": {"0": [1]}}"#, "routing.replicas[\"0\"][0] is 1, and must be a text"),
        (r#""routing": {"helixGroups": {"u": null}}"#, "routing.helixGroups[\"u\"] is null, and must be a whole number from -2147483648 to 2147483647"),
        (r#""properties": {"avro": ""}"#, "properties.schemaVersion is missing; give both schemaVersion and avro, or leave properties out"),
    ] {
        assert_eq!(refused_with(members), problem);
    }
}

#[test]
fn what_is_no_description_is_refused() {
    assert_eq!(
        refused("{"),
        "a store's description is no JSON: EOF while parsing an object at line 1 column 1; see docs/metadata.md for its form"
    );
    assert!(refused(&"[".repeat(1000)).contains("recursion limit exceeded"));
    assert_eq!(
        refused("[]"),
        "description of store \"\": it is an array of 0, and must be an object"
    );
    assert_eq!(
        refused("{}"),
        "description of store \"\": name is missing; say whose description it is"
    );
    assert_eq!(
        refused(r#"{"name": "s"}"#),
        "description of store \"s\": currentVersion is missing; give 0 if clients have nothing to read"
    );
    assert_eq!(
        refused(r#"{"name": "s", "currentVersion": 3, "versions": [{"number": 2, "partitionCount": 1}]}"#),
        "description of store \"s\": currentVersion is 3, and is none of versions: 2; describe it there, or give 0"
    );
    for name in ["", "a b", "a/b", "a%20", "\u{e4}", "a?", "a\\\\"] {
        let text = refused(&format!(r#"{{"name": "{name}", "currentVersion": 0}}"#));
        assert!(
            text.contains("and must be 1 to 232 printable characters of ASCII"),
            "{text}"
        );
    }
    let long = "n".repeat(NAME_BYTES + 1);
    let text = refused(&format!(r#"{{"name": "{long}", "currentVersion": 0}}"#));
    assert!(
        text.ends_with("nnn\" (the first 200 of 233 bytes) with 233 bytes, and may have 232; give a shorter one"),
        "{text}"
    );
}

#[test]
fn large_descriptions_are_refused_before_they_are_parsed() {
    let long = vec![b' '; DESCRIPTION_BYTES + 1];
    let text = Store::from_json(&long).unwrap_err().to_string();
    assert!(
        text.starts_with("a store's description has 67108865 bytes, and may have 67108864;"),
        "{text}"
    );
    let many = format!("[{}1]", "1,".repeat(DESCRIPTION_VALUES));
    let text = refused(&many);
    assert!(
        text.starts_with("a store's description has more than 2000000 values"),
        "{text}"
    );
}

#[test]
fn counts_have_bounds() {
    let versions = (1..=VERSIONS + 1).map(|n| format!(r#"{{"number": {n}, "partitionCount": 1}}"#));
    let versions = versions.collect::<Vec<_>>().join(",");
    assert_eq!(
        refused_with(&format!(r#""versions": [{versions}]"#)),
        "versions has 1001 entries, and may have 1000; leave out what clients do not need"
    );
    let url = format!(
        r#""routing": {{"replicas": {{"0": ["{}"]}}}}"#,
        "u".repeat(URL_BYTES + 1)
    );
    let text = refused_with(&url);
    assert!(
        text.starts_with("routing.replicas[\"0\"][0] is \"uuu")
            && text.ends_with(" with 513 bytes, and may have 512; give a shorter one"),
        "{text}"
    );
    let schema = format!(r#""keySchemas": {{"1": "[{}]"}}"#, " ".repeat(SCHEMA_BYTES));
    let text = refused_with(&schema);
    assert!(
        text.ends_with(" with 4194306 bytes, and may have 4194304; give a shorter one")
            && text.len() < 500,
        "{text}"
    );
}

#[test]
fn values_are_counted_outside_of_texts() {
    assert_eq!(values(br#"{"a": "[,{\"[,{", "b": [1, 2]}"#), 5);
    assert!(values(b"[1,2,3]") >= 4);
}
