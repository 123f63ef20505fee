//! The read service on tonic as it comes: its generated service and its defaults, over the same
//! engine, and with the same decoding of keys. Its runtime has one thread, as the server has one core;
//! a runtime of many takes more.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use venice_engine::{each, Key, Registry, Tier, Value};
use venice_proto::protocols::venice_read_service_server::{
    VeniceReadService, VeniceReadServiceServer,
};
use venice_proto::protocols::{CountByValueRequest, CountByValueResponse};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};
use venice_wire::key_records::Batch;
use venice_wire::key_string;

const OK: u32 = 200;
const KEY_NOT_FOUND: u32 = -420i32 as u32;
const MAX_BATCH_KEYS: usize = 10_000;

/// Serves until `until` returns.
pub(crate) fn serve(
    registry: Arc<Registry>,
    until: impl FnOnce() -> io::Result<()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("plain {}", listener.local_addr()?.port());
        let ended = tokio::task::spawn_blocking(until);
        tonic::transport::Server::builder()
            .serve_with_incoming_shutdown(
                VeniceReadServiceServer::new(ReadService { registry }),
                TcpListenerStream::new(listener),
                // Whatever ended the input: it ended.
                async { drop(ended.await) },
            )
            .await?;
        Ok(())
    })
}

struct ReadService {
    registry: Arc<Registry>,
}

impl ReadService {
    fn answer(&self, request: &VeniceClientRequest) -> Result<VeniceServerResponse, Status> {
        let internal = |error: &dyn std::fmt::Display| Status::internal(error.to_string());
        let resource = &request.resource_name;
        let version = self.registry.store_version(resource);
        let version = version.map_err(|error| internal(&error))?;
        let reader = version
            .reader(Tier::Any)
            .map_err(|error| internal(&error))?;
        let mut response = VeniceServerResponse {
            compression_strategy: reader.compression_strategy() as u32,
            error_code: OK,
            ..Default::default()
        };
        let mut data = BytesMut::new();
        if request.is_batch_request {
            let batch = Batch::decode(&request.key_bytes, MAX_BATCH_KEYS, Key::new);
            let batch = batch.map_err(|error| internal(&error))?;
            let put_record = |position: usize, value: Option<Value<'_>>| {
                if let Some(value) = value {
                    put(&mut data, batch.key_indexes[position].into());
                    put(&mut data, value.len() as i64);
                    value.copy_to(&mut data);
                    put(&mut data, value.schema_id().into());
                }
            };
            let read = reader.multi_get(&batch.keys, &mut each(put_record));
            read.map_err(|error| internal(&error))?;
            response.schema_id = 1;
            response.response_rcu = batch.keys.len() as u32;
        } else {
            let key = key_string::decode(&request.key_string);
            let key = key.map_err(|error| internal(&error))?;
            let partition = request.partition as i32;
            let found = reader.get(partition, &key, usize::MAX, |value| {
                value.copy_to(&mut data);
                value.schema_id()
            });
            response.response_rcu = 1;
            match found.map_err(|error| internal(&error))? {
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

#[tonic::async_trait]
impl VeniceReadService for ReadService {
    async fn get(
        &self,
        request: Request<VeniceClientRequest>,
    ) -> Result<Response<VeniceServerResponse>, Status> {
        self.answer(request.get_ref()).map(Response::new)
    }

    async fn batch_get(
        &self,
        request: Request<VeniceClientRequest>,
    ) -> Result<Response<VeniceServerResponse>, Status> {
        self.answer(request.get_ref()).map(Response::new)
    }

    async fn count_by_value(
        &self,
        _: Request<CountByValueRequest>,
    ) -> Result<Response<CountByValueResponse>, Status> {
        Err(Status::unimplemented("as in every server of Venice"))
    }
}
