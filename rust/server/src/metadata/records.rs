//! The records that answers are: `MetadataResponseRecord` v4, `StorePropertiesPayloadRecord` v1 and the part of
//! `StoreMetaValue` that Venice's server fills in.
//!
//! Entries of maps come in the order of their numbers and names, where Java's server has that of its hash tables; to a
//! reader of Avro they are one.

use std::sync::Arc;

use venice_catalog::{Routing, Store};

use crate::metadata::avro::{Count, Sink};

/// The branch of a union `["null", T]`.
const THERE: i64 = 1;
const NULL: i64 = 0;
/// What Venice's `latestSuperSetValueSchemaId` is when there is none; null is no answer to a Fast Client.
const NO_SUPERSET: i32 = -1;

/// `MetadataResponseRecord`, version 4. The store has a current version, whose properties are told.
pub(super) fn metadata(store: &Store, out: &mut impl Sink) {
    match store.current() {
        None => out.number(NULL),
        Some(version) => {
            out.number(THERE);
            out.number(version.number.into());
            out.number(version.compression.id().into());
            out.number(version.partition_count.into());
            out.text(&version.partitioner.class);
            out.block(version.partitioner.params.iter(), |out, (name, value)| {
                out.text(name);
                out.text(value);
            });
            out.number(version.partitioner.amplification_factor.into());
            out.number(version.storage_mode.into());
        }
    }
    out.block(store.versions.iter(), |out, version| {
        out.number(version.number.into());
    });
    out.number(THERE);
    schemas(out, store.key_schemas.iter());
    out.number(THERE);
    schemas(out, store.value_schemas.iter());
    out.number(THERE);
    out.number(store.superset_schema_id.unwrap_or(NO_SUPERSET).into());
    replicas(&store.routing, out);
    groups(&store.routing, out);
    out.number(store.batch_get_limit.into());
    out.number(store.external_storage_read_mode.into());
}

/// `StorePropertiesPayloadRecord`, version 1, of a store that is described with its properties.
pub(super) fn properties(store: &Store, largest_known: Option<i32>, now: i64, out: &mut impl Sink) {
    let version = store.properties.as_ref();
    out.number(
        version
            .map_or(1, |properties| properties.schema_version)
            .into(),
    );
    let mut count = Count::default();
    meta_value(store, largest_known, now, &mut count);
    // The length stands in front of it.
    out.number(count.0 as i64);
    meta_value(store, largest_known, now, out);
    groups(&store.routing, out);
    replicas(&store.routing, out);
}

/// `StoreMetaValue`, as far as Venice's server fills it in.
fn meta_value(store: &Store, largest_known: Option<i32>, now: i64, out: &mut impl Sink) {
    // timestamp
    out.number(now);
    // storeProperties
    match &store.properties {
        None => out.number(NULL),
        Some(properties) => {
            out.number(THERE);
            out.put(&properties.avro);
        }
    }
    // storeKeySchemas
    out.number(THERE);
    schemas(out, store.key_schemas.iter());
    // storeValueSchemas
    out.number(THERE);
    let is_unknown = |id: i32| largest_known.is_none_or(|known| id > known);
    let unknown: Vec<(&i32, &Arc<str>)> = store
        .value_schemas
        .iter()
        .filter(|(id, _)| is_unknown(**id))
        .collect();
    schemas(out, unknown.into_iter());
    // storeValueSchema, storeReplicaStatuses
    out.number(NULL);
    out.number(NULL);
    // storeValueSchemaIdsWrittenPerStoreVersion, of which the server has one
    out.number(THERE);
    let superset = store.superset_schema_id.unwrap_or(NO_SUPERSET);
    out.block([superset].iter(), |out, id| out.number((*id).into()));
    // storeClusterConfig
    out.number(NULL);
}

fn schemas<'a>(
    out: &mut impl Sink,
    schemas: impl ExactSizeIterator<Item = (&'a i32, &'a Arc<str>)>,
) {
    out.block(schemas, |out, (id, text)| {
        out.text(&id.to_string());
        out.text(text);
    });
}

fn replicas(routing: &Routing, out: &mut impl Sink) {
    out.number(THERE);
    out.block(routing.replicas.iter(), |out, (partition, urls)| {
        out.text(&partition.to_string());
        out.block(urls.iter(), |out, url| out.text(url));
    });
}

fn groups(routing: &Routing, out: &mut impl Sink) {
    out.number(THERE);
    out.block(routing.helix_groups.iter(), |out, (url, group)| {
        out.text(url);
        out.number((*group).into());
    });
}
