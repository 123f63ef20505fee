//! What the server is compiled with is what `proto/` says.
//!
//! To write the files anew after a change of a .proto: `./bazelw run //rust/proto:generated_files_test`, or
//! `WRITE_GENERATED=1 cargo test --workspace --test generated_files`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use venice_proto::generated::FILES;

/// The root of the sources, and whether files are to be written there.
fn root() -> (PathBuf, bool) {
    if let Some(workspace) = env::var_os("BUILD_WORKSPACE_DIRECTORY") {
        return (workspace.into(), true); // bazel run
    }
    if env::var_os("TEST_SRCDIR").is_some() {
        return (".".into(), false); // bazel test
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    (root, env::var_os("WRITE_GENERATED").is_some())
}

#[test]
fn the_servers_files_are_those_of_the_protos() {
    let (root, write) = root();
    let folder = root.join("rust/server/src/services/generated");
    let mut differ = Vec::new();
    for (name, text) in FILES {
        let path = folder.join(name);
        if write {
            fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(name);
        }
    }
    assert!(
        differ.is_empty(),
        "{differ:?} of rust/server/src/services/generated are not what proto/ says: run \
         `./bazelw run //rust/proto:generated_files_test`"
    );
}
