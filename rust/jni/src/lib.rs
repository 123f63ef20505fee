//! The library that Java loads in place of RocksJava's, as a door: natives are in the crates named
//! here.
//!
//! Nothing in Rust calls them, so they are named, or a linker that takes only what is called would
//! leave them out. Which symbols the finished library shows (`Java_*`, `JNI_On*`) is for the build
//! to say.

pub use venice_bridge as bridge;
pub use venice_rocksjava as rocksjava;
