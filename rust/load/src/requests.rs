//! The requests of a slice, encoded before it begins and then sent in turn.

use venice_wire::key_records::put_key;
use venice_wire::key_string;
use venice_wire::request::{self, StreamingRequest};
use venice_wire::response_records::{found_len, missing_len};

use crate::arguments::{Call, Slice};
use venice_load::store::{Draw, Store};

/// Keys in all requests together: enough that no cache of the processor holds what they ask for.
const KEYS: usize = 1 << 17;

/// The writer schema of every value in the stores.
const SCHEMA_ID: i32 = 1;

/// One request.
pub(crate) struct Request {
    /// With gRPC's prefix of five bytes.
    pub(crate) message: Vec<u8>,
    /// The numbers of its keys.
    pub(crate) keys: Vec<u64>,
    /// Bytes of `data`, or of all `records`, in the right answer.
    pub(crate) answer_bytes: usize,
}

/// Encodes requests for keys drawn at random.
pub(crate) fn draw(slice: &Slice, store: &Store) -> Vec<Request> {
    let mut draw = Draw::new(2026);
    let count = (KEYS / slice.keys).clamp(16, 8192);
    (0..count)
        .map(|_| {
            let keys = (0..slice.keys).map(|_| draw.next() % store.len()).collect();
            request(slice, store, keys)
        })
        .collect()
}

fn request(slice: &Slice, store: &Store, keys: Vec<u64>) -> Request {
    // gRPC's prefix.
    let mut message = vec![0; 5];
    let answer_bytes = if slice.call == Call::Get {
        put_get(&mut message, slice, store, keys[0])
    } else {
        put_batch(&mut message, slice, store, &keys)
    };
    let length = u32::try_from(message.len() - 5).expect("a request of less than 4 GiB");
    message[1..5].copy_from_slice(&length.to_be_bytes());
    Request {
        message,
        keys,
        answer_bytes,
    }
}

/// Appends a single get, and returns the bytes of `data` in the right answer.
fn put_get(message: &mut Vec<u8>, slice: &Slice, store: &Store, number: u64) -> usize {
    let key_string = key_string::encode(&store.key(number, slice.misses));
    let get = request::Request {
        partition: store.partition(number).into(),
        key_string: (&key_string).into(),
        resource_name: (&slice.store).into(),
        method: "GET",
        ..request::Request::default()
    };
    get.encode(message);
    match slice.misses {
        true => 0,
        false => store.value_bytes(),
    }
}

/// Appends a batch get, streamed or not, and returns the bytes of all records in the right answer.
fn put_batch(message: &mut Vec<u8>, slice: &Slice, store: &Store, keys: &[u64]) -> usize {
    let mut key_bytes = Vec::new();
    let mut answer_bytes = 0;
    for (&number, index) in keys.iter().zip(0..) {
        let key = store.key(number, slice.misses);
        put_key(&mut key_bytes, index, store.partition(number).into(), &key);
        answer_bytes += match (slice.misses, slice.call) {
            // Only a streamed answer says that a key is missing.
            (true, Call::Stream) => missing_len(index),
            (true, _) => 0,
            (false, _) => found_len(index, store.value_bytes(), SCHEMA_ID),
        };
    }
    if slice.call == Call::Batch {
        let batch = request::Request {
            key_bytes: &key_bytes,
            resource_name: (&slice.store).into(),
            is_batch: true,
            method: "POST",
            ..request::Request::default()
        };
        batch.encode(message);
    } else {
        let streamed = StreamingRequest {
            request_id: 1,
            resource_name: &slice.store,
            method: "POST",
            key_bytes: &key_bytes,
        };
        streamed.encode(message);
    }
    answer_bytes
}
