//! Natives of `org.rocksdb` that open, close and destroy databases: one file per Java class, of its
//! name.
//!
//! All other natives of RocksJava are upstream's own C++, linked beside these and working on the
//! same pointers. These few are ours because they decide when a database exists: through them the
//! engine's [`Registry`] knows each open one, and a close waits for the reads of the server in this
//! process.
//!
//! To Java nothing is different: the same arguments, results and exceptions as
//! `java/rocksjni/{rocksjni,columnfamilyhandle}.cc` and `portal.h` of RocksDB 9.11.2. Where those
//! would crash the JVM (null for a path or for options), there is an exception.
//!
//! The rules that the unsafe blocks rest on, by number:
//!
//! 1. **Handles.** A `long` that Java passes is the pointer that a native returned for such an
//!    object, and Java keeps the object during the call (`RocksObject.nativeHandle_`). Upstream's
//!    natives rely on it as well.
//! 2. **The JVM's word.** What the JVM passes to a native is valid and of the type that the Java
//!    declaration says.
//!
//! [`Registry`]: venice_engine::Registry

pub mod column_family_handle;
mod entry;
pub mod library;
mod log;
pub mod natives;
pub mod rocks_db;
mod rocks_db_exception;

pub use natives::NATIVES;
