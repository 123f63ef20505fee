//! The calls of the read service.

use venice_storage::Strategy;
use venice_wire::key_records::put_key;
use venice_wire::key_string;
use venice_wire::request::{Request, StreamingRequest};
use venice_wire::response::{Response, StreamedResponse};
use venice_wire::response_records::{self, NON_EXISTING_KEY_SCHEMA_ID};

use crate::client::connection::Client;
use crate::failure::{Exit, Failure, Outcome};

pub(crate) const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
pub(crate) const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";
const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";

/// `VeniceReadResponseStatus.OK`.
pub(crate) const OK: i32 = 200;
/// `VeniceReadResponseStatus.KEY_NOT_FOUND`.
pub(crate) const KEY_NOT_FOUND: i32 = -420;

/// A value as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) schema_id: i32,
    /// Compressed as the store version is.
    pub(crate) stored: Vec<u8>,
}

/// What a call found, and how it is compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub(crate) values: T,
    pub(crate) compression: Strategy,
}

/// A key, and where it is.
pub(crate) type Placed<'k> = (i32, &'k [u8]);

impl Client {
    /// Gets one value.
    pub(crate) fn get(&self, resource: &str, key: Placed<'_>) -> Outcome<Found<Option<Value>>> {
        self.one(GET, &get_message(resource, key), true, |response| {
            let values = (response.error_code == OK).then(|| Value {
                schema_id: response.schema_id,
                stored: response.data.to_vec(),
            });
            Ok(values)
        })
    }

    /// Gets several values by one call; in the order of the keys.
    pub(crate) fn batch_get(
        &self,
        resource: &str,
        keys: &[Placed<'_>],
    ) -> Outcome<Found<Vec<Option<Value>>>> {
        let message = batch_message(resource, keys);
        self.one(BATCH_GET, &message, false, |response| {
            let mut values = vec![None; keys.len()];
            self.take_records(response.data, &mut values)?;
            Ok(values)
        })
    }

    /// Gets several values by one streamed call; in the order of the keys.
    pub(crate) fn stream(
        &self,
        resource: &str,
        keys: &[Placed<'_>],
    ) -> Outcome<Found<Vec<Option<Value>>>> {
        let request = StreamingRequest {
            request_id: 1,
            resource_name: resource,
            method: "POST",
            key_bytes: &key_bytes(keys),
        };
        let mut message = Vec::new();
        request.encode(&mut message);
        let mut values = vec![None; keys.len()];
        let (mut compression, mut ended) = (0, false);
        self.call(STREAM, &message, |message| {
            let response = StreamedResponse::decode(message).map_err(|error| self.bad(&error))?;
            compression = compression.max(response.compression_strategy);
            self.take_records(response.records, &mut values)?;
            if let Some(footer) = response.footer {
                self.check(footer.error_code, &footer.error_message)?;
                ended = true;
            }
            Ok(())
        })?;
        if !ended {
            return Err(self.bad(&"the answer has no footer"));
        }
        Ok(Found {
            values,
            compression: self.strategy(compression)?,
        })
    }

    /// A call with one message as its answer; `may_miss`: a key that is not there is no failure.
    fn one<T>(
        &self,
        path: &str,
        message: &[u8],
        may_miss: bool,
        take: impl Fn(&Response<'_>) -> Outcome<T>,
    ) -> Outcome<Found<T>> {
        let mut found = None;
        self.call(path, message, |message| {
            let response = Response::decode(message).map_err(|error| self.bad(&error))?;
            if !(may_miss && response.error_code == KEY_NOT_FOUND) {
                self.check(response.error_code, response.error_message)?;
            }
            found = Some(Found {
                values: take(&response)?,
                compression: self.strategy(response.compression_strategy)?,
            });
            Ok(())
        })?;
        found.ok_or_else(|| self.bad(&"there is no message in the answer"))
    }

    /// Puts records where their keys are. A key without one is missing.
    fn take_records(&self, records: &[u8], values: &mut [Option<Value>]) -> Outcome {
        for record in response_records::decode(records) {
            let record = record.map_err(|error| self.bad(&error))?;
            if record.schema_id == NON_EXISTING_KEY_SCHEMA_ID {
                continue;
            }
            let index = usize::try_from(record.key_index).ok();
            let Some(value) = index.and_then(|index| values.get_mut(index)) else {
                let text = format!(
                    "a record of the key {} that was not asked for",
                    record.key_index
                );
                return Err(self.bad(&text));
            };
            *value = Some(Value {
                schema_id: record.schema_id,
                stored: record.value.to_vec(),
            });
        }
        Ok(())
    }

    /// What Venice's code of an answer means.
    fn check(&self, code: i32, message: &str) -> Outcome {
        let (exit, remedy) = match code {
            OK => return Ok(()),
            400 => (Exit::Data, ""),
            401 | 403 => (Exit::NoPermission, ""),
            429 => (
                Exit::TryLater,
                "the quota of the store is used up; try again later",
            ),
            503 => (Exit::TryLater, "try again later"),
            _ => (Exit::Software, ""),
        };
        let parts = [message, remedy]
            .into_iter()
            .filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.collect();
        let text = format!(
            "{} answers with code {code}: {}",
            self.address(),
            parts.join("; ")
        );
        Err(Failure::new(exit, text))
    }

    fn strategy(&self, id: u32) -> Outcome<Strategy> {
        let id = i32::try_from(id).unwrap_or(-1);
        Strategy::of(id).map_err(|error| self.bad(&error))
    }

    fn bad(&self, error: &dyn std::fmt::Display) -> Failure {
        let text = format!(
            "{} gave an answer that cannot be read: {error}",
            self.address()
        );
        Failure::new(Exit::Software, text)
    }
}

/// The message of a single get.
pub(crate) fn get_message(resource: &str, (partition, key): Placed<'_>) -> Vec<u8> {
    let key_string = key_string::encode(key);
    let request = Request {
        partition,
        key_string: (&key_string).into(),
        resource_name: resource.into(),
        method: "GET",
        ..Request::default()
    };
    let mut message = Vec::new();
    request.encode(&mut message);
    message
}

/// The message of a batch get.
pub(crate) fn batch_message(resource: &str, keys: &[Placed<'_>]) -> Vec<u8> {
    let key_bytes = key_bytes(keys);
    let request = Request {
        key_bytes: &key_bytes,
        resource_name: resource.into(),
        method: "POST",
        is_batch: true,
        ..Request::default()
    };
    let mut message = Vec::new();
    request.encode(&mut message);
    message
}

fn key_bytes(keys: &[Placed<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, (partition, key)) in (0..).zip(keys) {
        put_key(&mut out, index, *partition, key);
    }
    out
}
