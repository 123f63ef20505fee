//! What a client has to know of a store version and the server does not tell: schemas, the number of
//! partitions, the dictionary.
//!
//! In a Venice cluster the controller knows it. `venice load` writes it to
//! `<folder>/descriptions/<store>_v<N>.json`, and the commands that read look there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use apache_avro::Schema;
use serde_json::Value as Json;
use venice_storage::{parse_name, Folder, Strategy};

use crate::avro::parse_schema;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{hex, shown, unhex, Object};

/// A store version, as its clients see it.
pub(crate) struct Description {
    pub(crate) store: String,
    pub(crate) version: i32,
    pub(crate) partitions: i32,
    pub(crate) key_schema: Schema,
    /// By id.
    pub(crate) value_schemas: BTreeMap<i32, Schema>,
    pub(crate) compression: Strategy,
    pub(crate) dictionary: Option<Vec<u8>>,
}

impl Description {
    /// `<store>_v<N>`.
    pub(crate) fn name(&self) -> String {
        format!("{}_v{}", self.store, self.version)
    }

    /// Where that of a store version is.
    pub(crate) fn path(folder: &Folder, store: &str, version: i32) -> PathBuf {
        let root = folder.root();
        let name = format!("{store}_v{version}.json");
        root.parent()
            .unwrap_or(root)
            .join("descriptions")
            .join(name)
    }

    /// Writes it where the commands look.
    pub(crate) fn write(&self, folder: &Folder) -> Outcome<PathBuf> {
        let path = Description::path(folder, &self.store, self.version);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, self.to_json() + "\n"));
        let what = format!("cannot write {}", path.display());
        written.map_err(Failure::of(Exit::CannotCreate, what))?;
        Ok(path)
    }

    fn to_json(&self) -> String {
        let schemas = self.value_schemas.iter();
        let schemas = schemas.fold(Object::new(), |all, (id, schema)| {
            all.raw(&id.to_string(), schema_json(schema))
        });
        let object = Object::new()
            .text("store", &self.store)
            .raw("version", self.version)
            .raw("partitions", self.partitions)
            .raw("keySchema", schema_json(&self.key_schema))
            .raw("valueSchemas", schemas.end())
            .text("compression", self.compression.name());
        match &self.dictionary {
            Some(dictionary) => object.text("dictionary", hex(dictionary)).end(),
            None => object.end(),
        }
    }

    /// Reads one from a file.
    pub(crate) fn read(path: &Path) -> Outcome<Description> {
        let text = fs::read_to_string(path);
        let what = format!("cannot read {}", path.display());
        let text = text.map_err(Failure::of(Exit::NoInput, what))?;
        Description::of_json(&text).map_err(|reason| {
            let text = format!(
                "{} is no description of a store version: {reason}; `venice load` writes them",
                path.display()
            );
            Failure::new(Exit::Config, text)
        })
    }

    fn of_json(text: &str) -> Result<Description, String> {
        let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let text = |name: &str| {
            let text = json[name].as_str();
            text.ok_or_else(|| format!("{name} is {}, and should be a text", json[name]))
        };
        let number = |name: &str| {
            let number = json[name]
                .as_i64()
                .and_then(|number| i32::try_from(number).ok());
            let number = number.filter(|number| *number > 0);
            number.ok_or_else(|| format!("{name} is {}, and should be a number from 1", json[name]))
        };
        let schema =
            |json: &Json| parse_schema(&json.to_string()).map_err(|error| error.to_string());
        let mut value_schemas = BTreeMap::new();
        let schemas = json["valueSchemas"].as_object();
        for (id, json) in schemas.ok_or("valueSchemas is missing")? {
            let id = id.parse().map_err(|_| format!("{} is no id", shown(id)))?;
            value_schemas.insert(id, schema(json)?);
        }
        let strategies = [Strategy::NoOp, Strategy::Gzip, Strategy::ZstdWithDict];
        let name = text("compression")?;
        let compression = strategies.into_iter().find(|known| known.name() == name);
        let dictionary = json["dictionary"].as_str().map(|text| {
            unhex(text).ok_or_else(|| "the dictionary is not in hexadecimal".to_owned())
        });
        Ok(Description {
            store: text("store")?.to_owned(),
            version: number("version")?,
            partitions: number("partitions")?,
            key_schema: schema(&json["keySchema"])?,
            value_schemas,
            compression: compression
                .ok_or_else(|| format!("there is no compression {}", shown(name)))?,
            dictionary: dictionary.transpose()?,
        })
    }

    /// That of a store, by its name or by `<store>_v<N>`, if there is one; of a store, that of the highest version.
    pub(crate) fn find(folder: &Folder, name: &str) -> Outcome<Option<Description>> {
        let path = match parse_name(name) {
            Some((store, version)) => Some(Description::path(folder, store, version)),
            None => newest(folder, name)?,
        };
        match path {
            Some(path) if path.exists() => Description::read(&path).map(Some),
            _ => Ok(None),
        }
    }
}

/// The description of the highest version of a store.
fn newest(folder: &Folder, store: &str) -> Outcome<Option<PathBuf>> {
    let Some(descriptions) = Description::path(folder, store, 1)
        .parent()
        .map(Path::to_owned)
    else {
        return Ok(None);
    };
    if !descriptions.exists() {
        return Ok(None);
    }
    let what = format!("cannot list {}", descriptions.display());
    let entries = fs::read_dir(&descriptions).map_err(Failure::of(Exit::NoInput, what))?;
    let versions = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let (found, version) = parse_name(name.strip_suffix(".json")?)?;
        (found == store).then_some(version)
    });
    Ok(versions
        .max()
        .map(|version| Description::path(folder, store, version)))
}

/// The text of a schema.
pub(crate) fn schema_json(schema: &Schema) -> String {
    // A schema that was parsed can be printed.
    serde_json::to_string(schema).unwrap_or_else(|_| schema.canonical_form())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(version: i32) -> Description {
        let record =
            r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1}]}"#;
        Description {
            store: "emoji".to_owned(),
            version,
            partitions: 8,
            key_schema: parse_schema("string").unwrap(),
            value_schemas: BTreeMap::from([(3, parse_schema(record).unwrap())]),
            compression: Strategy::ZstdWithDict,
            dictionary: Some(vec![1, 0xFF]),
        }
    }

    #[test]
    fn what_is_written_is_found() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::at(data.path());
        assert!(Description::find(&folder, "emoji").unwrap().is_none());
        for version in [1, 10, 9] {
            described(version).write(&folder).unwrap();
        }
        let found = |name: &str| Description::find(&folder, name).unwrap();
        let newest = found("emoji").unwrap();
        assert_eq!(newest.name(), "emoji_v10");
        assert_eq!(newest.partitions, 8);
        assert_eq!(newest.key_schema, Schema::String);
        assert_eq!(newest.value_schemas, described(1).value_schemas);
        assert_eq!(newest.compression, Strategy::ZstdWithDict);
        assert_eq!(newest.dictionary, Some(vec![1, 0xFF]));
        assert_eq!(found("emoji_v9").unwrap().version, 9);
        assert!(found("emoji_v2").is_none());
        assert!(found("other").is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = described(1).to_json();
        for (from, to, expected) in [
            ("\"partitions\":8", "\"partitions\":0", "partitions is 0"),
            ("\"string\"", "\"strin\"", "is no Avro schema"),
            ("ZSTD_WITH_DICT", "LZ4", "there is no compression \"LZ4\""),
            ("01ff", "01f", "hexadecimal"),
            ("\"3\"", "\"x\"", "\"x\" is no id"),
            ("{\"store\"", "{{", "column"),
        ] {
            assert!(good.contains(from), "{good}");
            let error = Description::of_json(&good.replace(from, to)).err().unwrap();
            assert!(error.contains(expected), "{error}");
        }
    }
}
