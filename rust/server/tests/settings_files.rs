//! What documents and Java say of settings is what the tables of `src/config` say.
//!
//! To print the files anew after a change of a table: `./bazelw run //rust/server:settings_files_test`, or
//! `PRINT_SETTINGS=1 cargo test --workspace --test settings_files`.

mod printed;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use venice_server::config::sections::sections;

/// The root of the sources, and whether files are to be printed there.
fn root() -> (PathBuf, bool) {
    if let Some(workspace) = env::var_os("BUILD_WORKSPACE_DIRECTORY") {
        return (workspace.into(), true); // bazel run
    }
    if env::var_os("TEST_SRCDIR").is_some() {
        return (".".into(), false); // bazel test
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    (root, env::var_os("PRINT_SETTINGS").is_some())
}

#[test]
fn the_files_are_those_of_the_tables() {
    let (root, print) = root();
    let mut differ = Vec::new();
    for (name, text) in printed::files(&sections()) {
        let path = root.join(&name);
        if print {
            fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(name);
        }
    }
    assert!(
        differ.is_empty(),
        "{differ:?} are not what the tables of rust/server/src/config say: run \
         `./bazelw run //rust/server:settings_files_test`"
    );
}

#[test]
fn every_row_is_in_every_file() {
    let all = printed::files(&sections());
    for index in 0..sections().len() {
        let mut fewer = sections();
        let name = fewer[index].settings.remove(0).spec.name;
        for ((file, all), (_, fewer)) in all.iter().zip(printed::files(&fewer)) {
            assert!(all.contains(name), "{file} does not tell of {name}");
            assert!(
                all.len() > fewer.len(),
                "{file} tells the same without {name}"
            );
        }
    }
}
