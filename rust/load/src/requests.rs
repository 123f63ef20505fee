//! The requests of a slice, encoded before it begins and then sent in turn.

use crate::arguments::{Call, Slice};
use crate::protobuf::{put_bytes, put_number, put_varint, put_zigzag};
use venice_load::store::{Draw, Store};

/// Keys in all requests together: enough that no cache of the processor holds what they ask for.
const KEYS: usize = 1 << 17;

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
    let mut message = vec![0; 5];
    let mut answer_bytes = 0;
    if slice.call == Call::Get {
        let key = store.key(keys[0], slice.misses);
        put_number(&mut message, 1, store.partition(keys[0]).into());
        let key_string = format!("{}?f=b64", base64url(&key));
        put_bytes(&mut message, 2, key_string.as_bytes());
        put_bytes(&mut message, 5, slice.store.as_bytes());
        put_bytes(&mut message, 10, b"GET");
        if !slice.misses {
            answer_bytes = store.value_bytes();
        }
    } else {
        let mut records = Vec::new();
        for (index, &number) in keys.iter().enumerate() {
            put_zigzag(&mut records, index as u64);
            put_zigzag(&mut records, 16);
            records.extend_from_slice(&store.key(number, slice.misses));
            put_zigzag(&mut records, store.partition(number).into());
            answer_bytes += answer_record_bytes(slice, store, index);
        }
        if slice.call == Call::Batch {
            put_bytes(&mut message, 3, &records);
            put_bytes(&mut message, 5, slice.store.as_bytes());
            put_number(&mut message, 9, 1);
            put_bytes(&mut message, 10, b"POST");
        } else {
            put_number(&mut message, 1, 1);
            put_bytes(&mut message, 2, slice.store.as_bytes());
            put_bytes(&mut message, 3, b"POST");
            put_bytes(&mut message, 4, &records);
        }
    }
    let length = u32::try_from(message.len() - 5).expect("a request of less than 4 GiB");
    message[1..5].copy_from_slice(&length.to_be_bytes());
    Request {
        message,
        keys,
        answer_bytes,
    }
}

/// Bytes of a key's record in the answer: index, value, schema id.
fn answer_record_bytes(slice: &Slice, store: &Store, index: usize) -> usize {
    let mut numbers = Vec::new();
    put_zigzag(&mut numbers, index as u64);
    match (slice.misses, slice.call) {
        // A streamed answer says that a key is missing: negated index, no value, schema id -1000.
        (true, Call::Stream) => {
            numbers.clear();
            put_varint(&mut numbers, (2 * index as u64).saturating_sub(1));
            numbers.len() + 1 + 2
        }
        (true, _) => 0,
        (false, _) => {
            put_zigzag(&mut numbers, store.value_bytes() as u64);
            numbers.len() + store.value_bytes() + 1
        }
    }
}

/// As `java.util.Base64.getUrlEncoder()`: with padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for index in 0..4 {
            if index <= group.len() {
                text.push(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize] as char);
            } else {
                text.push('=');
            }
        }
    }
    text
}
