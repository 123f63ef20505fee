//! One store, as a description says: immutable.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::partitioner::Partitioner;

/// What is known of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// Schemas of keys by their ids, as texts of Avro's JSON. Venice has one, of id 1.
    pub key_schemas: BTreeMap<i32, Arc<str>>,
    /// Schemas of values by their ids.
    pub value_schemas: BTreeMap<i32, Arc<str>>,
    /// The schema that has the fields of all others, if Venice made one. Clients get -1 for `None`.
    pub superset_schema_id: Option<i32>,
    /// The newest schema of values; 0 when there is none.
    pub latest_value_schema_id: i32,
    /// Whether clients may let the server compute.
    pub read_compute_enabled: bool,
    /// Whether clients may ask servers themselves; Venice ties that to the quota of storage nodes.
    pub storage_node_read_quota_enabled: bool,
    /// Keys of a batch get, which clients keep to.
    pub batch_get_limit: i32,
    /// Where clients read: Venice's `ExternalStorageReadMode`, 0 for Venice alone.
    pub external_storage_read_mode: i32,
    /// Whether the store has moved to another cluster, so that clients have to look for it anew.
    pub moved: bool,
    /// The version that clients read; 0 when there is none.
    pub current_version: i32,
    /// The versions, by their numbers.
    pub versions: Vec<Version>,
    /// Who serves the current version.
    pub routing: Routing,
    /// What Venice's controllers know of the store, for Da Vinci clients.
    pub properties: Option<StoreProperties>,
}

/// A store version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, at least 1.
    pub number: i32,
    /// Its partitions, at least 1.
    pub partition_count: i32,
    /// How keys are dealt out to them.
    pub partitioner: Partitioner,
    /// How its values are compressed.
    pub compression: Compression,
    /// The dictionary of its values, if the description has it. A server that hosts the version has it on disk, too.
    pub dictionary: Option<Arc<[u8]>>,
    /// Where its data is: Venice's `StorageMode`, 0 for Venice's servers.
    pub storage_mode: i32,
}

/// How values are compressed: Venice's `CompressionStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    NoOp,
    /// Members of gzip.
    Gzip,
    /// Frames of zstd without dictionary, which no version has any more.
    Zstd,
    /// Frames of zstd, made with the version's dictionary.
    ZstdWithDict,
}

/// Who serves the partitions of a store's current version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// URLs of the instances that are ready to serve a partition, such as `https://host:port`.
    pub replicas: BTreeMap<i32, Vec<Arc<str>>>,
    /// Helix groups of instances, by URL. Stores of one cluster share them.
    pub helix_groups: Arc<BTreeMap<Arc<str>, i32>>,
}

/// A store's properties as Venice's system stores have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreProperties {
    /// The version of the schema `StoreMetaValue` whose `StoreProperties` they are.
    pub schema_version: i32,
    /// The record `StoreProperties`, in Avro.
    pub avro: Arc<[u8]>,
}

impl Store {
    /// Keys of a batch get when Venice says nothing: its `DEFAULT_BATCH_GET_LIMIT`.
    pub const DEFAULT_BATCH_GET_LIMIT: i32 = 150;

    /// A store of that name, of which nothing is known.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            key_schemas: BTreeMap::new(),
            value_schemas: BTreeMap::new(),
            superset_schema_id: None,
            latest_value_schema_id: 0,
            read_compute_enabled: false,
            storage_node_read_quota_enabled: false,
            batch_get_limit: Self::DEFAULT_BATCH_GET_LIMIT,
            external_storage_read_mode: 0,
            moved: false,
            current_version: 0,
            versions: Vec::new(),
            routing: Routing::default(),
            properties: None,
        }
    }

    /// The version of that number.
    pub fn version(&self, number: i32) -> Option<&Version> {
        self.versions
            .binary_search_by_key(&number, |version| version.number)
            .ok()
            .and_then(|at| self.versions.get(at))
    }

    /// The version that clients read.
    pub fn current(&self) -> Option<&Version> {
        self.version(self.current_version)
    }

    /// The text of the schema of values with that id.
    pub fn value_schema(&self, id: i32) -> Option<&Arc<str>> {
        self.value_schemas.get(&id)
    }

    /// The newest schema of values, with its id.
    pub fn latest_value_schema(&self) -> Option<(i32, &Arc<str>)> {
        let id = self.latest_value_schema_id;
        self.value_schema(id).map(|text| (id, text))
    }

    /// Bytes that it holds, nearly: texts, dictionaries, and what refers to them. With the Helix groups, which it may share.
    pub fn bytes(&self) -> usize {
        let schemas = self.key_schemas.values().chain(self.value_schemas.values());
        let schemas: usize = schemas.map(|text| ENTRY_BYTES + text.len()).sum();
        let versions: usize = self.versions.iter().map(Version::bytes).sum();
        let properties = self.properties.as_ref();
        let properties = properties.map_or(0, |properties| properties.avro.len());
        let fixed = size_of::<Self>() + self.name.len();
        fixed + schemas + versions + properties + self.routing.bytes()
    }
}

/// What an entry of a map costs beside its texts, nearly.
const ENTRY_BYTES: usize = 64;

impl Version {
    /// Whether values have to be decompressed with a dictionary.
    pub fn needs_dictionary(&self) -> bool {
        self.compression == Compression::ZstdWithDict
    }

    fn bytes(&self) -> usize {
        let Partitioner { class, params, .. } = &self.partitioner;
        let params = params
            .iter()
            .map(|(name, value)| ENTRY_BYTES + name.len() + value.len());
        let dictionary = self.dictionary.as_ref();
        let dictionary = dictionary.map_or(0, |dictionary| dictionary.len());
        size_of::<Self>() + class.len() + params.sum::<usize>() + dictionary
    }
}

impl Routing {
    /// Bytes of the Helix groups.
    pub(crate) fn group_bytes(&self) -> usize {
        let urls = self.helix_groups.keys();
        urls.map(|url| ENTRY_BYTES + url.len()).sum()
    }

    /// Bytes of it. Instances that serve several partitions have their text once.
    fn bytes(&self) -> usize {
        let texts: std::collections::BTreeSet<&str> = self.urls().collect();
        let texts: usize = texts.iter().map(|url| ENTRY_BYTES + url.len()).sum();
        let replicas = self.replicas.values();
        let replicas: usize = replicas
            .map(|urls| ENTRY_BYTES + size_of_val(urls.as_slice()))
            .sum();
        texts + replicas + self.group_bytes()
    }

    fn urls(&self) -> impl Iterator<Item = &str> {
        self.replicas.values().flatten().map(AsRef::as_ref)
    }
}

impl Compression {
    /// All of them, by their ids.
    pub const ALL: [Self; 4] = [Self::NoOp, Self::Gzip, Self::Zstd, Self::ZstdWithDict];

    /// Its number on the wire and on disk.
    pub fn id(self) -> i32 {
        match self {
            Self::NoOp => 0,
            Self::Gzip => 1,
            Self::Zstd => 2,
            Self::ZstdWithDict => 3,
        }
    }

    /// Venice's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoOp => "NO_OP",
            Self::Gzip => "GZIP",
            Self::Zstd => "ZSTD",
            Self::ZstdWithDict => "ZSTD_WITH_DICT",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
