//! Where the keys of a command come from: arguments, a file, or the data on disk.

use std::fs;
use std::io::Read;
use std::path::Path;

use venice_engine::{Registry, Tier};
use venice_storage::{row_key, BlockCache, Folder, Hosted, StorageError};

use crate::commands::target::{AskedKey, Target, TargetOptions};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::shown;

/// Blocks are read once: a little is enough.
const CACHE: usize = 8 << 20;

/// Keys as they were typed: the lines of a file if one is given, else the arguments.
pub(crate) fn key_texts(keys: &[String], file: Option<&Path>) -> Outcome<Vec<String>> {
    let Some(file) = file else {
        return Ok(keys.to_vec());
    };
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(drop),
        false => fs::read_to_string(file).map(|read| text = read),
    };
    let what = format!("cannot read the keys in {}", file.display());
    read.map_err(Failure::of(Exit::NoInput, what))?;
    let lines = text.lines().filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

/// All keys of the store version in the folder of the options.
pub(crate) fn stored_keys(options: &TargetOptions, target: &Target) -> Outcome<Vec<AskedKey>> {
    let folder = Folder::at(&options.folder.data);
    let mut versions = folder.all()?.into_iter();
    let version = versions.find(|version| version.name() == target.resource);
    let version = version.ok_or_else(|| {
        let text = format!(
            "{} is not in {}; give --data, or the keys by --keys-file",
            shown(&target.resource),
            options.folder.data.display()
        );
        Failure::new(Exit::NoInput, text)
    })?;
    let registry = Registry::new();
    let hosted = Hosted::open(&registry, &version, &BlockCache::new(CACHE)?)?;
    let state = registry
        .store_version(version.name())
        .and_then(|hosted| hosted.state(Tier::Any))
        .map_err(StorageError::from)?;
    let mut keys = Vec::new();
    for (partition, database) in hosted.partitions() {
        let mut records = database.records()?;
        while let Some((stored, _)) = records.next()? {
            if let Some(key) = row_key(stored, state.chunked) {
                keys.push(target.stored_key(key, partition)?);
            }
        }
    }
    Ok(keys)
}
