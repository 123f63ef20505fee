//! A call of the read service: from an HTTP/2 request to an HTTP/2 response.
// #[HotPath]

use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use venice_engine::Tier;

use crate::connection::Connection;
use crate::grpc::{self, ResponseBody};
use crate::response::Reply;
use crate::status::{self, Failure, Status};

const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";
const COUNT_BY_VALUE: &str = "/com.linkedin.venice.protocols.VeniceReadService/countByValue";

/// Answers one call. Every failure is an answer; the error type says that there is no other.
///
/// Cancel safety: a dropped call (the client reset its stream) leaves nothing behind.
pub async fn call<B>(
    connection: Arc<Connection>,
    request: Request<B>,
) -> Result<Response<ResponseBody>, Infallible>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    if let Err(status) = grpc::check_head(&request) {
        return Ok(grpc::http_error(status));
    }
    let outcome = match request.uri().path() {
        // One handler for both: the request itself says whether it is a batch.
        GET | BATCH_GET => read(&connection, request.into_body()).await,
        // In the proto since VIP-5, and in no server.
        path @ COUNT_BY_VALUE => Err(status::unimplemented(path)),
        path => Err(status::not_found(path)),
    };
    Ok(grpc::response(outcome))
}

async fn read<B>(connection: &Connection, body: B) -> Result<Reply, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let runtime = &*connection.runtime;
    let message = grpc::receive(body, runtime.config.max_request_bytes).await?;
    // On this thread first: most reads are answered from memory, and a change of threads costs
    // more.
    let answer = match runtime.read_path.answer(&message, Tier::Memory) {
        Err(Failure::WouldBlock) => runtime.disk.answer(message).await,
        answer => answer,
    };
    answer.or_else(Failure::into_reply)
}
