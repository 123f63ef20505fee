//! Venice's messages, in both directions: requests and responses of the read services, the names and
//! keys in them, and the codes of calls that end.
//!
//! Bytes in, values out, and back. What comes in is decoded where it lies: strings and bytes are slices
//! of the message. Nothing here reads a database, waits, or keeps anything. prost decodes and encodes
//! the same messages in the tests, and is what this crate is compared with.
//!
//! | Module | What it has |
//! |---|---|
//! | [`request`] | `VeniceClientRequest` and `StreamingBatchGetRequest` |
//! | [`response`] | `VeniceServerResponse` and `StreamingBatchGetResponse`: fields, decoders, footer |
//! | [`key_records`] | `keyBytes` of a batch: which keys are asked for |
//! | [`response_records`] | `data` of a batch, `records` of a streamed one: the values |
//! | [`compute_request`], [`compute_records`] | `ComputeRequestV3`, in Avro, and the records of its answer |
//! | [`compute_call`], [`count_call`] | requests of `ReadComputeService` and of `countByValue`, and the answer of that |
//! | [`key_string`] | `keyString` of a single get |
//! | [`store_name`] | names of store versions and methods, and their bounds |
//! | [`status`] | gRPC's status codes |
//! | [`text`] | strings that are looked up as bytes |
//! | [`echoed`] | what is repeated of a text that came from outside |
//! | [`message`], [`varint`] | protobuf's encoding, and the numbers in it and in Avro |

#![forbid(unsafe_code)]

pub mod compute_call;
pub mod compute_records;
pub mod compute_request;
pub mod count_call;
pub mod echoed;
pub mod key_records;
pub mod key_string;
pub mod message;
pub mod request;
pub mod response;
pub mod response_records;
pub mod status;
pub mod store_name;
pub mod text;
pub mod varint;
