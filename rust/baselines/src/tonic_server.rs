//! The read service on tonic as it comes: its generated service and its defaults, over the same
//! engine, and with the same decoding of keys. Its runtime has one thread, as the server has one core;
//! a runtime of many takes more. Sockets do not wait to fill a segment (`TCP_NODELAY`), as those of every server here.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use venice_engine::Registry;
use venice_proto::protocols::venice_read_service_server::{
    VeniceReadService, VeniceReadServiceServer,
};
use venice_proto::protocols::{CountByValueRequest, CountByValueResponse};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};

use crate::reads;

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
                TcpIncoming::from(listener).with_nodelay(Some(true)),
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
    fn answer(
        &self,
        request: &VeniceClientRequest,
    ) -> Result<Response<VeniceServerResponse>, Status> {
        let answer = reads::answer(&self.registry, request);
        answer.map(Response::new).map_err(Status::internal)
    }
}

#[tonic::async_trait]
impl VeniceReadService for ReadService {
    async fn get(
        &self,
        request: Request<VeniceClientRequest>,
    ) -> Result<Response<VeniceServerResponse>, Status> {
        self.answer(request.get_ref())
    }

    async fn batch_get(
        &self,
        request: Request<VeniceClientRequest>,
    ) -> Result<Response<VeniceServerResponse>, Status> {
        self.answer(request.get_ref())
    }

    async fn count_by_value(
        &self,
        _: Request<CountByValueRequest>,
    ) -> Result<Response<CountByValueResponse>, Status> {
        Err(Status::unimplemented("as in every server of Venice"))
    }
}
