//! What the server that `venice serve` starts knows of its stores: as much as `venice load` wrote down of their versions.
//! It is one server of its own cluster, so that it serves all partitions itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use venice_catalog::{Catalog, Compression, Partitioner, Routing, Store, Version};
use venice_storage::{Folder, StoredVersion, Strategy};

use crate::description::{schema_json, Description};
use crate::failure::{Exit, Failure, Outcome};

/// Describes the stores of `folder` in `catalog`, but those that are described there already, and the versions of which
/// nobody wrote anything down.
pub(crate) fn describe(
    catalog: &Catalog,
    folder: &Folder,
    versions: &[StoredVersion],
    address: SocketAddr,
    encrypted: bool,
) -> Outcome {
    let mut stores: BTreeMap<String, Vec<Description>> = BTreeMap::new();
    for version in versions {
        if let Some(description) = Description::find(folder, &version.name())? {
            let store = stores.entry(description.store.clone()).or_default();
            store.push(description);
        }
    }
    let scheme = if encrypted { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    for (name, mut versions) in stores {
        if catalog.store(&name).is_some() {
            continue;
        }
        versions.sort_by_key(|version| version.version);
        if let Some(store) = store(&name, &versions, &url) {
            let put = catalog.put(store);
            put.map_err(|error| Failure::new(Exit::Config, error))?;
        }
    }
    Ok(())
}

/// A store of its versions, the last of which is the current one; its schemas are those of all, later ones over earlier.
fn store(name: &str, versions: &[Description], url: &str) -> Option<Store> {
    let current = versions.last()?;
    let url: Arc<str> = url.into();
    let mut store = Store::new(name);
    let key_schema = schema_json(&current.key_schema);
    store.key_schemas.insert(1, key_schema.into());
    for (id, schema) in versions.iter().flat_map(|version| &version.value_schemas) {
        store.value_schemas.insert(*id, schema_json(schema).into());
    }
    store.latest_value_schema_id = *store.value_schemas.keys().next_back()?;
    store.read_compute_enabled = true;
    store.storage_node_read_quota_enabled = true;
    store.current_version = current.version;
    store.versions = versions.iter().map(version).collect();
    store.routing = Routing {
        replicas: (0..current.partitions)
            .map(|partition| (partition, vec![url.clone()]))
            .collect(),
        helix_groups: Arc::new(BTreeMap::from([(url, 0)])),
    };
    Some(store)
}

fn version(description: &Description) -> Version {
    Version {
        number: description.version,
        partition_count: description.partitions,
        partitioner: Partitioner::default(),
        compression: match description.compression {
            Strategy::NoOp => Compression::NoOp,
            Strategy::Gzip => Compression::Gzip,
            Strategy::ZstdWithDict => Compression::ZstdWithDict,
        },
        dictionary: description.dictionary.as_deref().map(Arc::from),
        storage_mode: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::avro::parse_schema;

    fn described(version: i32, partitions: i32, schemas: &[(i32, &str)]) -> Description {
        let schemas = schemas.iter();
        Description {
            store: "emoji".to_owned(),
            version,
            partitions,
            key_schema: parse_schema("string").unwrap(),
            value_schemas: schemas
                .map(|(id, schema)| (*id, parse_schema(schema).unwrap()))
                .collect(),
            compression: Strategy::ZstdWithDict,
            dictionary: Some(vec![1, 2]),
        }
    }

    #[test]
    fn what_load_wrote_down_is_what_the_server_knows() {
        let versions = [
            described(9, 1, &[(1, "int"), (2, "long")]),
            described(10, 2, &[(2, "string")]),
        ];
        let store = store("emoji", &versions, "http://127.0.0.1:7777").unwrap();
        assert_eq!(store.current_version, 10);
        assert_eq!(store.key_schemas[&1].as_ref(), "\"string\"");
        assert_eq!(store.value_schemas[&1].as_ref(), "\"int\"");
        assert_eq!(
            store.latest_value_schema().unwrap().1.as_ref(),
            "\"string\""
        );
        let current = store.current().unwrap();
        assert_eq!(current.partition_count, 2);
        assert_eq!(current.dictionary.as_deref(), Some([1, 2].as_slice()));
        assert!(current.needs_dictionary());
        assert_eq!(store.version(9).unwrap().partition_count, 1);
        assert_eq!(
            store.routing.replicas[&1][0].as_ref(),
            "http://127.0.0.1:7777"
        );
        assert_eq!(store.routing.replicas.len(), 2);
    }
}
