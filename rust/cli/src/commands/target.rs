//! Which store version is read, where its keys are, and what its values say.

use std::path::PathBuf;

use apache_avro::Schema;
use venice_catalog::partition_of;
use venice_storage::{parse_name, Compressor, Folder, Strategy};

use crate::avro::Codec;
use crate::client::Value;
use crate::commands::load::schema;
use crate::data_folder::DataFolder;
use crate::description::Description;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{hex, shown, Object};

/// The options of commands that read.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetOptions {
    /// The store, or one of its versions: emoji, emoji_v2
    pub(crate) store: String,
    #[command(flatten, next_help_heading = "Store")]
    pub(crate) folder: DataFolder,
    /// The description of the store version, if it is elsewhere
    #[arg(long, value_name = "FILE", help_heading = "Store")]
    description: Option<PathBuf>,
    /// The number of partitions [default: as described]
    #[arg(long, value_name = "N", help_heading = "Store", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// Avro schema of keys: a file, or a primitive type [default: as described, else string]
    #[arg(long, value_name = "SCHEMA", help_heading = "Store")]
    key_schema: Option<String>,
    /// Avro schema of values: a file, or a primitive type [default: as described]
    #[arg(long, value_name = "SCHEMA", help_heading = "Store")]
    value_schema: Option<String>,
    /// Keys are given as they are serialized, in hexadecimal
    #[arg(long, help_heading = "Store")]
    hex_keys: bool,
    /// Print values as they are serialized, in hexadecimal
    #[arg(long, help_heading = "Store")]
    hex_values: bool,
}

/// A store version that is read.
pub(crate) struct Target {
    /// `<store>_v<N>`.
    pub(crate) resource: String,
    pub(crate) partitions: i32,
    key_schema: Schema,
    /// Of values of any schema id.
    value_schema: Option<Schema>,
    description: Option<Description>,
    hex_keys: bool,
    hex_values: bool,
}

/// A key as it was given, and as it is asked for.
pub(crate) struct AskedKey {
    /// As JSON.
    pub(crate) shown: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) partition: i32,
}

impl TargetOptions {
    /// Looks up what is known of the store version.
    pub(crate) fn target(&self) -> Outcome<Target> {
        let description = match &self.description {
            Some(file) => Some(Description::read(file)?),
            None => Description::find(&Folder::at(&self.folder.data), &self.store)?,
        };
        let unknown = |what: &str| {
            let text = format!(
                "{what} of {} is not known: there is no description of it in {}; give --data or --description, \
                 or name a version (<store>_v<N>) and give --partitions",
                shown(&self.store),
                self.folder.data.display()
            );
            Failure::new(Exit::Config, text)
        };
        let resource = match (parse_name(&self.store), &description) {
            (Some(_), _) => self.store.clone(),
            (None, Some(description)) => description.name(),
            (None, None) => return Err(unknown("the version")),
        };
        let described = description.as_ref().map(|known| known.partitions);
        let partitions = self.partitions.or(described);
        let described = description.as_ref().map(|known| known.key_schema.clone());
        let key_schema = schema(self.key_schema.as_deref())?.or(described);
        Ok(Target {
            resource,
            partitions: partitions.ok_or_else(|| unknown("the number of partitions"))?,
            key_schema: key_schema.unwrap_or(Schema::String),
            value_schema: schema(self.value_schema.as_deref())?,
            description,
            hex_keys: self.hex_keys,
            hex_values: self.hex_values,
        })
    }
}

impl Target {
    /// Serializes keys.
    pub(crate) fn keys<T: AsRef<str>>(&self, texts: &[T]) -> Outcome<Vec<AskedKey>> {
        let codec = Codec::new(&self.key_schema)?;
        let keys = texts.iter().map(|text| {
            let text = text.as_ref();
            let bytes = match self.hex_keys {
                true => crate::output::unhex(text).ok_or_else(|| "it is no hexadecimal".to_owned()),
                false => codec.of_text(text),
            };
            let bytes = bytes.map_err(|reason| {
                let text = format!(
                    "the key {} does not fit the schema of keys, {}: {reason}",
                    shown(text),
                    shown(&self.key_schema.canonical_form())
                );
                Failure::new(Exit::Usage, text)
            })?;
            Ok(AskedKey {
                shown: shown_key(&codec, &bytes),
                partition: partition_of(&bytes, self.partitions),
                bytes,
            })
        });
        keys.collect()
    }

    /// A key as it is on disk, in the partition that it was found in.
    pub(crate) fn stored_key(&self, bytes: &[u8], partition: i32) -> Outcome<AskedKey> {
        Ok(AskedKey {
            shown: shown_key(&Codec::new(&self.key_schema)?, bytes),
            partition,
            bytes: bytes.to_vec(),
        })
    }

    /// What turns values into JSON.
    pub(crate) fn values(&self, compression: Strategy) -> Outcome<Values<'_>> {
        let dictionary = self
            .description
            .as_ref()
            .and_then(|known| known.dictionary.as_deref());
        let compressor = match Compressor::new(compression, dictionary) {
            // Without the dictionary values are shown as they are stored.
            Err(_) if self.hex_values => None,
            made => Some(made?),
        };
        let mut codecs = Vec::new();
        if !self.hex_values {
            if let Some(schema) = &self.value_schema {
                codecs.push((None, Codec::new(schema)?));
            }
            let described = self
                .description
                .iter()
                .flat_map(|known| &known.value_schemas);
            for (id, schema) in described {
                codecs.push((Some(*id), Codec::new(schema)?));
            }
        }
        Ok(Values { compressor, codecs })
    }
}

fn shown_key(codec: &Codec<'_>, bytes: &[u8]) -> String {
    let json = codec.to_json(bytes);
    json.unwrap_or_else(|_| crate::output::string(&hex(bytes)))
}

/// Values of one store version as JSON.
pub(crate) struct Values<'t> {
    /// Without one, values stay as they are stored.
    compressor: Option<Compressor>,
    /// By schema id; without one, for all.
    codecs: Vec<(Option<i32>, Codec<'t>)>,
}

/// A value in words.
pub(crate) struct ShownValue {
    /// JSON: the datum, or a text of hexadecimal digits.
    pub(crate) json: String,
    /// Whether its schema was known.
    pub(crate) decoded: bool,
    pub(crate) schema_id: i32,
    /// Bytes as stored.
    pub(crate) stored: usize,
}

impl Values<'_> {
    /// Decompresses and decodes a value.
    pub(crate) fn show(&mut self, value: &Value) -> Outcome<ShownValue> {
        let bytes = match &mut self.compressor {
            Some(compressor) => compressor.decompress(&value.stored)?,
            None => value.stored.clone(),
        };
        let known = self
            .codecs
            .iter()
            .find(|(id, _)| id.is_none_or(|id| id == value.schema_id));
        let json = match known {
            Some((_, codec)) => codec.to_json(&bytes).map_err(|reason| {
                let text = format!(
                    "a value of schema id {} does not fit its schema: {reason}; give --value-schema, or --hex-values",
                    value.schema_id
                );
                Failure::new(Exit::Data, text)
            })?,
            None => crate::output::string(&hex(&bytes)),
        };
        Ok(ShownValue {
            json,
            decoded: known.is_some(),
            schema_id: value.schema_id,
            stored: value.stored.len(),
        })
    }
}

/// A key and its value as an object.
pub(crate) fn object(key: &AskedKey, value: Option<&ShownValue>) -> Object {
    let object = Object::new()
        .raw("key", &key.shown)
        .raw("partition", key.partition)
        .raw("found", value.is_some());
    match value {
        None => object,
        Some(value) => object
            .raw("schemaId", value.schema_id)
            .raw("storedBytes", value.stored)
            .raw(if value.decoded { "value" } else { "hex" }, &value.json),
    }
}
