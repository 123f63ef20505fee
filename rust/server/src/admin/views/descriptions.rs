//! `/descriptions`: what is known of stores beyond their databases.

use serde_json::{json, Value};
use venice_catalog::Store;

use crate::admin::Administered;

/// The first `limit` stores in the order of their names; schemas and dictionaries are counted, not shown.
pub(crate) fn descriptions(server: &Administered, limit: usize) -> Value {
    let catalog = &server.context.catalog;
    let stores = catalog.stores();
    let shown: Vec<Value> = stores.iter().take(limit).map(|store| told(store)).collect();
    json!({
        "stores": shown,
        "stores_known": stores.len(),
        "bytes": catalog.bytes(),
    })
}

fn told(store: &Store) -> Value {
    let versions: Vec<Value> = store
        .versions
        .iter()
        .map(|version| {
            json!({
                "version": version.number,
                "partitions": version.partition_count,
                "partitioner": version.partitioner.class,
                "compression": version.compression.name(),
                "dictionary_bytes": version.dictionary.as_ref().map(|dictionary| dictionary.len()),
            })
        })
        .collect();
    json!({
        "store": store.name,
        "current_version": store.current_version,
        "versions": versions,
        "key_schemas": store.key_schemas.len(),
        "value_schemas": store.value_schemas.len(),
        "superset_schema_id": store.superset_schema_id,
        "read_compute": store.read_compute_enabled,
        "fast_clients": store.storage_node_read_quota_enabled,
        "moved": store.moved,
        "partitions_routed": store.routing.replicas.len(),
        "properties": store.properties.is_some(),
        "bytes": store.bytes(),
    })
}
