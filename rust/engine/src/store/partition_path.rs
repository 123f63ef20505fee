//! Which database is which partition: said by its path (`RocksDBUtils`,
//! `RocksDBStorageEngineFactory`).

use std::path::{Component, Path};

/// `AbstractStorageEngine.METADATA_PARTITION_ID`: the partition that holds the store-version state.
pub const METADATA_PARTITION: i32 = 1_000_000_000;

/// Prefix of a half-done blob transfer (`RocksDBUtils.TEMP_TRANSFERRED`): not served, whatever
/// follows it.
const TEMPORARY: &str = "temp_transferred_";

/// A partition's place among the databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionPath<'a> {
    /// `<store>_v<N>`.
    pub(crate) store_version: &'a str,
    pub(crate) partition: i32,
}

impl<'a> PartitionPath<'a> {
    /// Reads `<anything>/<store>_v<N>/<store>_v<N>_<partition>`; `None` for every other path.
    ///
    /// Goes by the words alone: the path may not exist yet, or no longer, and links are not
    /// followed.
    pub(crate) fn parse(path: &'a [u8]) -> Option<PartitionPath<'a>> {
        let path = Path::new(std::str::from_utf8(path).ok()?);
        let mut names = path.components().rev().map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let directory = names.next()??;
        let store_version = names.next()??;
        let partition = directory.strip_prefix(store_version)?.strip_prefix('_')?;
        let (store, version) = store_version.rsplit_once("_v")?;
        if store.is_empty() || store.starts_with(TEMPORARY) || number(version).is_none() {
            return None;
        }
        Some(PartitionPath {
            store_version,
            partition: number(partition)?,
        })
    }
}

/// A number as Java prints it: digits only, and no leading zero.
fn number(digits: &str) -> Option<i32> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit())
        || (digits.len() > 1 && digits.starts_with('0'))
    {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(path: &str) -> Option<(&str, i32)> {
        let path = PartitionPath::parse(path.as_bytes())?;
        Some((path.store_version, path.partition))
    }

    #[test]
    fn partitions() {
        assert_eq!(parsed("/d/rocksdb/s_v1/s_v1_0"), Some(("s_v1", 0)));
        assert_eq!(
            parsed("/d/rocksdb/s_v1/s_v1_1000000000/"),
            Some(("s_v1", METADATA_PARTITION))
        );
        assert_eq!(parsed("s_v12/./s_v12_34"), Some(("s_v12", 34)));
        assert_eq!(parsed("/a_v1_v2_v3/a_v1_v2_v3_7"), Some(("a_v1_v2_v3", 7)));
    }

    #[test]
    fn everything_else() {
        for path in [
            "",
            "/",
            "s_v1_0",
            "/d/s_v1",
            "/d/s_v1/s_v2_0",
            "/d/s_v1/s_v1_",
            "/d/s_v1/s_v1_x",
            "/d/s_v1/s_v1_-1",
            "/d/s_v1/s_v1_+1",
            "/d/s_v1/s_v1_01",
            "/d/s_v1/s_v1_2147483648",
            "/d/s_v/s_v_0",
            "/d/_v1/_v1_0",
            "/d/s/s_0",
            "/d/s_v1/../s_v1_0",
            "/d/s_v1/s_v1_0/.snapshot_files",
            "/d/s_v1/temp_transferred_s_v1_0",
            "/d/temp_transferred_s_v1/temp_transferred_s_v1_0",
        ] {
            assert_eq!(parsed(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_may_be_no_text() {
        assert_eq!(PartitionPath::parse(b"/d/s_v1/s_v1_0\xFF"), None);
    }
}
