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
//!   venice-compute-0..K                            threads that compute; these too may wait
//!   venice-disk-0..M  [ bounded queue ]            threads that may wait; the answer goes back
//!                           |                      to the worker, which sends it
//!                        engine                    (store version, partition) -> RocksDB
//! ```
//!
//! The rooms, from the top floor down; a room uses those below it, never one above or beside it
//! (`//tests/architecture`):
//!
//! | Room | What happens there |
//! |---|---|
//! | [`lifecycle`] | a server starts and stops; its threads |
//! | [`admin`] | operators look at the server, and change it, over a socket of their own |
//! | [`services`] | a call finds its method: get and batchGet, streaming, health, reflection, channelz |
//! | [`transport`] | a connection is accepted, encrypted, guarded, and ends without losing an answer |
//! | [`read_path`] | one request is answered, on the worker or on a disk thread; what a failure looks like |
//! | [`grpc`] | messages and trailers over HTTP bodies; deadlines |
//! | [`http_form`] | Venice's requests over HTTP: what they mean, how answers look |
//! | [`metadata`] | what is told of stores beside their records |
//! | [`policy`] | who may read, and how much |
//! | [`response`] | an answer is encoded once |
//! | [`memory`] | what clients make the server hold is counted and shared |
//! | [`observe`] | where rooms find what they count in |
//! | [`config`] | the settings: names, values, defaults |
//! | [`runtime`] | clocks, the drain, busy polling |
//!
//! Venice's messages, and the keys and names in them, are decoded by the crate [`venice_wire`].
//!
//! The threads are plain threads of the system: they belong to no JVM, call nothing of it, and
//! never keep one alive.
//!
//! The rooms are private. What other crates use is exported below, by name: [`Server`] and [`Config`], and
//! what goes into and comes out of them. What this crate's own tests need besides is listed in
//! [`internals`].
//!
//! Read [`read_path::stack`] first, then [`services::routes`], [`transport::connection`] and
//! [`lifecycle::server`].

#![forbid(unsafe_code)]

mod admin;
mod config;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod grpc;
mod http_form;
#[doc(hidden)]
pub mod internals;
mod lifecycle;
mod memory;
mod metadata;
mod observe;
mod policy;
mod read_path;
mod response;
mod runtime;
mod services;
mod transport;

pub use admin::control::{DrainError, DrainPlan, DrainReport, Phase, Step};
pub use config::live::{ChangeError, StoresError};
pub use config::sections::sections;
pub use config::{Config, ConfigError};
pub use lifecycle::server::Server;
pub use lifecycle::start_error::StartError;
pub use observe::hot_keys::{HotKeysError, HotKeysSession};
pub use policy::access::decision::AccessResult;
pub use policy::access::{Access, Subject};
pub use policy::quota::QuotaError;
pub use transport::tls::{KeyEntry, KeyStores, PemOnly, TlsError};
