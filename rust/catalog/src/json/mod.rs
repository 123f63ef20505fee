//! The form of a description, JSON. It must not know who sends it, or what becomes of it.
//!
//! A member that is unknown is refused, with the nearest one that is known: a mistyped member must not become a default.
//! One that is `null` is missing. One that is there twice is refused: nobody knows which of them was meant.

mod distinct;
mod members;
mod schema_text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::Value;
use venice_wire::echoed::Echoed;

use self::members::{number_of, Members, Placed, Problem};
use crate::error::CatalogError;
use crate::limits::*;
use crate::partitioner::Partitioner;
use crate::store::{Compression, Routing, Store, StoreProperties, Version};

impl Store {
    /// A store of its description: JSON of the form in `docs/metadata.md`.
    ///
    /// # Errors
    ///
    /// With the place of what is wrong, the value, the limit and the remedy: JSON that is none or is too long, members
    /// that are unknown or missing, values out of bounds ([`crate::limits`]), and those that contradict each other.
    pub fn from_json(json: &[u8]) -> Result<Self, CatalogError> {
        read(json)
    }
}

/// A store of its description.
fn read(json: &[u8]) -> Result<Store, CatalogError> {
    if json.len() > DESCRIPTION_BYTES {
        return Err(CatalogError::Long {
            bytes: json.len(),
            limit: DESCRIPTION_BYTES,
        });
    }
    if values(json) > DESCRIPTION_VALUES {
        return Err(CatalogError::ManyValues {
            limit: DESCRIPTION_VALUES,
        });
    }
    let (value, twice) = distinct::read(json).map_err(|error| CatalogError::Syntax {
        problem: error.to_string(),
    })?;
    let name = value.get("name").and_then(Value::as_str).unwrap_or("");
    let name = Echoed::new(name);
    let read = match twice {
        Some(problem) => Err(problem),
        None => read_store(value),
    };
    read.map_err(|problem| CatalogError::Content {
        store: name,
        problem,
    })
}

/// At least as many as there are values in `json`: each but the first stands behind a comma or an opening bracket.
fn values(json: &[u8]) -> usize {
    let mut count = 1;
    let mut in_text = false;
    let mut escaped = false;
    for &byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

fn read_store(value: Value) -> Result<Store, Problem> {
    let place = String::new();
    let mut members = Members::of(Placed { place, value })?;
    let name = members.need("name", "say whose description it is")?;
    let name = name.text(NAME_BYTES)?;
    check_name(&name)?;
    let key_schemas = schemas(members.take("keySchemas"))?;
    let value_schemas = schemas(members.take("valueSchemas"))?;
    let latest = value_schemas.keys().next_back().copied().unwrap_or(0);
    let superset = members.number("supersetSchemaId", -1, i32::MAX, -1)?;
    let current = members.need("currentVersion", "give 0 if clients have nothing to read")?;
    let store = Store {
        name,
        superset_schema_id: (superset >= 0).then_some(superset),
        latest_value_schema_id: members.number("latestValueSchemaId", 0, i32::MAX, latest)?,
        read_compute_enabled: members.flag("readComputeEnabled")?,
        storage_node_read_quota_enabled: members.flag("storageNodeReadQuotaEnabled")?,
        batch_get_limit: batch_get_limit(&mut members)?,
        external_storage_read_mode: members.number("externalStorageReadMode", 0, i32::MAX, 0)?,
        moved: members.flag("moved")?,
        current_version: current.number(0, i32::MAX)?,
        versions: versions(members.take("versions"))?,
        routing: routing(members.take("routing"))?,
        properties: properties(members.take("properties"))?,
        key_schemas,
        value_schemas,
    };
    members.finish()?;
    check(&store)?;
    Ok(store)
}

/// What must be true of several members together.
fn check(store: &Store) -> Result<(), Problem> {
    let ids = |ids: &BTreeMap<i32, Arc<str>>| {
        let ids: Vec<String> = ids.keys().take(20).map(i32::to_string).collect();
        ids.join(", ")
    };
    let latest = store.latest_value_schema_id;
    if latest != 0 && store.value_schema(latest).is_none() {
        return Err(format!(
            "latestValueSchemaId is {latest}, and valueSchemas has none of that id: {}; give the id of one of them",
            ids(&store.value_schemas)
        ));
    }
    if let Some(superset) = store.superset_schema_id.filter(|id| *id > 0) {
        if store.value_schema(superset).is_none() {
            return Err(format!(
                "supersetSchemaId is {superset}, and valueSchemas has none of that id: {}; give the id of one of them, or -1",
                ids(&store.value_schemas)
            ));
        }
    }
    let current = store.current_version;
    if current != 0 && store.current().is_none() {
        let numbers: Vec<String> = store
            .versions
            .iter()
            .map(|v| v.number.to_string())
            .collect();
        let numbers = numbers.join(", ");
        return Err(format!(
            "currentVersion is {current}, and is none of versions: {}; describe it there, or give 0",
            Echoed::new(&numbers)
        ));
    }
    // Who serves is told of the version that clients read.
    if let Some(Version {
        partition_count, ..
    }) = store.current()
    {
        let last = store.routing.replicas.keys().next_back();
        if let Some(partition) = last.filter(|partition| *partition >= partition_count) {
            return Err(format!(
                "routing.replicas[\"{partition}\"] is of no partition: currentVersion is {current}, which has partitions \
                 from 0 to {}; leave it out, or correct the partitionCount",
                partition_count - 1
            ));
        }
    }
    Ok(())
}

/// Names stand in paths of URLs and in names of store versions.
fn check_name(name: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"/?#%\\\"".contains(&byte);
    if !name.is_empty() && name.bytes().all(plain) {
        return Ok(());
    }
    Err(format!(
        "name is {:?}, and must be 1 to {NAME_BYTES} printable characters of ASCII, without spaces and without / ? # % \\ \"",
        Echoed::new(name)
    ))
}

/// Venice's 0 and -1 stand for the default, as for Venice's server.
fn batch_get_limit(members: &mut Members) -> Result<i32, Problem> {
    let limit = members.number("batchGetLimit", -1, i32::MAX, 0)?;
    Ok(if limit > 0 {
        limit
    } else {
        Store::DEFAULT_BATCH_GET_LIMIT
    })
}

/// Schemas by their ids: texts of Avro's JSON, or that JSON itself.
fn schemas(placed: Option<Placed>) -> Result<BTreeMap<i32, Arc<str>>, Problem> {
    let mut schemas = BTreeMap::new();
    let Some(placed) = placed else {
        return Ok(schemas);
    };
    for (id, schema) in placed.entries(SCHEMAS)? {
        let id = number_of(&id, &schema, 1, i32::MAX)?;
        schemas.insert(id, schema_text(schema)?);
    }
    Ok(schemas)
}

fn schema_text(schema: Placed) -> Result<Arc<str>, Problem> {
    if schema.value.is_object() || schema.value.is_array() {
        let text = schema.value.to_string();
        let place = schema.place;
        schema_text::check(&schema.value).map_err(|problem| no_schema(&place, &text, &problem))?;
        let value = Value::String(text);
        return Ok(Placed { place, value }.text(SCHEMA_BYTES)?.into());
    }
    let begins = schema.value.as_str().map(str::trim_start);
    let begins = begins.and_then(|text| text.bytes().next());
    if !matches!(begins, Some(b'{' | b'[' | b'"')) {
        return Err(schema.other(
            "the text of a schema in Avro's JSON, or the JSON itself; a schema that is the name of a type has quotes in its text: \"\\\"string\\\"\"",
        ));
    }
    let place = schema.place.clone();
    let text = schema.text(SCHEMA_BYTES)?;
    // What is handed to clients as it is has to be of use to them.
    let parsed = if values(text.as_bytes()) > DESCRIPTION_VALUES {
        Err(format!("it has more than {DESCRIPTION_VALUES} values"))
    } else {
        let value = serde_json::from_str(&text).map_err(|error| format!("it is no JSON: {error}"));
        value.and_then(|value| schema_text::check(&value))
    };
    match parsed {
        Ok(()) => Ok(text.into()),
        Err(problem) => Err(no_schema(&place, &text, &problem)),
    }
}

fn no_schema(place: &str, text: &str, problem: &str) -> Problem {
    format!(
        "{place} is no schema of Avro: {problem}; give the text that Avro's own parser takes instead of {:?}",
        Echoed::new(text)
    )
}

fn versions(placed: Option<Placed>) -> Result<Vec<Version>, Problem> {
    let mut versions = Vec::new();
    let Some(placed) = placed else {
        return Ok(versions);
    };
    for item in placed.items(VERSIONS)? {
        versions.push(version(item)?);
    }
    versions.sort_by_key(|version: &Version| version.number);
    match versions
        .windows(2)
        .find(|two| two[0].number == two[1].number)
    {
        None => Ok(versions),
        Some(two) => Err(format!(
            "versions has number {} twice; describe each version once",
            two[0].number
        )),
    }
}

fn version(placed: Placed) -> Result<Version, Problem> {
    let mut members = Members::of(placed)?;
    let number = members.need("number", "give the number behind _v in the version's name")?;
    let partitions = members.need(
        "partitionCount",
        "give the number that the version was made with",
    )?;
    let version = Version {
        number: number.number(1, i32::MAX)?,
        partition_count: partitions.number(1, PARTITIONS)?,
        partitioner: partitioner(members.take("partitioner"))?,
        compression: compression(members.take("compression"))?,
        dictionary: match members.take("dictionary") {
            None => None,
            Some(placed) => Some(bytes(placed, DICTIONARY_BYTES)?),
        },
        storage_mode: members.number("storageMode", 0, i32::MAX, 0)?,
    };
    members.finish()?;
    Ok(version)
}

fn partitioner(placed: Option<Placed>) -> Result<Partitioner, Problem> {
    let default = Partitioner::default();
    let Some(placed) = placed else {
        return Ok(default);
    };
    let mut members = Members::of(placed)?;
    let partitioner = Partitioner {
        class: match members.take("class") {
            None => default.class,
            Some(class) => class.text(PARTITIONER_TEXT_BYTES)?,
        },
        params: match members.take("params") {
            None => default.params,
            Some(params) => texts(params)?,
        },
        amplification_factor: members.number("amplificationFactor", 1, PARTITIONS, 1)?,
    };
    members.finish()?;
    Ok(partitioner)
}

fn texts(placed: Placed) -> Result<BTreeMap<String, String>, Problem> {
    let mut texts = BTreeMap::new();
    for (name, value) in placed.entries(PARTITIONER_PARAMS)? {
        let place = value.place.clone();
        let text = value.text(PARTITIONER_TEXT_BYTES)?;
        let value = Value::String(name);
        texts.insert(Placed { place, value }.text(PARTITIONER_TEXT_BYTES)?, text);
    }
    Ok(texts)
}

/// Venice's name, or its number.
fn compression(placed: Option<Placed>) -> Result<Compression, Problem> {
    let Some(placed) = placed else {
        return Ok(Compression::default());
    };
    let found = Compression::ALL
        .into_iter()
        .find(|compression| placed.value == compression.name() || placed.value == compression.id());
    found.ok_or_else(|| placed.other("NO_OP, GZIP, ZSTD or ZSTD_WITH_DICT"))
}

fn routing(placed: Option<Placed>) -> Result<Routing, Problem> {
    let Some(placed) = placed else {
        return Ok(Routing::default());
    };
    let mut members = Members::of(placed)?;
    // One text for all partitions that an instance serves.
    let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut url = |placed: Placed| -> Result<Arc<str>, Problem> {
        let url: Arc<str> = placed.text(URL_BYTES)?.into();
        let one = known.get(&url).unwrap_or(&url).clone();
        known.insert(one.clone());
        Ok(one)
    };
    let mut replicas = BTreeMap::new();
    if let Some(placed) = members.take("replicas") {
        for (partition, placed) in placed.entries(PARTITIONS as usize)? {
            let partition = number_of(&partition, &placed, 0, PARTITIONS - 1)?;
            let urls: Result<Vec<Arc<str>>, Problem> =
                placed.items(REPLICAS)?.map(&mut url).collect();
            replicas.insert(partition, urls?);
        }
    }
    let mut groups = BTreeMap::new();
    if let Some(placed) = members.take("helixGroups") {
        for (name, placed) in placed.entries(GROUPED_INSTANCES)? {
            let place = placed.place.clone();
            let value = Value::String(name);
            groups.insert(
                url(Placed { place, value })?,
                placed.number(i32::MIN, i32::MAX)?,
            );
        }
    }
    members.finish()?;
    Ok(Routing {
        replicas,
        helix_groups: Arc::new(groups),
    })
}

fn properties(placed: Option<Placed>) -> Result<Option<StoreProperties>, Problem> {
    let Some(placed) = placed else {
        return Ok(None);
    };
    let mut members = Members::of(placed)?;
    let remedy = "give both schemaVersion and avro, or leave properties out";
    let schema_version = members.need("schemaVersion", remedy)?.number(1, i32::MAX)?;
    let avro = bytes(members.need("avro", remedy)?, PROPERTIES_BYTES)?;
    members.finish()?;
    Ok(Some(StoreProperties {
        schema_version,
        avro,
    }))
}

/// Bytes in base64, with padding (RFC 4648, section 4).
fn bytes(placed: Placed, most: usize) -> Result<Arc<[u8]>, Problem> {
    let place = placed.place.clone();
    let longest = most.div_ceil(3) * 4;
    let text = placed.text(longest)?;
    let bytes = BASE64_STANDARD.decode(&text).map_err(|error| {
        format!(
            "{place} is {:?}, and must be base64 with padding (RFC 4648, section 4) of at most {most} bytes: {error}; encode \
             the bytes anew",
            Echoed::new(&text)
        )
    })?;
    if bytes.len() > most {
        return Err(format!(
            "{place} has {} bytes in base64, and may have {most}; give a shorter one",
            bytes.len()
        ));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests;
