//! The store versions in a folder, by the names of their folders (`RocksDBUtils`).

use std::fs;
use std::path::{Path, PathBuf};

use venice_engine::METADATA_PARTITION;

use crate::error::StorageError;

/// Below the data path.
const ROCKSDB: &str = "rocksdb";
/// Bytes of a store's name at most (`VeniceSystemStoreType` aside).
const NAME: usize = 128;

/// A folder of store versions: the `data.base.path` of a Venice server.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// A store version that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// The store's name.
    pub store: String,
    /// The version's number.
    pub version: i32,
    /// Its folder.
    pub path: PathBuf,
    /// The data partitions that are here, in their order.
    pub partitions: Vec<i32>,
    /// Whether the metadata partition is here. Without it Venice takes a version as neither chunked nor
    /// compressed.
    pub has_metadata: bool,
}

impl Folder {
    /// The folder at `path`: that of a server, or the `rocksdb` in it.
    pub fn at(path: &Path) -> Folder {
        let is_root = path.file_name().is_some_and(|name| name == ROCKSDB);
        let root = match is_root {
            true => path.to_owned(),
            false => path.join(ROCKSDB),
        };
        Folder { root }
    }

    /// The folder that has the store versions.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a store version is, or would be.
    pub fn path_of(&self, store: &str, version: i32) -> PathBuf {
        self.root.join(format!("{store}_v{version}"))
    }

    /// All store versions, by name and number; none if there is no such folder.
    pub fn all(&self) -> Result<Vec<StoredVersion>, StorageError> {
        let mut all = Vec::new();
        if !self.root.exists() {
            return Ok(all);
        }
        for name in names_in(&self.root)? {
            let Some((store, version)) = parse_name(&name) else {
                continue;
            };
            let path = self.root.join(&name);
            let mut partitions = Vec::new();
            let mut has_metadata = false;
            for folder in names_in(&path)? {
                // A half-done blob transfer is called temp_transferred_..., so has another beginning.
                let partition = folder.strip_prefix(&name).and_then(|rest| {
                    let digits = rest.strip_prefix('_')?;
                    number(digits).filter(|_| path.join(&folder).join("CURRENT").exists())
                });
                match partition {
                    Some(METADATA_PARTITION) => has_metadata = true,
                    Some(partition) => partitions.push(partition),
                    None => {}
                }
            }
            if partitions.is_empty() && !has_metadata {
                continue;
            }
            partitions.sort_unstable();
            all.push(StoredVersion {
                store: store.to_owned(),
                version,
                path,
                partitions,
                has_metadata,
            });
        }
        all.sort_by(|a, b| (&a.store, a.version).cmp(&(&b.store, b.version)));
        Ok(all)
    }

    /// The highest version of a store that is here.
    pub fn newest(&self, store: &str) -> Result<Option<StoredVersion>, StorageError> {
        let mut all = self.all()?.into_iter();
        Ok(all.rfind(|version| version.store == store))
    }
}

impl StoredVersion {
    /// `<store>_v<N>`.
    pub fn name(&self) -> String {
        format!("{}_v{}", self.store, self.version)
    }

    /// The folder of a partition.
    pub fn partition_path(&self, partition: i32) -> PathBuf {
        self.path.join(format!("{}_{partition}", self.name()))
    }
}

/// Refuses what no store is called.
pub(crate) fn check_name(store: &str) -> Result<(), StorageError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !store.is_empty() && store.len() <= NAME && store.bytes().all(allowed) {
        return Ok(());
    }
    let name: String = store.chars().take(200).collect();
    Err(StorageError::BadName { name })
}

fn names_in(path: &Path) -> Result<Vec<String>, StorageError> {
    let failed = StorageError::io("list", path);
    let read = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // By links too: an operator may keep versions elsewhere.
            if entry.path().is_dir() {
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    };
    read().map_err(failed)
}

/// Store and number of `<store>_v<N>`.
pub fn parse_name(name: &str) -> Option<(&str, i32)> {
    let (store, version) = name.rsplit_once("_v")?;
    let version = number(version)?;
    (!store.is_empty() && !store.starts_with("temp_transferred_")).then_some((store, version))
}

/// A number as Java prints it: digits only, and no leading zero.
fn number(digits: &str) -> Option<i32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let led = digits.len() > 1 && digits.starts_with('0');
    (plain && !led).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_store_versions() {
        assert_eq!(parse_name("emoji_v12"), Some(("emoji", 12)));
        assert_eq!(parse_name("a_v1_v2"), Some(("a_v1", 2)));
        for other in [
            "emoji",
            "_v1",
            "a_v",
            "a_v01",
            "a_vx",
            "temp_transferred_a_v1",
        ] {
            assert_eq!(parse_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_folder_is_listed() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::at(data.path());
        assert_eq!(folder.all().unwrap(), []);
        for database in [
            "b_v2/b_v2_0",
            "b_v10/b_v10_11",
            "b_v10/b_v10_2",
            "b_v10/b_v10_1000000000",
            "b_v10/temp_transferred_b_v10_3",
            "a_v1/a_v1_1000000000",
        ] {
            let path = folder.root().join(database);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("CURRENT"), "").unwrap();
        }
        // No database, a file, and a version of which nothing is here.
        fs::create_dir_all(folder.root().join("b_v10/b_v10_4")).unwrap();
        fs::write(folder.root().join("c_v1"), "").unwrap();
        fs::create_dir_all(folder.root().join("d_v1")).unwrap();

        for given in [data.path(), folder.root()] {
            let all = Folder::at(given).all().unwrap();
            let seen: Vec<_> = all
                .iter()
                .map(|all| (all.name(), all.partitions.clone(), all.has_metadata))
                .collect();
            let expected = [
                ("a_v1".to_owned(), vec![], true),
                ("b_v2".to_owned(), vec![0], false),
                ("b_v10".to_owned(), vec![2, 11], true),
            ];
            assert_eq!(seen, expected);
        }
        let newest = folder.newest("b").unwrap().unwrap();
        assert_eq!(newest.version, 10);
        assert!(newest.partition_path(2).ends_with("b_v10/b_v10_2"));
        assert_eq!(folder.newest("z").unwrap(), None);
    }

    #[test]
    fn names_of_stores() {
        for good in ["emoji", "A-b_9", &"x".repeat(128)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a/b", "a b", "..", "\u{e4}", &"x".repeat(129)] {
            let error = check_name(bad).unwrap_err().to_string();
            assert!(error.contains("give letters"), "{error}");
        }
    }
}
