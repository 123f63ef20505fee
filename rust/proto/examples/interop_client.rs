//! Reads a store version with tonic, as any Rust client would.
//!
//! usage: `interop_client ADDRESS RESOURCE PARTITIONS KEY...`
//!
//! Each key is taken as an Avro string. Every key is looked for in all partitions by single get, and has
//! to be in one; then it is read by batch get and by two requests on one streamed batch get, together
//! with a key that does not exist. All answers have to be equal. Ends with 1 and one line if not.

use std::collections::BTreeMap;
use std::error::Error;

use tonic::codegen::tokio_stream::{self, StreamExt};
use tonic::transport::Channel;
use venice_proto::{
    StreamingBatchGetFooter, StreamingBatchGetRequest, StreamingReadServiceClient,
    VeniceClientRequest, VeniceReadServiceClient,
};

const OK: u32 = 200;
const KEY_NOT_FOUND: u32 = 420u32.wrapping_neg();
const MISSING_SCHEMA_ID: i64 = -1000;
const MISSING_KEY: &[u8] = b"\x02\x00 no such key";

/// Value and schema id, by number of the key.
type Records = BTreeMap<i64, (Vec<u8>, i64)>;
type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run(&std::env::args().skip(1).collect::<Vec<_>>()).await {
        eprintln!("interop_client: {error}");
        std::process::exit(1);
    }
}

async fn run(arguments: &[String]) -> Outcome<()> {
    let [address, resource, partitions, names @ ..] = arguments else {
        return Err("usage: interop_client ADDRESS RESOURCE PARTITIONS KEY...".into());
    };
    let partitions: u32 = partitions.parse()?;
    let channel = Channel::from_shared(format!("http://{address}"))?;
    let channel = channel.connect().await?;
    let mut client = VeniceReadServiceClient::new(channel.clone());

    // Number, partition and bytes of each key.
    let mut keys = Vec::new();
    let mut expected = Records::new();
    for (number, name) in (0..).zip(names) {
        let key = avro_key(name);
        let mut found = Vec::new();
        for partition in 0..partitions {
            let answer = single_get(&mut client, resource, partition, &key).await?;
            if answer.error_code == OK {
                found.push(partition);
                expected.insert(number, (answer.data, i64::from(answer.schema_id)));
            } else if answer.error_code != KEY_NOT_FOUND {
                return Err(
                    format!("{name}: {} {}", answer.error_code, answer.error_message).into(),
                );
            }
        }
        require(found.len() == 1, || {
            format!("{name} is in the partitions {found:?}")
        })?;
        keys.push((number, found[0], key));
    }
    require(
        expected.values().all(|(value, _)| !value.is_empty()),
        || "a value is empty".to_owned(),
    )?;
    let mut with_missing = keys.clone();
    with_missing.push((names.len() as i64, 0, MISSING_KEY.to_vec()));

    let answer = client
        .batch_get(VeniceClientRequest {
            resource_name: resource.clone(),
            is_batch_request: true,
            method: "POST".to_owned(),
            key_bytes: key_bytes(&with_missing),
            ..Default::default()
        })
        .await?
        .into_inner();
    require(answer.error_code == OK, || answer.error_message.clone())?;
    let records = records(&answer.data)?;
    require(records == expected, || {
        format!("the batch get found {} keys, and differs", records.len())
    })?;

    stream(channel, resource, &keys, &with_missing, &expected).await?;
    println!(
        "rust: {0} of {0} keys equal by single get, batch get and streamed batch get",
        names.len()
    );
    Ok(())
}

async fn stream(
    channel: Channel,
    resource: &str,
    keys: &[(i64, u32, Vec<u8>)],
    with_missing: &[(i64, u32, Vec<u8>)],
    expected: &Records,
) -> Outcome<()> {
    let request = |request_id, resource_name: &str, keys| StreamingBatchGetRequest {
        request_id,
        resource_name: resource_name.to_owned(),
        method: "POST".to_owned(),
        key_bytes: key_bytes(keys),
    };
    let requests = [
        request(1, resource, with_missing),
        request(2, resource, keys),
        request(3, "no_such_store_v1", keys),
    ];
    let mut answers: BTreeMap<u64, (Records, Option<StreamingBatchGetFooter>)> = BTreeMap::new();
    let mut messages = StreamingReadServiceClient::new(channel)
        .batch_get(tokio_stream::iter(requests))
        .await?
        .into_inner();
    while let Some(message) = messages.next().await {
        let message = message?;
        let (found, footer) = answers.entry(message.request_id).or_default();
        found.extend(records(&message.records)?);
        *footer = message.footer.or(footer.take());
    }

    let count = keys.len() as u32;
    let mut first = answers.remove(&1).unwrap_or_default();
    let missing = first.0.remove(&-(keys.len() as i64));
    require(missing == Some((Vec::new(), MISSING_SCHEMA_ID)), || {
        format!("the record of a missing key is {missing:?}")
    })?;
    let second = answers.remove(&2).unwrap_or_default();
    let third = answers.remove(&3).unwrap_or_default();
    for (number, answer, missing) in [(1, first, 1), (2, second, 0)] {
        let footer = answer.1.ok_or(format!("request {number} has no footer"))?;
        let counts = (footer.error_code, footer.found_keys, footer.missing_keys);
        require(counts == (OK, count, missing), || {
            format!("request {number}: {footer:?}")
        })?;
        require(&answer.0 == expected, || {
            format!("request {number} differs from the single gets")
        })?;
    }
    let footer = third.1.ok_or("the third request has no footer")?;
    require(
        (footer.error_code, footer.failed_keys) == (500, count),
        || format!("a missing store: {footer:?}"),
    )
}

async fn single_get(
    client: &mut VeniceReadServiceClient<Channel>,
    resource: &str,
    partition: u32,
    key: &[u8],
) -> Outcome<venice_proto::VeniceServerResponse> {
    let request = VeniceClientRequest {
        partition,
        // The characters of the key itself, without base64: the other form that Venice's servers take.
        key_string: percent_encoded(key),
        resource_name: resource.to_owned(),
        method: "GET".to_owned(),
        ..Default::default()
    };
    Ok(client.get(request).await?.into_inner())
}

fn percent_encoded(key: &[u8]) -> String {
    key.iter().map(|byte| format!("%{byte:02X}")).collect()
}

fn avro_key(text: &str) -> Vec<u8> {
    let mut key = Vec::new();
    put_long(&mut key, text.len() as i64);
    key.extend_from_slice(text.as_bytes());
    key
}

/// `MultiGetRouterRequestKeyV1` records.
fn key_bytes(keys: &[(i64, u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, partition, key) in keys {
        put_long(&mut bytes, *number);
        put_long(&mut bytes, key.len() as i64);
        bytes.extend_from_slice(key);
        put_long(&mut bytes, i64::from(*partition));
    }
    bytes
}

/// `MultiGetResponseRecordV1` records.
fn records(mut bytes: &[u8]) -> Outcome<Records> {
    let mut records = Records::new();
    while !bytes.is_empty() {
        let number = take_long(&mut bytes)?;
        let length = usize::try_from(take_long(&mut bytes)?)?;
        let (value, rest) = bytes
            .split_at_checked(length)
            .ok_or("a record is cut off")?;
        bytes = rest;
        let schema_id = take_long(&mut bytes)?;
        let earlier = records.insert(number, (value.to_vec(), schema_id));
        require(earlier.is_none(), || {
            format!("key {number} has two records")
        })?;
    }
    Ok(records)
}

fn put_long(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn take_long(bytes: &mut &[u8]) -> Outcome<i64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or("a record is cut off")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}

fn require(holds: bool, text: impl FnOnce() -> String) -> Outcome<()> {
    if holds {
        Ok(())
    } else {
        Err(text().into())
    }
}
