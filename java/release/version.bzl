"""The version of a release; the one place to change it besides MODULE.bazel and rust/Cargo.toml, which a test compares."""

VERSION = "0.1.0"
