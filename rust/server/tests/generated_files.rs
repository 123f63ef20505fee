//! What the server is compiled with is what `proto/` says.
//!
//! To write the files anew after a change of a .proto: `./bazelw run //rust/server:generated_files_test`, or
//! `WRITE_GENERATED=1 cargo test --workspace --test generated_files`.

mod kept_files;

use venice_proto::generated::FILES;

#[test]
fn the_files_are_those_of_the_protos() {
    let named = |(name, text)| (format!("rust/server/src/services/generated/{name}"), text);
    let differ = kept_files::differ("WRITE_GENERATED", FILES.map(named));
    assert!(
        differ.is_empty(),
        "{differ:?} are not what proto/ says: run `./bazelw run //rust/server:generated_files_test`"
    );
}
