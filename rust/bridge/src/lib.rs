//! Natives of our own Java classes, package `com.linkedin.venice.rust`: one file per class, of its
//! name.
//!
//! What crosses the border: numbers, strings, and *handles*. A handle is a number that names a
//! server in a table, never an address: a stale or invented one is refused, not followed.
//!
//! Every native runs in [`jni::EnvUnowned::with_env`], which catches panics, and ends in
//! [`throw::ReadServer`], which turns errors and panics into `ReadServerException`. So nothing
//! unwinds into the JVM and nothing aborts it. Threads of a server are never attached to the JVM:
//! they run no Java, hold no reference, and a JVM that exits does not wait for them. What a server
//! has to ask of Java, daemon threads of Java's come for ([`access_thread`], [`tls_thread`]).
//!
//! There is no `unsafe` block in this crate. Its exported names are the one thing that the compiler
//! cannot check; they are `Java_<class>_<method>` as the JNI specification mangles them.

pub mod access_thread;
pub mod administration;
pub mod key_store_reader;
pub mod read_server_error;
pub mod read_servers;
pub mod rust_read_server;
pub mod store_descriptions;
pub mod throw;
pub mod tls_thread;
pub mod version_reads;
