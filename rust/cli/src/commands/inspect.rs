//! `venice inspect`: what is in a folder of store versions.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use venice_catalog::partition_of;
use venice_engine::{Registry, StoreVersionState, Tier};
use venice_storage::{
    chunks_of, parse_name, stored_key, BlockCache, Compressor, Database, Folder, Hosted,
    StorageError, StoredVersion, Strategy,
};

use crate::avro::Codec;
use crate::data_folder::DataFolder;
use crate::description::Description;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{array, count, grouped, hex, line, shown, size, string, unhex, Object, Output};

/// Blocks are read once: a little is enough.
const CACHE: usize = 8 << 20;

/// Show what is in a folder: store versions, partitions, formats, sizes, and records
///
/// Without a store, lists the versions that are there. With one, shows its partitions; with --key, what is stored under a
/// key. Files are only read, also while a server has them open.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A store, or one of its versions: emoji, emoji_v2
    store: Option<String>,
    #[command(flatten)]
    folder: DataFolder,
    /// Count the records, by reading all of them
    #[arg(long)]
    count: bool,
    /// Show the record of a key: a text, a number, or JSON, as the schema of keys says
    #[arg(
        long,
        value_name = "KEY",
        requires = "store",
        allow_hyphen_values = true
    )]
    key: Option<String>,
    /// The key is given as it is serialized, in hexadecimal
    #[arg(long, requires = "key")]
    hex_keys: bool,
}

/// Until the year 9999: what is later is no time of a push.
const MOST_DAYS: u64 = 2_932_896;

/// A version that was opened, and what its state says.
struct Opened {
    hosted: Hosted,
    registry: std::sync::Arc<Registry>,
    state: std::sync::Arc<StoreVersionState>,
    description: Option<Description>,
}

impl Inspect {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let folder = Folder::at(&self.folder.data);
        let Some(store) = &self.store else {
            return self.list(&folder, output);
        };
        let version = find(&folder, store, &self.folder.data)?;
        let opened = open(&folder, &version)?;
        match &self.key {
            Some(key) => self.show_record(&opened, key, output),
            None => self.show_version(&opened, output),
        }
    }

    fn list(&self, folder: &Folder, output: Output) -> Outcome {
        let versions = folder.all()?;
        if versions.is_empty() {
            return Err(StorageError::NoStoreVersions(self.folder.data.clone()).into());
        }
        let mut lines = Vec::new();
        for version in versions {
            let opened = open(folder, &version)?;
            let object = opened.object(self.count)?;
            match output {
                Output::Json => line(&object.end())?,
                Output::Human => lines.push(opened.columns(self.count)?),
            }
        }
        if output == Output::Human {
            let head = [
                "version",
                "partitions",
                "tables",
                "compression",
                "chunked",
                "on disk",
                "keys",
                "pushed",
            ];
            line(&table(&head, &lines))?;
        }
        Ok(())
    }

    fn show_version(&self, opened: &Opened, output: Output) -> Outcome {
        let mut partitions = Vec::new();
        let mut rows = Vec::new();
        for (partition, database) in opened.hosted.partitions() {
            let path = opened.hosted.version().partition_path(partition);
            let (files, bytes) = disk(&path);
            let records = self.count.then(|| count_records(database)).transpose()?;
            let object = Object::new()
                .raw("partition", partition)
                .raw("files", files)
                .raw("bytes", bytes)
                .maybe("records", records);
            partitions.push(object.end());
            rows.push(vec![
                partition.to_string(),
                grouped(files),
                size(bytes),
                records.map_or("-".to_owned(), grouped),
            ]);
        }
        let object = opened
            .object(self.count)?
            .raw("partitionList", array(partitions));
        let columns = opened.columns(self.count)?;
        let head = ["partition", "files", "on disk", "records"];
        output.say(object, || {
            let [name, number, format, compression, chunked, bytes, keys, pushed] = &columns[..] else {
                return String::new();
            };
            format!(
                "{name}: {number} partitions, {format} tables, compression {compression}, chunked {chunked}, {bytes} on disk, \
                 {keys} keys, pushed {pushed}\n{}",
                table(&head, &rows)
            )
        })
    }

    fn show_record(&self, opened: &Opened, key: &str, output: Output) -> Outcome {
        let bytes = opened.key(key, self.hex_keys)?;
        let name = opened.hosted.version().name();
        let partition = opened.partition_of(&bytes)?;
        let mut hosted = opened.hosted.partitions();
        let database = hosted.find(|(number, _)| *number == partition);
        let (_, database) = database.ok_or_else(|| {
            let text = format!(
                "the key {} is in partition {partition} of {name}, which is not in this folder",
                shown(key)
            );
            Failure::new(Exit::NoInput, text)
        })?;
        let stored = stored_key(&bytes, opened.state.chunked);
        let object = Object::new()
            .text("storeVersion", &name)
            .raw("key", opened.key_json(&bytes))
            .raw("partition", partition)
            .text("storedKey", hex(&stored));
        let mut records = database.records()?;
        records.seek(&stored)?;
        let record = records.next()?.filter(|(found, _)| *found == stored);
        let Some(record) = record.map(|(_, value)| value.to_vec()) else {
            output.say(object.raw("found", false), || {
                format!(
                    "{name} has no key {} (it would be in partition {partition})",
                    shown(key)
                )
            })?;
            return Err(Failure::new(Exit::No, "the key is not there"));
        };
        let header = record
            .first_chunk::<4>()
            .map(|header| i32::from_be_bytes(*header));
        let header = header.ok_or_else(|| {
            let text = format!(
                "the record has {} bytes, and no room for a schema id",
                record.len()
            );
            Failure::new(Exit::Data, text)
        })?;
        let version = opened
            .registry
            .store_version(&name)
            .map_err(StorageError::from)?;
        let mut value = Vec::new();
        let reader = version.reader(Tier::Any).map_err(StorageError::from)?;
        let found = reader.get(partition, &bytes, usize::MAX, |found| {
            found.copy_to(&mut value);
            found.schema_id()
        });
        let schema_id = found.map_err(StorageError::from)?.unwrap_or(header);
        let chunks = chunks_of(&record);
        let json = opened.value_json(schema_id, &value)?;
        let object = object
            .raw("found", true)
            .raw("recordBytes", record.len())
            .raw("recordSchemaId", header)
            .maybe("chunks", chunks)
            .raw("schemaId", schema_id)
            .raw("storedBytes", value.len())
            .maybe("value", json.as_ref())
            .maybe("hex", json.is_none().then(|| string(&hex(&value))));
        output.say(object, || {
            let chunked = match chunks {
                Some(chunks) => format!("a manifest of {}", count(chunks, "chunk")),
                None => "whole".to_owned(),
            };
            let text = match &json {
                Some(json) => super::get::pretty(json),
                None => hex(&value),
            };
            format!(
                "{name} partition {partition}, stored key {}, {chunked}, schema id {schema_id}, {} stored\n{text}",
                hex(&stored),
                size(value.len() as u64)
            )
        })
    }
}

/// The version that is called so, or the highest of a store.
fn find(folder: &Folder, name: &str, data: &Path) -> Outcome<StoredVersion> {
    let found = match parse_name(name) {
        Some(_) => folder
            .all()?
            .into_iter()
            .find(|version| version.name() == name),
        None => folder.newest(name)?,
    };
    found.ok_or_else(|| {
        let text = format!(
            "there is no store version {} in {}; `venice inspect --data {}` lists what is there",
            shown(name),
            data.display(),
            data.display()
        );
        Failure::new(Exit::NoInput, text)
    })
}

fn open(folder: &Folder, version: &StoredVersion) -> Outcome<Opened> {
    let registry = Registry::new();
    let hosted = Hosted::open(&registry, version, &BlockCache::new(CACHE)?)?;
    let state = registry
        .store_version(version.name())
        .and_then(|hosted| hosted.state(Tier::Any))
        .map_err(StorageError::from)?;
    Ok(Opened {
        description: Description::find(folder, &version.name())?,
        hosted,
        registry,
        state,
    })
}

impl Opened {
    /// Rows, exactly, or as RocksDB estimates them: chunks are then counted too.
    fn keys(&self, exactly: bool) -> Outcome<u64> {
        if !exactly {
            let numbers = self
                .registry
                .database_numbers(&[c"rocksdb.estimate-num-keys"], &[], &[]);
            // The state is a key too.
            let state = u64::from(self.hosted.version().has_metadata);
            return Ok(numbers.sums[0].saturating_sub(state));
        }
        let mut rows = 0;
        for (_, database) in self.hosted.partitions() {
            let mut records = database.records()?;
            while let Some((key, _)) = records.next()? {
                rows += u64::from(venice_storage::row_key(key, self.state.chunked).is_some());
            }
        }
        Ok(rows)
    }

    fn compression(&self) -> String {
        let id = self.state.compression_strategy;
        Strategy::of(id).map_or_else(
            |_| format!("strategy {id}"),
            |known| known.name().to_owned(),
        )
    }

    fn object(&self, exactly: bool) -> Outcome<Object> {
        let version = self.hosted.version();
        let keys = if exactly { "keys" } else { "estimatedKeys" };
        let times = [
            self.state.start_of_push_timestamp,
            self.state.end_of_push_timestamp,
        ];
        let [start, end] = times.map(|time| (time != 0).then_some(time));
        Ok(Object::new()
            .text("storeVersion", version.name())
            .raw("partitions", version.partitions.len())
            .text("table", self.hosted.format().name())
            .text("compression", self.compression())
            .raw("chunked", self.state.chunked)
            .raw("sorted", self.state.sorted)
            .raw("bytes", disk(&version.path).1)
            .raw(keys, self.keys(exactly)?)
            .maybe("startOfPush", start)
            .maybe("endOfPush", end)
            .maybe(
                "dictionaryBytes",
                self.state
                    .compression_dictionary
                    .as_ref()
                    .map(|bytes| bytes.len()),
            )
            .raw("described", self.description.is_some())
            .text("path", version.path.display().to_string()))
    }

    fn columns(&self, exactly: bool) -> Outcome<Vec<String>> {
        let version = self.hosted.version();
        let keys = grouped(self.keys(exactly)?);
        Ok(vec![
            version.name(),
            version.partitions.len().to_string(),
            self.hosted.format().name().to_owned(),
            self.compression(),
            if self.state.chunked { "yes" } else { "no" }.to_owned(),
            size(disk(&version.path).1),
            if exactly { keys } else { format!("~{keys}") },
            utc(self.state.end_of_push_timestamp),
        ])
    }

    /// A key as it is serialized.
    fn key(&self, text: &str, hexadecimal: bool) -> Outcome<Vec<u8>> {
        let wrong = |reason: String| {
            let text = format!("the key {} cannot be taken: {reason}", shown(text));
            Failure::new(Exit::Usage, text)
        };
        if hexadecimal {
            return unhex(text)
                .ok_or_else(|| wrong("give hexadecimal digits, such as 00ff".to_owned()));
        }
        match &self.description {
            Some(known) => Codec::new(&known.key_schema)?.of_text(text).map_err(wrong),
            None => Codec::new(&apache_avro::Schema::String)?
                .of_text(text)
                .map_err(wrong),
        }
    }

    fn key_json(&self, key: &[u8]) -> String {
        let string_schema = apache_avro::Schema::String;
        let schema = self
            .description
            .as_ref()
            .map_or(&string_schema, |known| &known.key_schema);
        let json = Codec::new(schema)
            .ok()
            .and_then(|codec| codec.to_json(key).ok());
        json.unwrap_or_else(|| string(&hex(key)))
    }

    /// The partition of a key: of all that there are, which the description knows, or of those that are here.
    fn partition_of(&self, key: &[u8]) -> Outcome<i32> {
        let here = &self.hosted.version().partitions;
        let all = match &self.description {
            Some(known) => known.partitions,
            None => here.last().map_or(0, |last| last.saturating_add(1)),
        };
        if all == 0 {
            let text = format!(
                "{} has no partition in this folder",
                self.hosted.version().name()
            );
            return Err(Failure::new(Exit::NoInput, text));
        }
        Ok(partition_of(key, all))
    }

    /// A value in words, if its schema is known.
    fn value_json(&self, schema_id: i32, stored: &[u8]) -> Outcome<Option<String>> {
        let Some(schema) = self
            .description
            .as_ref()
            .and_then(|known| known.value_schemas.get(&schema_id))
        else {
            return Ok(None);
        };
        let strategy = Strategy::of(self.state.compression_strategy)?;
        let dictionary = self.state.compression_dictionary.as_deref();
        let value = Compressor::new(strategy, dictionary)?.decompress(stored)?;
        let json = Codec::new(schema)?.to_json(&value).map_err(|reason| {
            let text = format!(
                "the value does not fit the schema {schema_id} of its description: {reason}"
            );
            Failure::new(Exit::Data, text)
        })?;
        Ok(Some(json))
    }
}

fn count_records(database: &Database) -> Outcome<u64> {
    let mut records = database.records()?;
    let mut number = 0;
    while records.next()?.is_some() {
        number += 1;
    }
    Ok(number)
}

/// Files below a folder, and their bytes. What goes away meanwhile is left out.
fn disk(folder: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let (files, bytes) = disk(&path);
            sum = (sum.0 + files, sum.1 + bytes);
        } else if let Ok(metadata) = entry.metadata() {
            sum = (sum.0 + 1, sum.1 + metadata.len());
        }
    }
    sum
}

/// Columns under their heads.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head = head.iter().map(|&name| name.to_owned()).collect();
    crate::output::table(&[&[head], rows].concat())
}

/// Milliseconds since the epoch as a time of day: 2026-11-29 09:30 UTC.
fn utc(millis: i64) -> String {
    let Ok(millis @ 1..) = u64::try_from(millis) else {
        return "-".to_owned();
    };
    let Some(time) = UNIX_EPOCH.checked_add(Duration::from_millis(millis)) else {
        return "-".to_owned();
    };
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    if days > MOST_DAYS {
        return "-".to_owned();
    }
    let (year, month, day) = date(days);
    format!(
        "{year}-{month:02}-{day:02} {:02}:{:02} UTC",
        second / 3600,
        second / 60 % 60
    )
}

/// Year, month and day of a number of days since the epoch (the Gregorian calendar).
fn date(days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    let mut left = days;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = if leap { 366 } else { 365 };
        if left < length {
            let february = if leap { 29 } else { 28 };
            let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in (1..).zip(months) {
                if left < length {
                    return (year, month, left + 1);
                }
                left -= length;
            }
        }
        left -= length;
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        assert_eq!(utc(0), "-");
        assert_eq!(utc(1), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_400_000), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_796_000_000_000), "2026-11-30 00:53 UTC");
        assert_eq!(utc(4_107_542_399_999), "2100-02-28 23:59 UTC");
        assert_eq!(utc(4_107_542_400_000), "2100-03-01 00:00 UTC");
        assert_eq!(utc(253_402_300_799_999), "9999-12-31 23:59 UTC");
        assert_eq!(utc(i64::MAX), "-");
    }
}
