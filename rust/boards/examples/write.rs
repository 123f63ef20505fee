//! Writes what is made of the table of metrics: `./bazelw run //rust/boards:write`, or in `rust/`
//! `cargo run -p venice-boards --example write`.

use std::path::PathBuf;
use std::{env, fs, process};

fn main() {
    // Bazel says where the checkout is; Cargo where the crate is, in it.
    let root = match env::var_os("BUILD_WORKSPACE_DIRECTORY") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")),
    };
    if let Err(error) = write(&root) {
        eprintln!("{error}");
        process::exit(1);
    }
}

fn write(root: &std::path::Path) -> Result<(), String> {
    let failed = |path: &std::path::Path, error| format!("{}: {error}", path.display());
    for (path, text) in venice_boards::files() {
        let path = root.join(path);
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
        println!("{}", path.display());
    }
    let path = root.join(venice_boards::REFERENCE);
    let document = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    let document = venice_boards::with_reference(&document)?;
    fs::write(&path, document).map_err(|error| failed(&path, error))?;
    println!("{}", path.display());
    Ok(())
}
