//! A request reads by one state of its store version: the compression strategy of its answer, and where
//! it looks for keys, are of the same state, whenever Java writes another one.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use harness::{batch_request, get_request, records, store, OK};
use prost::Message;
use venice_engine::testing::{after_state_lookup, TestStoreVersion};
use venice_engine::{Registry, StoreVersionState, Tier};
use venice_proto::{StreamingBatchGetRequest, StreamingBatchGetResponse, VeniceServerResponse};
use venice_server::internals::config::Limits;
use venice_server::internals::policy::Quota;
use venice_server::internals::read_path::{Admission, AdmissionStep, ReadPath, ReadStep};
use venice_server::internals::runtime::MonotonicClock;
use venice_server::Config;

/// Keys are bare, and values are not compressed.
fn bare() -> StoreVersionState {
    StoreVersionState::default()
}

/// Keys have a suffix, and values are compressed.
fn suffixed() -> StoreVersionState {
    StoreVersionState {
        chunked: true,
        compression_strategy: 1,
        ..Default::default()
    }
}

/// A store with a value of its own for each state, and the other state written behind each look-up.
/// Counts the look-ups.
fn changing_store(registry: &Arc<Registry>) -> (Rc<TestStoreVersion>, Rc<Cell<usize>>) {
    let store = Rc::new(store(registry, "store_v1"));
    store.put(0, b"key", 1, b"bare");
    store.put_unchunked(0, b"key", 1, b"suffixed");
    let lookups = Rc::new(Cell::new(0));
    // Gone with the test, not with its thread.
    let (changing, counted) = (Rc::downgrade(&store), Rc::clone(&lookups));
    after_state_lookup(move || {
        counted.set(counted.get() + 1);
        changing
            .upgrade()
            .unwrap()
            .put_state(&if counted.get() % 2 == 1 {
                suffixed()
            } else {
                bare()
            });
    });
    (store, lookups)
}

/// The value that belongs to a strategy.
fn value_of(strategy: u32) -> &'static [u8] {
    if strategy == 0 {
        b"bare"
    } else {
        b"suffixed"
    }
}

#[test]
fn gets_and_batches_look_it_up_once() {
    let registry = Registry::new();
    let (_store, lookups) = changing_store(&registry);
    let read_path = ReadPath::new(Arc::clone(&registry), &Limits::of(&Config::default()));
    let get = get_request("store_v1", 0, b"key");
    let batch = batch_request("store_v1", &[(0, b"key"), (0, b"key"), (0, b"none")]);
    for tier in [Tier::Memory, Tier::Any] {
        for round in 0..4u32 {
            let before = lookups.get();
            let reply = harness::answer(&read_path, &get.encode_to_vec(), tier).unwrap();
            let response = VeniceServerResponse::decode(reply.message()).unwrap();
            assert_eq!(response.error_code, OK);
            assert_eq!(response.compression_strategy, round % 2, "{tier:?}");
            assert_eq!(response.data, value_of(round % 2), "{tier:?}");
            assert_eq!(lookups.get(), before + 1);

            let reply = harness::answer(&read_path, &batch.encode_to_vec(), tier).unwrap();
            let response = VeniceServerResponse::decode(reply.message()).unwrap();
            let strategy = response.compression_strategy;
            assert_eq!(strategy, 1 - round % 2, "{tier:?}");
            let value = value_of(strategy).to_vec();
            assert_eq!(
                records(&response.data),
                [(0, value.clone(), 1), (1, value, 1)],
                "{tier:?}"
            );
            assert_eq!(lookups.get(), before + 2);
            // The next round begins with the other state.
            after_one_more(&read_path, &get, tier);
        }
    }
}

/// One look-up more.
fn after_one_more(read_path: &ReadPath, get: &impl Message, tier: Tier) {
    harness::answer(read_path, &get.encode_to_vec(), tier).unwrap();
}

#[test]
fn each_chunk_of_a_streamed_answer_has_the_strategy_of_its_values() {
    let registry = Registry::new();
    let (_store, lookups) = changing_store(&registry);
    let read_path = ReadPath::new(Arc::clone(&registry), &Limits::of(&Config::default()));
    let config = Config::default();
    let clock = Arc::<MonotonicClock>::default();
    let quota = Quota::new(config.quota_refill, config.worker_threads, clock);
    let keys: Vec<(u32, &[u8])> = vec![(0, b"key"); 100];
    let request = StreamingBatchGetRequest {
        request_id: 7,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &keys).key_bytes,
    };
    let admission = Admission {
        access: None,
        quota: &quota,
        is_retry: false,
        batches_wait: false,
    };
    let message = Bytes::from(request.encode_to_vec());
    for tier in [Tier::Memory, Tier::Any] {
        let admitted = read_path.admit_streamed(&message, &admission, &mut 0);
        let AdmissionStep::Decided(Ok(mut batch)) = admitted else {
            panic!("{admitted:?}");
        };
        let (mut answered, mut chunks) = (0, 0);
        while !batch.is_done() {
            let before = lookups.get();
            let step = read_path.next_chunk(&mut batch, tier);
            let ReadStep::Done(Ok(Some(chunk))) = step else {
                panic!("{step:?}");
            };
            assert_eq!(lookups.get(), before + 1);
            let chunk = StreamingBatchGetResponse::decode(chunk.message()).unwrap();
            let value = value_of(chunk.compression_strategy);
            for (_, read, _) in records(&chunk.records) {
                assert!(read == value, "{tier:?}, chunk {chunks}");
                answered += 1;
            }
            chunks += 1;
        }
        assert_eq!(answered, keys.len());
        assert!(chunks > 1);
    }
}
