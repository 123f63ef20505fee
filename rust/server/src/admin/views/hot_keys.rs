//! `/hotkeys`: the keys that are read most, as far as a session counted them.

use serde_json::{json, Value};

use crate::admin::Administered;
use crate::observe::hot_keys::{HotKey, HotKeysReport};

/// The session that runs, or the last one. Without the right to see keys they have their numbers.
pub(crate) fn hot_keys(server: &Administered, sees_keys: bool) -> Value {
    let report = server.context.read_path.hot_keys.report();
    let state = match &report {
        None => "none",
        Some(report) if report.left.is_some() => "running",
        Some(_) => "over",
    };
    let (left, reads, keys) = match report {
        None => (None, 0, Vec::new()),
        Some(HotKeysReport { left, reads, keys }) => (left, reads, keys),
    };
    let keys = keys.into_iter().map(|key| hot_key(key, reads, sees_keys));
    json!({
        "state": state,
        "left_ms": left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        "reads": reads,
        "keys": keys.collect::<Vec<Value>>(),
    })
}

fn hot_key(mut key: HotKey, reads: u64, sees_keys: bool) -> Value {
    if !sees_keys {
        key.key = None;
    }
    json!({
        "store_version": &*key.store_version,
        "key": key.shown(),
        "key_bytes": key.key.as_deref().map(hex),
        "reads": key.reads,
        "at_least": key.at_least,
        "share": key.reads as f64 / reads.max(1) as f64,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
