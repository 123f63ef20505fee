//! `/stores`: what is served here.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::time::SystemTime;

use serde_json::{json, Map, Value};
use venice_engine::{
    Condition, HostedPartition, HostedVersion, Tier, VersionReads, METADATA_PARTITION,
};
use venice_wire::store_name::store_name;

use crate::admin::rates::Reads;
use crate::admin::Administered;

/// Properties of RocksDB, and what they are called here.
const NUMBERS: [(&CStr, &str); 3] = [
    (c"rocksdb.live-sst-files-size", "bytes"),
    (c"rocksdb.cur-size-all-mem-tables", "memtable_bytes"),
    (c"rocksdb.estimate-num-keys", "keys_estimated"),
];

/// The stores with their versions and partitions.
pub(crate) fn stores(server: &Administered, reads: &Reads) -> Value {
    let properties = NUMBERS.map(|(name, _)| name);
    let registry = &server.context.read_path.registry;
    let hosted = registry.hosted(&properties);
    let looked = SystemTime::now();
    let versions_read: BTreeMap<Box<str>, VersionReads> = registry
        .version_reads()
        .into_iter()
        .map(|version| (version.store_version.clone(), version))
        .collect();
    let mut stores: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for version in &hosted {
        let name = version.store_version.name();
        let store = store_name(name).unwrap_or(name);
        let versions = stores.entry(store.to_owned()).or_default();
        let read = versions_read.get(name).map(|read| (read, looked));
        versions.push(store_version(version, reads, read));
    }
    let stores = stores.into_iter().map(|(store, versions)| {
        let known = reads.stores.as_ref();
        // A store that nobody read is counted nowhere.
        let read = known.map(|stores| stores.get(&*store).copied().unwrap_or_default());
        json!({
            "store": store,
            "reads": read.map(|read| read.all.reads),
            "reads_per_second": read.map(|read| read.reads_per_second),
            "disk_reads": read.map(|read| read.all.disk_reads),
            "disk_reads_per_second": read.map(|read| read.disk_reads_per_second),
            "cpu_seconds": read.map(|read| read.all.cpu_nanos as f64 * 1e-9),
            "processors": read.map(|read| read.processors),
            "versions": versions,
        })
    });
    json!({
        "stores": stores.collect::<Vec<Value>>(),
        "interval_seconds": reads.interval.as_secs_f64(),
    })
}

fn store_version(
    hosted: &HostedVersion,
    reads: &Reads,
    read: Option<(&VersionReads, SystemTime)>,
) -> Value {
    let version = &hosted.store_version;
    let name = version.name();
    let number = name
        .rsplit_once("_v")
        .and_then(|(_, n)| n.parse::<u64>().ok());
    let is_data = |hosted: &&HostedPartition| hosted.partition != METADATA_PARTITION;
    let data = hosted.partitions.iter().filter(is_data);
    let mut value = Map::new();
    value.insert("name".to_owned(), json!(name));
    value.insert("version".to_owned(), json!(number));
    value.insert("reads".to_owned(), json!(read.map(|(read, _)| read.reads)));
    let last_read = read.and_then(|(read, looked)| {
        let ago = looked.duration_since(read.last_read?).unwrap_or_default();
        Some(ago.as_secs())
    });
    value.insert("last_read_seconds_ago".to_owned(), json!(last_read));
    // As far as memory goes: this is no reason to wait for a disk.
    match version.state(Tier::Memory) {
        Ok(state) => {
            let compression = match state.compression_strategy {
                0 => "none",
                1 => "gzip",
                2 => "zstd",
                3 => "zstd with dictionary",
                _ => "unknown",
            };
            value.insert("chunked".to_owned(), json!(state.chunked));
            value.insert("compression".to_owned(), json!(compression));
        }
        Err(error) => {
            value.insert("state_error".to_owned(), json!(error.to_string()));
        }
    }
    for (at, (_, called)) in NUMBERS.iter().enumerate() {
        let numbers = data.clone().filter_map(|partition| partition.numbers[at]);
        value.insert((*called).to_owned(), json!(numbers.sum::<u64>()));
    }
    let partitions = data.map(|one| partition(one, reads.of_partition(name, one.partition)));
    let partitions: Vec<Value> = partitions.collect();
    value.insert("partitions".to_owned(), json!(partitions));
    Value::Object(value)
}

fn partition(hosted: &HostedPartition, reads_per_second: Option<f64>) -> Value {
    let is_open = hosted.condition == Condition::Open;
    let table = if hosted.plain_tables {
        "plain"
    } else {
        "block"
    };
    let mut value = Map::new();
    let mut put = |name: &str, field| value.insert(name.to_owned(), field);
    put("partition", json!(hosted.partition));
    put(
        "condition",
        json!(match hosted.condition {
            Condition::Open => "open",
            Condition::Closed => "closed",
            Condition::Removed => "removed",
        }),
    );
    put("table", json!(is_open.then_some(table)));
    put("read_only", json!(is_open.then_some(hosted.read_only)));
    put("reads_per_second", json!(reads_per_second));
    for ((_, called), number) in NUMBERS.iter().zip(&hosted.numbers) {
        put(called, json!(number));
    }
    Value::Object(value)
}
