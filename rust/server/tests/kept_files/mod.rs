//! Files that are made of something else and kept beside it: compared by tests, written by whoever asks.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the sources, and whether files are to be written there: `bazel run` does, and Cargo with the variable.
pub(crate) fn root(variable: &str) -> (PathBuf, bool) {
    if let Some(workspace) = env::var_os("BUILD_WORKSPACE_DIRECTORY") {
        return (workspace.into(), true); // bazel run
    }
    if env::var_os("TEST_SRCDIR").is_some() {
        return (".".into(), false); // bazel test
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    (root, env::var_os(variable).is_some())
}

/// Writes files, by their names below the root, or returns which of them have another text.
pub(crate) fn differ(
    variable: &str,
    files: impl IntoIterator<Item = (String, impl AsRef<str>)>,
) -> Vec<String> {
    let (root, write) = root(variable);
    let mut differ = Vec::new();
    for (name, text) in files {
        let (path, text) = (root.join(&name), text.as_ref());
        if write {
            fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(name);
        }
    }
    differ
}
