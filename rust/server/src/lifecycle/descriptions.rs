//! Descriptions of stores in files: the setting `stores.descriptions`. What a description is, the crate
//! [`venice_catalog`] says; when files are read, `running.rs`.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;
use venice_catalog::limits::{CATALOG_BYTES, DESCRIPTION_BYTES, STORES as MOST_STORES};
use venice_catalog::{Catalog, Store};

use crate::config::live::StoresError;
use crate::runtime::file_wait;

/// What files describe, read whole.
#[derive(Debug, Default)]
pub(crate) struct Described {
    path: PathBuf,
    stores: Vec<Store>,
}

/// [`read`] for who waits no longer than `wait`. The error names the file that did not answer.
pub(crate) fn read_within(path: &Path, wait: Duration) -> Result<Described, StoresError> {
    let place = path.to_owned();
    let described = file_wait::within(wait, path, move |at| {
        read_each(&place, |file| at.file(file))
    });
    described.map_err(|error| wrong(error.file(path), format!("cannot be read: {error}")))?
}

/// Reads a file with one description, or those of a folder whose names end with `.json`.
pub(crate) fn read(path: &Path) -> Result<Described, StoresError> {
    read_each(path, |_| ())
}

/// The same, and says of each file that it is the next.
fn read_each(path: &Path, next: impl Fn(&Path)) -> Result<Described, StoresError> {
    let files = if path.is_dir() {
        files(path)?
    } else {
        vec![path.to_owned()]
    };
    let mut names = BTreeSet::new();
    let mut stores = Vec::new();
    let mut held = 0;
    for file in files {
        next(&file);
        let json = bytes(&file).map_err(|error| {
            wrong(
                &file,
                format!("cannot be read: {error}; name a file, or a folder of files"),
            )
        })?;
        let store = Store::from_json(&json).map_err(|error| wrong(&file, error.to_string()))?;
        if !names.insert(store.name.clone()) {
            let problem = format!(
                "describes store {:?}, as another file does; keep one of them",
                store.name
            );
            return Err(wrong(&file, problem));
        }
        held += store.bytes();
        if held > CATALOG_BYTES {
            let problem = format!(
                "with it the descriptions of the files have {held} bytes, and may have {CATALOG_BYTES}; describe fewer \
                 stores here"
            );
            return Err(wrong(&file, problem));
        }
        stores.push(store);
    }
    Ok(Described {
        path: path.to_owned(),
        stores,
    })
}

impl Described {
    /// Puts the stores into the catalog, and takes out those of `known` that are described no more, all at once.
    /// `known` has those of the files from then on. Where they have no room nothing changes.
    pub(crate) fn put_in(
        self,
        catalog: &Catalog,
        known: &mut BTreeSet<String>,
    ) -> Result<(), StoresError> {
        let names: BTreeSet<String> = self.stores.iter().map(|store| store.name.clone()).collect();
        let gone = known.difference(&names).map(String::as_str);
        let replaced = catalog.replace(gone, self.stores);
        replaced.map_err(|error| wrong(&self.path, error.to_string()))?;
        *known = names;
        Ok(())
    }
}

fn wrong(path: &Path, problem: String) -> StoresError {
    StoresError {
        path: path.display().to_string(),
        problem,
    }
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, StoresError> {
    let unreadable = |error: io::Error| wrong(folder, format!("cannot be listed: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
        if files.len() > MOST_STORES {
            let problem = format!("has more than {MOST_STORES} files *.json, which is the limit");
            return Err(wrong(folder, problem));
        }
    }
    files.sort();
    Ok(files)
}

/// The bytes of a file; of one that is too long a few more than a description may have, which says so.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = DESCRIPTION_BYTES as u64 + 1;
    open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file that can be read without waiting for another process: a pipe, a socket or a device is none.
fn open(file: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        // A pipe without a writer would hold up whoever opens it.
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(file)?;
    if opened.metadata()?.is_file() {
        return Ok(opened);
    }
    Err(io::Error::other("it is no regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(name: &str, limit: i32) -> String {
        format!(r#"{{"name": "{name}", "currentVersion": 0, "batchGetLimit": {limit}}}"#)
    }

    #[test]
    fn a_file_or_the_files_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("a.json"), description("a", 1)).unwrap();
        fs::write(file("b.json"), description("b", 2)).unwrap();
        fs::write(file("notes.txt"), "no description").unwrap();
        let catalog = Catalog::default();
        let mut known = BTreeSet::new();
        catalog.put(Store::new("of_java")).unwrap();
        let described = read(folder.path()).unwrap();
        described.put_in(&catalog, &mut known).unwrap();
        assert_eq!(catalog.store("b").unwrap().batch_get_limit, 2);
        let described = read(&file("a.json")).unwrap();
        described.put_in(&catalog, &mut known).unwrap();
        let names: Vec<String> = catalog
            .names()
            .iter()
            .map(|name| name.to_string())
            .collect();
        assert_eq!(names, ["a", "of_java"], "b is described no more");
        read(&file("missing.json")).unwrap_err();
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.json");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        for path in [folder.path(), &pipe] {
            let text = read(path).unwrap_err().to_string();
            assert!(
                text.contains("pipe.json: cannot be read: it is no regular file; name a file"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_has_no_room_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        fs::write(&file, description("a", 1)).unwrap();
        let catalog = Catalog::default();
        let mut known = BTreeSet::new();
        read(&file).unwrap().put_in(&catalog, &mut known).unwrap();
        // As many as there may be, and one of them goes for it.
        let others = (1..MOST_STORES).map(|number| Store::new(&format!("s{number}")));
        catalog.replace([], others.collect()).unwrap();
        fs::write(&file, description("b", 1)).unwrap();
        fs::write(folder.path().join("c.json"), description("c", 1)).unwrap();
        let described = read(folder.path()).unwrap();
        described.put_in(&catalog, &mut known).unwrap_err();
        assert!(catalog.store("a").is_some(), "nothing of it was done");
        assert!(catalog.store("b").is_none() && known.contains("a"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        fs::write(&file, "{}").unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        let path = file.display();
        assert_eq!(
            text,
            format!(
                "setting stores.descriptions: {path}: description of store \"\": name is missing; say whose \
                 description it is"
            )
        );
        fs::write(&file, description("a", 1)).unwrap();
        fs::write(folder.path().join("b.json"), description("a", 1)).unwrap();
        let text = read(folder.path()).unwrap_err().to_string();
        assert!(
            text.ends_with("b.json: describes store \"a\", as another file does; keep one of them"),
            "{text}"
        );
        let text = read(&folder.path().join("c.json")).unwrap_err().to_string();
        assert!(text.contains("c.json: cannot be read: "), "{text}");
    }
}
