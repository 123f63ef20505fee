//! What the read server is measured against, on the same engine and the same files, without a JVM.
//!
//! ```text
//! baselines tonic  FOLDER TABLE VALUE_BYTES...                the read service on tonic, as it comes
//! baselines pajamax FOLDER TABLE VALUE_BYTES...               the same on pajamax
//! baselines ours   FOLDER TABLE VALUE_BYTES...                our server, for profiles of it alone
//! baselines uncounted FOLDER TABLE VALUE_BYTES...             our server without metrics: what they cost
//! baselines loop   FOLDER TABLE KEYS READER VALUE_BYTES...    reads without a network
//! baselines turns  FOLDER TABLE VALUE_BYTES [SIZE WAY]       single gets of a turn, read in several ways
//! baselines large  FOLDER TABLE VALUE_BYTES KEYS             a batch of megabytes against MultiGet and one send
//! baselines write  FOLDER TABLE KEYS VALUE_BYTES              a store for them, without Java
//! ```
//!
//! `FOLDER/rocksdb` has the store versions `values<N>_v1`, in `TABLE` (`BLOCK_BASED` or `PLAIN`). A
//! server prints `plain <port>`, and ends with its standard input. What `loop` takes is in
//! [`read_loop`].

#![forbid(unsafe_code)]

mod keys;
mod large_batch;
mod pajamax_server;
mod read_loop;
mod reads;
mod store_writer;
mod stores;
mod tonic_server;
mod turns;

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use venice_engine::testing::BlockCache;
use venice_server::{Config, Server};

use crate::stores::{table_format, Stores};

fn wait_for_end_of_input() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}

fn serve_by_ours(stores: &Stores, side: &str) -> Result<(), Box<dyn Error>> {
    let metrics = if side == "uncounted" { "false" } else { "true" };
    let settings = [
        "bind.address",
        "127.0.0.1",
        "metrics.enabled",
        metrics,
        "max.response.bytes",
        "33554432",
    ];
    let config = Config::from_pairs(&settings)?;
    let drain = config.drain;
    let server = Server::start(config, Arc::clone(&stores.registry))?;
    println!("plain {}", server.port());
    wait_for_end_of_input()?;
    server.stop(drain);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // As when a JVM loads the library.
    venice_engine::handles::start();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let cache = BlockCache::default();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [side @ ("ours" | "uncounted"), folder, table, _, ..] => {
            serve_by_ours(&Stores::open(folder, table, cache, &words[3..])?, side)
        }
        ["tonic", folder, table, _, ..] => {
            let stores = Stores::open(folder, table, cache, &words[3..])?;
            tonic_server::serve(Arc::clone(&stores.registry), wait_for_end_of_input)
        }
        ["pajamax", folder, table, _, ..] => {
            let stores = Stores::open(folder, table, cache, &words[3..])?;
            pajamax_server::serve(Arc::clone(&stores.registry), wait_for_end_of_input)
        }
        ["loop", folder, table, keys, reader, _, ..] => {
            let reader = reader.parse()?;
            let stores = Stores::open(folder, table, read_loop::cache(reader), &words[5..])?;
            read_loop::run(&stores, Path::new(keys), reader)
        }
        ["turns", folder, table, value_bytes, ref only @ ..] => {
            let stores = Stores::open(folder, table, cache, &words[3..4])?;
            let only = match *only {
                [size, way] => Some((size, way)),
                _ => None,
            };
            turns::run(&stores, Path::new(folder), value_bytes, only)
        }
        ["large", folder, table, value_bytes, count] => {
            let stores = Stores::open(folder, table, cache, &words[3..4])?;
            large_batch::run(stores, Path::new(folder), value_bytes, count)
        }
        ["write", folder, table, keys, value_bytes] => Ok(store_writer::write(
            Path::new(folder),
            table_format(table)?,
            keys.parse()?,
            value_bytes.parse()?,
        )?),
        _ => Err(
            "give tonic, pajamax, ours, uncounted, loop, turns, large or write, a folder, a table format, and lengths of values"
                .into(),
        ),
    }
}
