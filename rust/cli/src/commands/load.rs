//! `venice load`: a file of rows becomes a store version on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use apache_avro::Schema;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use venice_storage::{
    train_dictionary, Folder, Push, PushOptions, Pushed, StorageError, Strategy, TableFormat,
};

use crate::avro::{parse_schema, Codec, Row, Rows, Shape};
use crate::data_folder::DataFolder;
use crate::description::Description;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{count, grouped, shown, size, Object, Output};
use crate::units;

/// Bytes of values that a zstd dictionary is made of.
const SAMPLES: usize = 8 << 20;

/// Write rows as a store version on disk, as Venice's batch push does
///
/// INPUT is an Avro container file of records with the fields key and value, or lines of JSON such as {"key": "a",
/// "value": 1}. Keys may be texts, numbers, or records. The store version is written in the form that a Venice server
/// has on its disk; its schemas are written beside it, for the commands that read.
#[derive(Debug, clap::Args)]
pub(crate) struct Load {
    /// The file; - is standard input
    input: PathBuf,
    #[command(flatten)]
    folder: DataFolder,
    /// The store's name [default: the file's]
    #[arg(short, long, value_name = "NAME")]
    store: Option<String>,
    /// The version's number [default: the next one]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    version: Option<i32>,
    /// The number of partitions
    #[arg(
        short,
        long,
        value_name = "N",
        default_value_t = 8,
        allow_negative_numbers = true
    )]
    partitions: i32,
    /// The format of the tables
    #[arg(long, value_enum, default_value_t = Table::BlockBased)]
    table: Table,
    /// How values are compressed
    #[arg(long, value_enum, default_value_t = Compression::None)]
    compression: Compression,
    /// Split values above --chunk-size; every key then has a suffix on disk
    #[arg(long)]
    chunked: bool,
    /// The largest part of a split value
    #[arg(long, value_name = "BYTES", default_value = "950KiB", value_parser = units::bytes, requires = "chunked")]
    chunk_size: usize,
    /// Of rows with the same key take the last; without it they are an error
    #[arg(long)]
    last_wins: bool,
    /// The id that values have as their schema's
    #[arg(
        long,
        value_name = "ID",
        default_value_t = 1,
        allow_negative_numbers = true
    )]
    schema_id: i32,
    /// The field of a row that is the key
    #[arg(
        long,
        value_name = "NAME",
        default_value = "key",
        help_heading = "Rows"
    )]
    key_field: String,
    /// The field of a row that is the value
    #[arg(
        long,
        value_name = "NAME",
        default_value = "value",
        help_heading = "Rows"
    )]
    value_field: String,
    /// Avro schema of keys in JSON lines: a file, or a primitive type [default: that of the first key]
    #[arg(long, value_name = "SCHEMA", help_heading = "Rows")]
    key_schema: Option<String>,
    /// Avro schema of values in JSON lines: a file, or a primitive type [default: that of the first value]
    #[arg(long, value_name = "SCHEMA", help_heading = "Rows")]
    value_schema: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    /// Block-based: Venice's default
    BlockBased,
    /// Plain tables, read through a memory map
    Plain,
    /// Block-based, with values from 4 KiB in blob files
    Blob,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Compression {
    /// Not at all
    None,
    /// Each value is a gzip member
    Gzip,
    /// Each value is a zstd frame, with a dictionary made of the first values
    Zstd,
}

impl From<Table> for TableFormat {
    fn from(table: Table) -> TableFormat {
        match table {
            Table::BlockBased => TableFormat::BlockBased,
            Table::Plain => TableFormat::Plain,
            Table::Blob => TableFormat::Blob,
        }
    }
}

impl From<Compression> for Strategy {
    fn from(compression: Compression) -> Strategy {
        match compression {
            Compression::None => Strategy::NoOp,
            Compression::Gzip => Strategy::Gzip,
            Compression::Zstd => Strategy::ZstdWithDict,
        }
    }
}

impl Load {
    pub(crate) fn run(self, output: Output) -> Outcome {
        let begin = Instant::now();
        let folder = Folder::at(&self.folder.data);
        let mut options = self.options(&folder)?;
        let shape = Shape {
            key_field: self.key_field.clone(),
            value_field: self.value_field.clone(),
            key_schema: schema(self.key_schema.as_deref())?,
            value_schema: schema(self.value_schema.as_deref())?,
        };
        let mut rows = Rows::open(&self.input, shape)?;
        let (key_schema, value_schema) = (rows.key_schema.clone(), rows.value_schema.clone());
        let (key, value) = (Codec::new(&key_schema)?, Codec::new(&value_schema)?);

        let bar = progress(rows.bytes);
        let mut first = Vec::new();
        if options.compression == Strategy::ZstdWithDict {
            first = sample(&mut rows, &key, &value)?;
            let values: Vec<Vec<u8>> = first.iter().map(|row| row.value.clone()).collect();
            options.dictionary = Some(train_dictionary(&values)?);
        }
        let description = Description {
            store: options.store.clone(),
            version: options.version,
            partitions: options.partitions,
            key_schema: key_schema.clone(),
            value_schemas: BTreeMap::from([(self.schema_id, value_schema.clone())]),
            compression: options.compression,
            dictionary: options.dictionary.clone(),
        };
        let mut push = Push::start(&folder, options)?;
        for row in first {
            push.add(&row.key, self.schema_id, &row.value)?;
        }
        while let Some(row) = rows.next(&key, &value)? {
            push.add(&row.key, self.schema_id, &row.value)?;
            if push.rows() % 1024 == 0 {
                bar.set_position(rows.progress());
            }
        }
        bar.finish_and_clear();
        if push.rows() == 0 {
            let text = format!(
                "{} has no rows; give a file with at least one",
                self.input.display()
            );
            return Err(Failure::new(Exit::Data, text));
        }
        let bar = ProgressBar::new(push.rows());
        bar.set_style(style(
            "{wide_bar} {percent}% of the records written, {eta} left",
        ));
        let pushed = push.finish(|records| bar.set_position(records));
        bar.finish_and_clear();
        let pushed = pushed.map_err(|error| duplicate(error, &key))?;
        let description = description.write(&folder)?;
        self.say(&pushed, &description, begin.elapsed(), output)
    }

    fn options(&self, folder: &Folder) -> Outcome<PushOptions> {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => store_of(&self.input)?,
        };
        let version = match self.version {
            Some(version) => version,
            None => folder
                .newest(&store)?
                .map_or(1, |newest| newest.version.saturating_add(1)),
        };
        Ok(PushOptions {
            format: self.table.into(),
            compression: self.compression.into(),
            chunked: self.chunked,
            chunk_bytes: self.chunk_size,
            last_wins: self.last_wins,
            ..PushOptions::new(&store, version, self.partitions)
        })
    }

    fn say(&self, pushed: &Pushed, description: &Path, took: Duration, output: Output) -> Outcome {
        let compression = Strategy::from(self.compression).name();
        let format = TableFormat::from(self.table).name();
        let name = pushed.version.name();
        let object = Object::new()
            .text("storeVersion", &name)
            .raw("rows", pushed.rows)
            .raw("records", pushed.records)
            .raw("storedBytes", pushed.stored_bytes)
            .raw("partitions", self.partitions)
            .text("table", format)
            .text("compression", compression)
            .raw("chunked", self.chunked)
            .text("path", pushed.version.path.display().to_string())
            .text("description", description.display().to_string())
            .seconds("seconds", took);
        output.say(object, || {
            let rate = pushed.rows as f64 / took.as_secs_f64().max(1e-9);
            format!(
                "{name}: {} in {}, {} of values ({format} tables, compression {compression}), {} rows a second\n\
                 in {}; serve it by: venice serve --data {}",
                count(pushed.rows, "row"),
                count(u64::from(self.partitions.unsigned_abs()), "partition"),
                size(pushed.stored_bytes),
                grouped(rate as u64),
                pushed.version.path.display(),
                self.folder.data.display(),
            )
        })
    }
}

/// A schema that was given: the name of a primitive type, or a file with a schema.
pub(crate) fn schema(given: Option<&str>) -> Outcome<Option<Schema>> {
    let Some(given) = given else {
        return Ok(None);
    };
    let bare = given.bytes().all(|byte| byte.is_ascii_lowercase());
    if bare && !Path::new(given).exists() {
        return parse_schema(given).map(Some);
    }
    let text = fs::read_to_string(given).map_err(|error| {
        let text = format!(
            "cannot read the schema {}: {error}; give a file with an Avro schema, or a type such as string or long",
            shown(given)
        );
        Failure::new(Exit::NoInput, text)
    })?;
    parse_schema(&text).map(Some)
}

/// A store is called as its file, with other characters replaced.
fn store_of(input: &Path) -> Outcome<String> {
    let stem = input.file_stem().map(|stem| stem.to_string_lossy());
    match stem.as_deref() {
        Some("-") => Err(Failure::new(
            Exit::Usage,
            "rows from standard input have no name; give --store NAME",
        )),
        // Such as `.`: opening it will say what it is.
        None => Ok(String::new()),
        Some(stem) => {
            let replaced = stem.chars().map(|one| match one {
                '-' | '_' => one,
                _ if one.is_ascii_alphanumeric() => one,
                _ => '_',
            });
            Ok(replaced.collect())
        }
    }
}

/// The first rows: enough to make a dictionary of.
fn sample(rows: &mut Rows, key: &Codec<'_>, value: &Codec<'_>) -> Outcome<Vec<Row>> {
    let mut first = Vec::new();
    let mut bytes = 0;
    while bytes < SAMPLES {
        let Some(row) = rows.next(key, value)? else {
            break;
        };
        bytes += row.value.len();
        first.push(row);
    }
    Ok(first)
}

/// A key that comes twice, in the words of its schema.
fn duplicate(error: StorageError, codec: &Codec<'_>) -> Failure {
    let StorageError::DuplicateKey { key, .. } = &error else {
        return error.into();
    };
    let key = codec
        .to_json(key)
        .unwrap_or_else(|_| crate::output::hex(key));
    let text = format!(
        "the key {} comes twice; take one of the rows out, or the last by --last-wins",
        venice_wire::echoed::Echoed::new(&key)
    );
    Failure::new(Exit::Data, text)
}

/// On a terminal alone.
fn progress(bytes: Option<u64>) -> ProgressBar {
    match bytes {
        Some(bytes) => {
            let bar = ProgressBar::new(bytes);
            bar.set_style(style(
                "{wide_bar} {bytes} of {total_bytes} read, {eta} left",
            ));
            bar
        }
        None => {
            let bar = ProgressBar::new_spinner();
            bar.set_style(style("{spinner} {bytes} read, {bytes_per_sec}"));
            bar
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_called_as_their_files() {
        let name = |path: &str| store_of(Path::new(path)).unwrap();
        assert_eq!(name("a/emoji.avro"), "emoji");
        assert_eq!(name("my data.v2.jsonl"), "my_data_v2");
        assert!(store_of(Path::new("-")).is_err());
    }

    #[test]
    fn the_templates_of_progress_are_sound() {
        for template in [
            "{wide_bar} {bytes} of {total_bytes} read, {eta} left",
            "{spinner} {bytes} read, {bytes_per_sec}",
            "{wide_bar} {percent}% of the records written, {eta} left",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
