//! Answers byte by byte and text by text.

use std::collections::BTreeMap;

use venice_catalog::{Compression, Routing, Store, StoreProperties, Version};

use super::*;

fn catalog(stores: impl IntoIterator<Item = Store>) -> Catalog {
    let catalog = Catalog::default();
    for store in stores {
        catalog.put(store).unwrap();
    }
    catalog
}

/// A store with one of everything.
fn store() -> Store {
    let json = r#"{
        "name": "s", "currentVersion": 2,
        "versions": [{"number": 1, "partitionCount": 1},
            {"number": 2, "partitionCount": 3, "compression": "ZSTD_WITH_DICT", "dictionary": "AQID", "storageMode": 1,
             "partitioner": {"class": "P", "params": {"k": "v"}}}],
        "keySchemas": {"1": "\"int\""}, "valueSchemas": {"1": "\"long\"", "2": "\"string\""},
        "supersetSchemaId": 2, "storageNodeReadQuotaEnabled": true, "batchGetLimit": 7, "externalStorageReadMode": 3,
        "routing": {"replicas": {"0": ["https://h:1"], "1": []}, "helixGroups": {"https://h:1": 5}},
        "properties": {"schemaVersion": 47, "avro": "/w=="}
    }"#;
    Store::from_json(json.as_bytes()).unwrap()
}

fn ask(catalog: &Catalog, question: Question<'_>) -> (u16, &'static str, i32, Vec<u8>) {
    asked(catalog, question, true, None)
}

fn asked(
    catalog: &Catalog,
    question: Question<'_>,
    serves: bool,
    cluster: Option<&str>,
) -> (u16, &'static str, i32, Vec<u8>) {
    let registry = Registry::new();
    let known = Known {
        catalog,
        registry: &registry,
        serves,
        cluster,
        now: 64,
    };
    let answer = answer(question, known, Tier::Memory).unwrap();
    let mut body = Vec::new();
    answer.content.write(&mut body);
    assert_eq!(body.len(), answer.content.len());
    (answer.status, answer.content_type, answer.schema_id, body)
}

fn text((status, kind, schema, body): (u16, &'static str, i32, Vec<u8>)) -> (u16, String) {
    assert_eq!((kind, schema), ("text/plain", -1));
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn metadata_is_the_record_of_version_4() {
    let catalog = catalog([store()]);
    let (status, kind, schema, body) = ask(&catalog, Question::Metadata { store: "s" });
    assert_eq!((status, kind, schema), (200, "avro/binary", 4));
    let expected = [
        // versionMetadata: the second branch; number 2, strategy 3, 3 partitions
        &[2, 4, 6, 6][..],
        // class, parameters, factor 1, storage mode 1
        b"\x02P\x02\x02k\x02v\0\x02\x02",
        // versions
        &[4, 2, 4, 0],
        // keySchema
        b"\x02\x02\x021\x0a\"int\"\0",
        // valueSchemas
        b"\x02\x04\x021\x0c\"long\"\x022\x10\"string\"\0",
        // latestSuperSetValueSchemaId
        &[2, 4],
        // routingInfo
        b"\x02\x04\x020\x02\x16https://h:1\0\x021\0\0",
        // helixGroupInfo
        b"\x02\x02\x16https://h:1\x0a\0",
        // batchGetLimit, externalStorageReadMode
        &[14, 6],
    ]
    .concat();
    assert_eq!(body, expected);
}

#[test]
fn a_store_without_superset_schema_says_minus_one() {
    let mut one = store();
    one.superset_schema_id = None;
    let (.., body) = ask(&catalog([one]), Question::Metadata { store: "s" });
    let (.., with) = ask(&catalog([store()]), Question::Metadata { store: "s" });
    let at = body.iter().zip(&with).position(|(one, other)| one != other);
    let at = at.unwrap();
    assert_eq!((body[at - 1], body[at]), (2, 1));
}

#[test]
fn metadata_is_refused_with_venices_texts() {
    let question = Question::Metadata { store: "s" };
    let answer = |store: Store| text(ask(&catalog([store]), question));
    let unknown = catalog([]);
    assert_eq!(
        text(ask(&unknown, question)),
        (
            500,
            "Failed to populate metadata for store: s due to: Store: s does not exist.".to_owned()
        )
    );
    assert_eq!(
        text(asked(&unknown, question, true, Some("c"))),
        (
            500,
            "Failed to populate metadata for store: s due to: Store: s does not exist in cluster c"
                .to_owned()
        )
    );
    let mut one = store();
    one.storage_node_read_quota_enabled = false;
    // Asked before whether there is something to read.
    one.current_version = 0;
    assert_eq!(
        answer(one),
        (
            403,
            "Fast client is not enabled for store: s, please ensure storage node read quota is enabled for the given \
             store"
                .to_owned()
        )
    );
    let mut one = store();
    one.moved = true;
    assert_eq!(
        answer(one),
        (
            500,
            "Failed to populate metadata for store: s due to: Store: s is migrating. Failing the request to allow \
             clients refresh cluster discovery."
                .to_owned()
        )
    );
    let mut one = store();
    one.current_version = 0;
    assert_eq!(
        answer(one),
        (
            500,
            "Failed to populate metadata for store: s due to: No valid store version available to read for store: s. \
             Please push data to the store before consuming"
                .to_owned()
        )
    );
    let mut one = store();
    one.routing = Routing::default();
    assert_eq!(
        answer(one),
        (
            500,
            "Failed to populate metadata for store: s due to: Resource 's_v2' does not exist"
                .to_owned()
        )
    );
}

#[test]
fn dictionaries_are_those_of_the_version() {
    let catalog = catalog([store()]);
    let ask = |store, version| ask(&catalog, Question::Dictionary { store, version });
    let found = (200, "application/octet-stream", -1, vec![1, 2, 3]);
    assert_eq!(ask("s", 2), found);
    let none = (404, "application/octet-stream", -1, Vec::new());
    for (store, version) in [("s", 1), ("s", 3), ("s", -1), ("t", 2)] {
        assert_eq!(ask(store, version), none, "{store} {version}");
    }
}

#[test]
fn store_properties_have_the_schemas_that_the_client_lacks() {
    let catalog = catalog([store()]);
    let ask = |largest_known| {
        ask(
            &catalog,
            Question::StoreProperties {
                store: "s",
                largest_known,
            },
        )
    };
    let value = |schemas: &[u8]| {
        [
            // timestamp 64, storeProperties, storeKeySchemas
            &b"\x80\x01\x02\xff\x02\x02\x021\x0a\"int\"\0\x02"[..],
            schemas,
            // storeValueSchema, storeReplicaStatuses, ids written, storeClusterConfig
            &[0, 0, 2, 2, 4, 0, 0],
        ]
        .concat()
    };
    let groups_and_replicas =
        b"\x02\x02\x16https://h:1\x0a\0\x02\x04\x020\x02\x16https://h:1\0\x021\0\0";
    let payload = |schemas: &[u8]| {
        let value = value(schemas);
        let length = (value.len() * 2) as u8;
        [&[94, length][..], &value, groups_and_replicas].concat()
    };
    let all = b"\x04\x021\x0c\"long\"\x022\x10\"string\"\0";
    assert_eq!(ask(None), (200, "avro/binary", 1, payload(all)));
    assert_eq!(ask(Some(0)).3, payload(all));
    assert_eq!(ask(Some(1)).3, payload(b"\x02\x022\x10\"string\"\0"));
    assert_eq!(ask(Some(2)).3, payload(b"\0"));
    assert_eq!(ask(Some(i32::MAX)).3, payload(b"\0"));
}

#[test]
fn store_properties_need_no_read_quota_but_a_description_that_has_them() {
    let question = Question::StoreProperties {
        store: "s",
        largest_known: None,
    };
    let mut one = store();
    one.storage_node_read_quota_enabled = false;
    assert_eq!(ask(&catalog([one]), question).0, 200);
    assert_eq!(
        text(ask(&catalog([]), question)),
        (
            500,
            "Failed to populate metadata by client for store: s due to: Store: s does not exist."
                .to_owned()
        )
    );
    let mut one = store();
    one.properties = None;
    assert_eq!(
        text(ask(&catalog([one]), question)).1,
        "Failed to populate metadata by client for store: s due to: the description of store s has no member \
         properties; describe it with them"
    );
}

#[test]
fn the_current_version_is_json() {
    let question = Question::CurrentVersion { store: "s" };
    let json = br#"{"currentVersion":2,"message":null,"error":false}"#;
    assert_eq!(
        ask(&catalog([store()]), question),
        (200, "avro/binary", -1, json.to_vec())
    );
    assert_eq!(
        text(ask(&catalog([]), question)),
        (
            500,
            "Failed to get current version for store: s due to: Store: s does not exist."
                .to_owned()
        )
    );
    let mut one = store();
    one.current_version = 0;
    assert_eq!(
        text(ask(&catalog([one]), question)),
        (
            500,
            "Failed to get current version for store: s due to: No valid store version available to read for store: s. \
             Please push data to the store before consuming"
                .to_owned()
        )
    );
}

#[test]
fn health_is_what_the_health_service_says() {
    let catalog = catalog([]);
    let (status, kind, schema, body) = asked(&catalog, Question::Health, true, None);
    assert_eq!(
        (status, kind, schema, &*body),
        (200, "text/plain", -1, &b"OK"[..])
    );
    assert_eq!(
        text(asked(&catalog, Question::Health, false, None)),
        (
            500,
            "Venice storage node hardware is not healthy!".to_owned()
        )
    );
}

#[test]
fn counted_lengths_are_those_that_are_written() {
    for partitions in [0, 1, 200] {
        let mut one = store();
        let url: Arc<str> = "https://host:1234".into();
        let replicas = (0..=partitions).map(|partition| (partition, vec![url.clone(); 3]));
        one.routing.replicas = replicas.collect();
        one.routing.helix_groups = Arc::new(BTreeMap::from([(url, -1)]));
        one.properties = Some(StoreProperties {
            schema_version: 1,
            avro: vec![7; 300].into(),
        });
        one.versions.push(Version {
            compression: Compression::Gzip,
            number: 1000,
            ..one.versions[0].clone()
        });
        let catalog = catalog([one]);
        // `asked` compares them.
        ask(&catalog, Question::Metadata { store: "s" });
        let largest_known = Some(1);
        ask(
            &catalog,
            Question::StoreProperties {
                store: "s",
                largest_known,
            },
        );
    }
}
