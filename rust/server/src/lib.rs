//! The read server: gRPC over HTTP/2, inside the process that owns the databases.
//!
//! ```text
//!                      clients
//!                         | TCP, or TLS over it
//!   venice-accept     [ listener ]                 one thread; deals connections out in turn
//!                      /    |    \
//!   venice-read-0..N  [r]  [r]  [r]                one per core; own runtime, own connections
//!                      |    |    |     HTTP/2 > gRPC > stack; answered here when memory suffices
//!                      |    |    |
//!                      +----+----+     the requests that need the disk, and large batches
//!                           |
//!   venice-disk-0..M  [ bounded queue ]            threads that may wait; the answer goes back
//!                           |                      to the worker, which sends it
//!                        engine                    (store version, partition) -> RocksDB
//! ```
//!
//! A request is decoded where it lies ([`request`], [`key_string`], [`batch`]), answered by the
//! steps of [`stack`], and encoded once ([`response`]). What failures look like is in [`status`].
//! The threads are plain threads of the system: they belong to no JVM, call nothing of it, and
//! never keep one alive.
//!
//! Large batches can be had in pieces: [`streaming`] and [`streamed_batch`]. Before anything is read,
//! [`access`] and [`quota`] are asked.
//!
//! Read [`stack`] first, then [`service`], [`connection`] and [`server`].

#![forbid(unsafe_code)]

pub mod accept;
pub mod access;
mod access_table;
pub mod account;
mod answer_buffer;
pub mod batch;
pub mod client_memory;
mod client_stream;
pub mod clock;
pub mod config;
pub mod connection;
pub mod deadline;
pub mod disk;
pub mod drain;
pub mod echoed;
mod fair_queue;
pub mod floods;
pub mod frame_meter;
mod frames;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod given;
mod goodbye;
pub mod grpc;
pub mod grpc_messages;
pub mod handshakes;
pub mod health;
mod holding;
pub mod key_string;
mod lifetime;
pub mod metrics;
mod now_and_then;
mod outbox;
pub mod peer;
pub mod places;
pub mod quota;
pub mod quota_bucket;
pub mod quota_outcomes;
pub mod reflection;
pub mod request;
pub mod resource;
pub mod response;
pub mod runtime;
mod scheduling;
mod sent_in_place;
pub mod server;
pub mod service;
pub mod settings;
mod small_data;
mod spin;
pub mod stack;
pub mod status;
pub mod streamed_batch;
pub mod streaming;
pub mod tls;
pub mod worker;

pub use config::{Config, ConfigError};
pub use peer::PeerIdentity;
pub use quota::QuotaError;
pub use server::{Server, StartError};
pub use tls::TlsError;
