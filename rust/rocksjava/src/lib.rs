//! Natives of `org.rocksdb`, those that Venice reaches: one file per Java class, of its name (`classes`).
//!
//! All other natives of RocksJava are upstream's own C++, working on the same pointers, and called
//! under the same leases (`leased`). Through the ones here the engine's [`Registry`] knows each open database, and its
//! table of [`handles`] each live object of Java: a close waits for what is in use, and a use after
//! close is an exception (docs/ownership.md).
//!
//! To Java nothing else is different: the same arguments, results and exceptions as `java/rocksjni`
//! of RocksDB 9.11.2. Where that would crash the JVM (a closed object, null for a path or for
//! options, a rate limiter of 0 bytes per second), there is an exception.
//!
//! Below a native stands RocksDB's C interface (`rocksdb/c.h`), where it does exactly what
//! upstream's native does and its wrapper holds nothing but the object itself; else a C++ function
//! of `cpp/`, one file for each concern. Plain natives are one line each (`objects/native_macros.rs`).
//!
//! The rules that the unsafe blocks rest on, by number:
//!
//! 1. **Handles.** A `long` that Java passes for an object is one that a native returned for such an
//!    object, ours or upstream's (`RocksObject.nativeHandle_`). If it is ours, it is used under a
//!    lease ([`objects::handle::Object`]), so its object lives; if upstream's native made it, Java keeps it
//!    alive during the call, as upstream's natives rely on too.
//! 2. **The JVM's word.** What the JVM passes to a native is valid and of the type that the Java
//!    declaration says.
//! 3. **Borrowed memory.** Pointers into Rust memory are used by the callee during the call only.
//! 4. **Bytes of RocksDB.** Bytes that RocksDB shows live until what they were read into is released,
//!    or until its object is used again, and are copied to Java before that.
//! 5. **Filled on return.** The shim fills its out-parameters as its header says.
//!
//! [`Registry`]: venice_engine::Registry
//! [`handles`]: venice_engine::handles

pub mod classes;
pub mod jvm;
mod leased;
pub mod natives;
mod objects;
pub mod on_load;
#[cfg(all(test, feature = "bundled"))]
mod upstream_source;

pub use natives::NATIVES;
