//! Bytes in, bytes out, without a socket: what is answered at once, and what has to wait for the
//! disk.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::{batch_request, get_request, store, store_with, KEY_NOT_FOUND, OK};
use prost::Message;
use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{ReadError, Registry, StoreVersionState, Tier};
use venice_proto::VeniceServerResponse;
use venice_server::internals::config::{Limits, RefillPolicy};
use venice_server::internals::policy::Quota;
use venice_server::internals::read_path::{
    Admission, AdmissionStep, Failure, ReadPath, ReadStep, INLINE_BATCH_KEYS,
    INLINE_PLAIN_BATCH_KEYS, INLINE_VALUE_BYTES,
};
use venice_server::internals::response::{EncodedResponse, Place};
use venice_server::internals::runtime::ManualClock;
use venice_server::Config;

fn answer(
    read_path: &ReadPath,
    request: &impl Message,
    tier: Tier,
) -> Result<VeniceServerResponse, Failure> {
    let reply = harness::answer(read_path, &request.encode_to_vec(), tier)?;
    Ok(VeniceServerResponse::decode(reply.message()).unwrap())
}

#[test]
fn what_is_in_memory_needs_no_disk() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let get = get_request("store_v1", 0, b"key");
    assert_eq!(
        answer(&read_path, &get, Tier::Memory).unwrap().error_code,
        OK
    );

    // In a file whose blocks nobody has read: memory does not know, the disk does.
    store.flush(0);
    store.reopen(0);
    assert!(matches!(
        answer(&read_path, &get, Tier::Memory),
        Err(Failure::Read(ReadError::WouldBlock))
    ));
    assert_eq!(
        answer(&read_path, &get, Tier::Any).unwrap().data,
        b"payload"
    );
    // Now its blocks are in the cache, and the cache knows what is not there as well.
    assert_eq!(
        answer(&read_path, &get, Tier::Memory).unwrap().data,
        b"payload"
    );
    let miss = get_request("store_v1", 0, b"keyless");
    assert_eq!(
        answer(&read_path, &miss, Tier::Memory).unwrap().error_code,
        KEY_NOT_FOUND
    );
}

#[test]
fn a_large_batch_waits_for_its_turn_even_in_memory() {
    waits_for_its_turn(TableFormat::BlockBased, INLINE_BATCH_KEYS);
    waits_for_its_turn(TableFormat::Plain, INLINE_PLAIN_BATCH_KEYS);
}

/// Batches above `most` keys do.
fn waits_for_its_turn(format: TableFormat, most: usize) {
    let registry = Registry::new();
    let store = TestStoreVersion::create_with_format(&registry, "store_v1", format);
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let keys: Vec<(u32, &[u8])> = vec![(0, b"key"); most + 1];
    let largest = batch_request("store_v1", &keys[1..]);
    assert_eq!(
        answer(&read_path, &largest, Tier::Memory)
            .unwrap()
            .error_code,
        OK
    );
    let larger = batch_request("store_v1", &keys);
    assert!(matches!(
        answer(&read_path, &larger, Tier::Memory),
        Err(Failure::Read(ReadError::WouldBlock))
    ));
    let response = answer(&read_path, &larger, Tier::Any).unwrap();
    assert_eq!(response.response_rcu as usize, most + 1);
}

/// A batch that came as a single get has keys that nobody has counted.
#[test]
fn a_batch_by_the_method_of_single_gets_goes_to_a_disk_thread_however_small_it_is() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let refill = RefillPolicy {
        interval_millis: 1000,
        capacity_multiple: 1,
    };
    let quota = Quota::new(refill, 1, Arc::new(ManualClock::default()));
    let asks = |request: &venice_proto::VeniceClientRequest, batches_wait| {
        let admission = Admission {
            access: None,
            quota: &quota,
            is_retry: false,
            batches_wait,
        };
        match read_path.admit(&request.encode_to_vec(), &admission, &mut Place::apart()) {
            AdmissionStep::Decided(Ok(ReadStep::Done(Ok(_)))) => "answered",
            AdmissionStep::Decided(Ok(ReadStep::NeedsDisk)) => "waits",
            step => panic!("{step:?}"),
        }
    };
    let batch = batch_request("store_v1", &[(0, b"key")]);
    assert_eq!(asks(&batch, false), "answered");
    assert_eq!(asks(&batch, true), "waits");
    let get = get_request("store_v1", 0, b"key");
    assert_eq!(asks(&get, true), "answered");
}

#[test]
fn a_large_value_in_chunks_waits_for_its_turn_even_in_memory() {
    let registry = Registry::new();
    let chunked = StoreVersionState {
        chunked: true,
        ..Default::default()
    };
    let store = store_with(&registry, "store_v1", &chunked);
    for (key, length) in [
        (&b"largest"[..], INLINE_VALUE_BYTES),
        (b"larger", INLINE_VALUE_BYTES + 1),
    ] {
        store.put_chunked(0, key, 1, &vec![7; length], 100_000, 1);
    }
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let get = |key| get_request("store_v1", 0, key);
    let batch = |key| batch_request("store_v1", &[(0, key)]);
    for request in [get(b"largest"), batch(b"largest")] {
        let response = answer(&read_path, &request, Tier::Memory).unwrap();
        assert!(response.data.len() >= INLINE_VALUE_BYTES);
    }
    for request in [get(b"larger"), batch(b"larger")] {
        assert!(matches!(
            answer(&read_path, &request, Tier::Memory),
            Err(Failure::Read(ReadError::WouldBlock))
        ));
        let response = answer(&read_path, &request, Tier::Any).unwrap();
        assert!(response.data.len() > INLINE_VALUE_BYTES);
    }
}

#[test]
fn a_batch_of_which_one_key_needs_the_disk_is_read_again_as_a_whole() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"on disk", 1, b"a");
    store.flush(0);
    store.reopen(0);
    store.put(1, b"in memory", 1, b"b");
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));
    let batch = batch_request("store_v1", &[(1, b"in memory"), (0, b"on disk")]);
    assert!(matches!(
        answer(&read_path, &batch, Tier::Memory),
        Err(Failure::Read(ReadError::WouldBlock))
    ));
    let response = answer(&read_path, &batch, Tier::Any).unwrap();
    assert_eq!(
        harness::records(&response.data),
        [(0, b"b".to_vec(), 1), (1, b"a".to_vec(), 1)]
    );
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let read_path = ReadPath::new(Registry::new(), &Limits::of(&Config::default()));
    let error = harness::answer(&read_path, &[0x0A], Tier::Memory).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot parse VeniceClientRequest: message ends inside a field at byte 1"
    );
}

/// What comes of a request when `room` bytes of memory are there for its answer, and which were asked for.
fn with_room(
    read_path: &ReadPath,
    request: &impl Message,
    room: usize,
) -> (ReadStep<EncodedResponse>, Vec<usize>) {
    let mut asked = Vec::new();
    let mut reserve = |bytes: usize| {
        asked.push(bytes);
        bytes <= room
    };
    let mut place = Place::counted(&mut reserve);
    let step = read_path.answer(&request.encode_to_vec(), Tier::Any, &mut place);
    (step, asked)
}

#[test]
fn a_large_answer_is_made_once_there_is_room() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    const VALUE: usize = 300 * 1024;
    store.put(0, b"large", 1, &vec![7; VALUE]);
    store.put(0, b"small", 1, &[7; 1000]);
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&Config::default()));

    let small = get_request("store_v1", 0, b"small");
    let (step, asked) = with_room(&read_path, &small, 0);
    assert!(matches!(step, ReadStep::Done(Ok(_))), "{step:?}");
    assert_eq!(
        asked, [0usize; 0],
        "small ones are counted when they are there"
    );

    let large = get_request("store_v1", 0, b"large");
    let (step, asked) = with_room(&read_path, &large, VALUE - 1);
    assert!(
        matches!(step, ReadStep::NeedsRoom { bytes: VALUE }),
        "{step:?}"
    );
    assert_eq!(asked, [VALUE]);
    let (step, _) = with_room(&read_path, &large, VALUE);
    assert!(matches!(step, ReadStep::Done(Ok(_))), "{step:?}");

    // Ten of them: what more keys would take is asked for before the first is copied a second time.
    let batch: Vec<(u32, &[u8])> = vec![(0, b"large"); 10];
    let batch = batch_request("store_v1", &batch);
    let (step, asked) = with_room(&read_path, &batch, 4 * VALUE);
    let ReadStep::NeedsRoom { bytes } = step else {
        panic!("{step:?}");
    };
    assert_eq!(asked.last(), Some(&bytes));
    assert!(asked[..asked.len() - 1]
        .iter()
        .all(|asked| *asked <= 4 * VALUE));
    let (step, _) = with_room(&read_path, &batch, 16 * VALUE);
    assert!(matches!(step, ReadStep::Done(Ok(_))), "{step:?}");

    // What is larger than any answer is an error, whatever room there is.
    let small = Config {
        max_response_bytes: VALUE - 1,
        ..Config::default()
    };
    let read_path = ReadPath::new(registry.clone(), &Limits::of(&small));
    let (step, asked) = with_room(&read_path, &large, 0);
    assert!(
        matches!(step, ReadStep::Done(Err(Failure::TooLarge(_)))),
        "{step:?}"
    );
    assert_eq!(asked, [0usize; 0]);
}
