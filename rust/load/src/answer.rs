//! Checks an answer against the keys that were asked for.

use venice_wire::response::{Response, StreamedResponse};
use venice_wire::response_records;

use crate::arguments::{Call, Slice};
use crate::requests::Request;
use venice_load::store::Store;

const OK: i32 = 200;
/// `VeniceReadResponseStatus.KEY_NOT_FOUND`, -420.
const KEY_NOT_FOUND: i32 = -420;

/// Checks an answer's code and length; with `every_byte`, also what it says.
pub(crate) fn check(
    slice: &Slice,
    store: &Store,
    request: &Request,
    mut body: &[u8],
    every_byte: bool,
) -> Result<(), String> {
    let mut bytes = 0;
    let mut records = Vec::new();
    let mut code = 0;
    let mut text = String::new();
    if body.is_empty() {
        return Err("there is no message in it; its status is in the trailers".to_owned());
    }
    while !body.is_empty() {
        let message = message(&mut body).ok_or("its messages are cut off")?;
        let undecodable = |error| format!("its message cannot be decoded: {error}");
        let data = if slice.call == Call::Stream {
            let response = StreamedResponse::decode(message).map_err(undecodable)?;
            if let Some(footer) = response.footer {
                code = footer.error_code;
                text = footer.error_message;
            }
            response.records
        } else {
            let response = Response::decode(message).map_err(undecodable)?;
            code = response.error_code;
            text = response.error_message.to_owned();
            response.data
        };
        bytes += data.len();
        if every_byte {
            records.extend_from_slice(data);
        }
    }
    let right = match (slice.call, slice.misses) {
        (Call::Get, true) => KEY_NOT_FOUND,
        _ => OK,
    };
    if code != right {
        return Err(format!("code {code} for {right}: {text}"));
    }
    if slice.call == Call::Get && slice.misses {
        return Ok(());
    }
    if bytes != request.answer_bytes {
        let right = request.answer_bytes;
        return Err(format!("{bytes} bytes of data for {right}"));
    }
    match slice.call {
        _ if !every_byte || slice.misses => Ok(()),
        Call::Get if store.is_value(request.keys[0], &records) => Ok(()),
        Call::Get => Err(format!("not the value of key {}", request.keys[0])),
        Call::Batch | Call::Stream => check_records(store, request, &records),
    }
}

fn check_records(store: &Store, request: &Request, records: &[u8]) -> Result<(), String> {
    let mut found = 0;
    for record in response_records::decode(records) {
        let record = record.map_err(|error| error.to_string())?;
        let index = record.key_index;
        let number = usize::try_from(index)
            .ok()
            .and_then(|index| request.keys.get(index))
            .ok_or_else(|| format!("a record of index {index}, which was not asked for"))?;
        if !store.is_value(*number, record.value) {
            return Err(format!("not the value of key {number}"));
        }
        found += 1;
    }
    if found == request.keys.len() {
        return Ok(());
    }
    Err(format!("{found} records for {}", request.keys.len()))
}

/// Takes a message in gRPC's frame off the front.
fn message<'a>(body: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (prefix, rest) = body.split_at_checked(5)?;
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
    let (message, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *body = rest;
    (prefix[0] == 0).then_some(message)
}
