//! What is told of stores beside their records: metadata, dictionaries, properties, current versions, health; and the
//! texts of Venice's server when there is nothing to tell.
//!
//! A question goes in, an answer comes out, as HTTP would carry it: status, kind, schema, body. The room knows no
//! protocol, no client and no right: what an answer is carried by, and who may ask, is said above. It reads what is
//! known, and waits for nothing: what memory does not have is asked again with another tier.
//!
//! Source of codes and texts: `SRV/listener/ServerReadMetadataRepository.java`, `StorageReadRequestHandler.java` and
//! `OutboundHttpWrapperHandler.java`.

mod avro;
mod records;

use std::sync::Arc;

use bytes::Bytes;
use venice_catalog::{Catalog, Store};
use venice_engine::{ReadError, Registry, Tier};

use crate::metadata::avro::Count;
use crate::metadata::records::{metadata, properties};

/// Schema of the answer to [`Question::Metadata`]: `MetadataResponseRecord`.
const METADATA_SCHEMA: i32 = 4;
/// Schema of the answer to [`Question::StoreProperties`]: `StorePropertiesPayloadRecord`.
const PROPERTIES_SCHEMA: i32 = 1;
/// What `X-VENICE-SCHEMA-ID` says of an answer that has no schema.
pub(crate) const NO_SCHEMA: i32 = -1;

/// Kinds of bodies, as `content-type` names them.
const AVRO: &str = "avro/binary";
const BINARY: &str = "application/octet-stream";
pub(crate) const TEXT: &str = "text/plain";

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question<'a> {
    /// All that a Fast Client has to know of a store.
    Metadata { store: &'a str },
    /// The dictionary of a store version.
    Dictionary { store: &'a str, version: i32 },
    /// What a Da Vinci client has to know of a store; of values' schemas those with ids above the largest that it
    /// knows.
    StoreProperties {
        store: &'a str,
        largest_known: Option<i32>,
    },
    /// The version that clients are to read.
    CurrentVersion { store: &'a str },
    /// Whether the server is well.
    Health,
}

/// What it is answered by.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The stores that are described.
    pub(crate) catalog: &'a Catalog,
    /// The databases that are open: they have dictionaries, too.
    pub(crate) registry: &'a Registry,
    /// Whether the health service says that it serves.
    pub(crate) serves: bool,
    /// The name of Venice's cluster, for texts, if it is known.
    pub(crate) cluster: Option<&'a str>,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
}

/// An answer, as HTTP would carry it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP's status.
    pub(crate) status: u16,
    /// HTTP's `content-type`.
    pub(crate) content_type: &'static str,
    /// The schema of the body, or [`NO_SCHEMA`].
    pub(crate) schema_id: i32,
    /// What it says.
    pub(crate) content: Content,
}

/// The body of an answer. Large ones are encoded when there is room for them.
#[derive(Debug)]
pub(crate) enum Content {
    /// Of an answer that says no: nothing but its status, or why.
    Refusal(String),
    /// As it is.
    Bytes(Bytes),
    /// A record, and its length in bytes.
    Record(Record, usize),
}

/// A record of a store, which is encoded when it is needed.
#[derive(Debug)]
pub(crate) enum Record {
    /// `MetadataResponseRecord`.
    Metadata(Arc<Store>),
    /// `StorePropertiesPayloadRecord`.
    Properties {
        store: Arc<Store>,
        largest_known: Option<i32>,
        now: i64,
    },
}

impl Content {
    /// Bytes of it.
    pub(crate) fn len(&self) -> usize {
        match self {
            Content::Refusal(text) => text.len(),
            Content::Bytes(bytes) => bytes.len(),
            Content::Record(_, length) => *length,
        }
    }

    /// Appends [`Content::len`] bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Content::Refusal(text) => out.extend_from_slice(text.as_bytes()),
            Content::Bytes(bytes) => out.extend_from_slice(bytes),
            Content::Record(record, _) => record.write(out),
        }
    }
}

impl Record {
    fn write(&self, out: &mut impl avro::Sink) {
        match self {
            Record::Metadata(store) => metadata(store, out),
            Record::Properties {
                store,
                largest_known,
                now,
            } => properties(store, *largest_known, *now, out),
        }
    }
}

/// Answers a question. Only dictionaries may be in no memory: then it is [`ReadError::WouldBlock`] with
/// [`Tier::Memory`].
pub(crate) fn answer(
    question: Question<'_>,
    known: Known<'_>,
    tier: Tier,
) -> Result<Answer, ReadError> {
    Ok(match question {
        Question::Metadata { store } => known.metadata(store),
        Question::Dictionary { store, version } => known.dictionary(store, version, tier)?,
        Question::StoreProperties {
            store,
            largest_known,
        } => known.properties(store, largest_known),
        Question::CurrentVersion { store } => known.current_version(store),
        Question::Health => known.health(),
    })
}

impl Known<'_> {
    fn metadata(&self, name: &str) -> Answer {
        let failed = |why: &str| {
            let text = format!("Failed to populate metadata for store: {name} due to: {why}");
            refusal(500, text)
        };
        let Some(store) = self.catalog.store(name) else {
            return failed(&self.unknown(name));
        };
        if !store.storage_node_read_quota_enabled {
            return refusal(
                403,
                format!(
                    "Fast client is not enabled for store: {name}, please ensure storage node read quota is enabled \
                     for the given store"
                ),
            );
        }
        match readable(&store) {
            Ok(()) => record(METADATA_SCHEMA, Record::Metadata(store)),
            Err(why) => failed(&why),
        }
    }

    fn properties(&self, name: &str, largest_known: Option<i32>) -> Answer {
        let failed = |why: &str| {
            let text =
                format!("Failed to populate metadata by client for store: {name} due to: {why}");
            refusal(500, text)
        };
        let Some(store) = self.catalog.store(name) else {
            return failed(&self.unknown(name));
        };
        if let Err(why) = readable(&store) {
            return failed(&why);
        }
        if store.properties.is_none() {
            return failed(&format!(
                "the description of store {name} has no member properties; describe it with them"
            ));
        }
        let properties = Record::Properties {
            store,
            largest_known,
            now: self.now,
        };
        record(PROPERTIES_SCHEMA, properties)
    }

    fn current_version(&self, name: &str) -> Answer {
        let failed = |why: &str| {
            let text = format!("Failed to get current version for store: {name} due to: {why}");
            refusal(500, text)
        };
        match self.catalog.store(name) {
            None => failed(&self.unknown(name)),
            Some(store) if store.current_version == 0 => failed(&nothing_to_read(name)),
            Some(store) => {
                // As Jackson writes the members of the class, in its order.
                let json = format!(
                    "{{\"currentVersion\":{},\"message\":null,\"error\":false}}",
                    store.current_version
                );
                answered(AVRO, NO_SCHEMA, Content::Bytes(json.into()))
            }
        }
    }

    /// The dictionary of the description, else the one that the hosted version has on disk; Java's server has the
    /// latter alone.
    fn dictionary(&self, name: &str, version: i32, tier: Tier) -> Result<Answer, ReadError> {
        let described = self.catalog.store(name);
        let described = described.and_then(|store| store.version(version)?.dictionary.clone());
        let dictionary = match described {
            Some(dictionary) => Some(Bytes::from_owner(dictionary)),
            None => self.hosted_dictionary(name, version, tier)?,
        };
        Ok(match dictionary {
            Some(dictionary) => answered(BINARY, NO_SCHEMA, Content::Bytes(dictionary)),
            None => Answer {
                status: 404,
                content_type: BINARY,
                schema_id: NO_SCHEMA,
                content: Content::Refusal(String::new()),
            },
        })
    }

    fn hosted_dictionary(
        &self,
        name: &str,
        version: i32,
        tier: Tier,
    ) -> Result<Option<Bytes>, ReadError> {
        let resource = format!("{name}_v{version}");
        match self.registry.store_version(&resource) {
            Ok(hosted) => Ok(hosted.state(tier)?.compression_dictionary.clone()),
            // It is not here, so that nothing of it is.
            Err(_) => Ok(None),
        }
    }

    /// Whoever asks Java's server hears of its disk; this one knows of a disk that is not well by who says so.
    fn health(&self) -> Answer {
        if self.serves {
            return Answer {
                status: 200,
                content_type: TEXT,
                schema_id: NO_SCHEMA,
                content: Content::Bytes(Bytes::from_static(b"OK")),
            };
        }
        let text = "Venice storage node hardware is not healthy!";
        refusal(500, text.to_owned())
    }

    /// `VeniceNoStoreException`'s text.
    fn unknown(&self, name: &str) -> String {
        match self.cluster {
            Some(cluster) => format!("Store: {name} does not exist in cluster {cluster}"),
            None => format!("Store: {name} does not exist."),
        }
    }
}

/// Whether clients may be told what they need to read the store; else why not.
fn readable(store: &Store) -> Result<(), String> {
    let name = &store.name;
    if store.moved {
        return Err(format!(
            "Store: {name} is migrating. Failing the request to allow clients refresh cluster discovery."
        ));
    }
    if store.current_version == 0 {
        return Err(nothing_to_read(name));
    }
    if store.routing.replicas.is_empty() {
        let version = store.current_version;
        return Err(format!("Resource '{name}_v{version}' does not exist"));
    }
    Ok(())
}

fn nothing_to_read(name: &str) -> String {
    format!(
        "No valid store version available to read for store: {name}. Please push data to the store before consuming"
    )
}

fn record(schema_id: i32, record: Record) -> Answer {
    let mut count = Count::default();
    record.write(&mut count);
    answered(AVRO, schema_id, Content::Record(record, count.0))
}

fn answered(content_type: &'static str, schema_id: i32, content: Content) -> Answer {
    Answer {
        status: 200,
        content_type,
        schema_id,
        content,
    }
}

fn refusal(status: u16, text: String) -> Answer {
    Answer {
        status,
        content_type: TEXT,
        schema_id: NO_SCHEMA,
        content: Content::Refusal(text),
    }
}

#[cfg(test)]
mod tests;
