//! A get and a batch get as others' servers answer them here: messages by prost, over the engine.

use bytes::BytesMut;
use venice_engine::{each, Key, Registry, Tier, Value};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};
use venice_wire::key_records::Batch;
use venice_wire::key_string;

const OK: u32 = 200;
const KEY_NOT_FOUND: u32 = -420i32 as u32;
const MAX_BATCH_KEYS: usize = 10_000;

/// The answer, or why there is none.
pub(crate) fn answer(
    registry: &Registry,
    request: &VeniceClientRequest,
) -> Result<VeniceServerResponse, String> {
    let resource = &request.resource_name;
    let version = registry.store_version(resource);
    let version = version.map_err(|error| error.to_string())?;
    let reader = version.reader(Tier::Any);
    let reader = reader.map_err(|error| error.to_string())?;
    let mut response = VeniceServerResponse {
        compression_strategy: reader.compression_strategy() as u32,
        error_code: OK,
        ..Default::default()
    };
    let mut data = BytesMut::new();
    if request.is_batch_request {
        let batch = Batch::decode(&request.key_bytes, MAX_BATCH_KEYS, Key::new);
        let batch = batch.map_err(|error| error.to_string())?;
        let put_record = |position: usize, value: Option<Value<'_>>| {
            if let Some(value) = value {
                put(&mut data, batch.key_indexes[position].into());
                put(&mut data, value.len() as i64);
                value.copy_to(&mut data);
                put(&mut data, value.schema_id().into());
            }
        };
        let read = reader.multi_get(&batch.keys, &mut each(put_record));
        read.map_err(|error| error.to_string())?;
        response.schema_id = 1;
        response.response_rcu = batch.keys.len() as u32;
    } else {
        let key = key_string::decode(&request.key_string);
        let key = key.map_err(|error| error.to_string())?;
        let partition = request.partition as i32;
        let found = reader.get(partition, &key, usize::MAX, |value| {
            value.copy_to(&mut data);
            value.schema_id()
        });
        response.response_rcu = 1;
        match found.map_err(|error| error.to_string())? {
            Some(schema_id) => response.schema_id = schema_id,
            None => {
                response.error_code = KEY_NOT_FOUND;
                response.error_message = "Key not found".to_owned();
            }
        }
    }
    response.data = data.into();
    Ok(response)
}

/// Appends a number as Avro has it.
fn put(out: &mut BytesMut, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.extend_from_slice(&[rest as u8 | 0x80]);
        rest >>= 7;
    }
    out.extend_from_slice(&[rest as u8]);
}
