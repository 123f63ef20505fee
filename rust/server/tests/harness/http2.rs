//! A client below gRPC: it sends any headers and any bytes, and keeps calls open.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::SendStream;
use http::{HeaderMap, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::harness::HANG;

pub(crate) const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
pub(crate) const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";

pub(crate) struct Http2 {
    requests: SendRequest<Bytes>,
    /// Ends with the connection.
    pub(crate) connection: JoinHandle<Result<(), h2::Error>>,
}

impl Http2 {
    pub(crate) async fn connect(address: SocketAddr) -> Http2 {
        Http2::over(tokio::net::TcpStream::connect(address).await.unwrap()).await
    }

    /// Over a connection that is there.
    pub(crate) async fn over<S>(stream: S) -> Http2
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        Http2 {
            requests,
            connection: tokio::spawn(connection),
        }
    }

    /// Opens a call and leaves it open.
    pub(crate) async fn open(
        &mut self,
        request: Request<()>,
    ) -> (ResponseFuture, SendStream<Bytes>) {
        self.try_open(request).await.unwrap()
    }

    /// Opens a call, if the server still takes one.
    pub(crate) async fn try_open(
        &mut self,
        request: Request<()>,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut requests = self.requests.clone().ready().await?;
        requests.send_request(request, false)
    }

    /// Calls that the server takes at a time.
    pub(crate) fn most_calls(&self) -> usize {
        self.requests.current_max_send_streams()
    }

    /// Sends a request that is no gRPC, and waits for all of its answer. One without a body says so at once.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request = Request::builder().method(method);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.uri(format!("http://server{path}")).body(());
        let mut requests = self.requests.clone().ready().await.unwrap();
        let sent = requests.send_request(request.unwrap(), body.is_empty());
        let (response, mut stream) = sent.unwrap();
        if !body.is_empty() {
            stream
                .send_data(Bytes::copy_from_slice(body), true)
                .unwrap();
        }
        Answer::receive(response).await
    }

    /// Sends a whole call and waits for all of its answer.
    pub(crate) async fn call(&mut self, request: Request<()>, body: &[u8]) -> Answer {
        let (response, mut stream) = self.open(request).await;
        stream
            .send_data(Bytes::copy_from_slice(body), true)
            .unwrap();
        Answer::receive(response).await
    }
}

/// A gRPC call of `path`.
pub(crate) fn grpc(path: &str) -> Request<()> {
    Request::post(format!("http://server{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap()
}

/// A gRPC message of `bytes`.
pub(crate) fn framed(flag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[flag][..], &(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

pub(crate) struct Answer {
    pub(crate) head: Response<()>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Answer {
    pub(crate) async fn receive(response: ResponseFuture) -> Answer {
        let receiving = async {
            let (head, mut stream) = response.await.unwrap().into_parts();
            let mut body = Vec::new();
            while let Some(data) = stream.data().await {
                let data = data.unwrap();
                stream.flow_control().release_capacity(data.len()).unwrap();
                body.extend_from_slice(&data);
            }
            let trailers = stream.trailers().await.unwrap();
            Answer {
                head: Response::from_parts(head, ()),
                body,
                trailers,
            }
        };
        timeout(HANG, receiving).await.unwrap()
    }

    /// The status of an answer that is no gRPC, and its body as text.
    pub(crate) fn text(&self) -> (u16, &str) {
        assert!(self.trailers.is_none());
        let text = std::str::from_utf8(&self.body).unwrap();
        (self.head.status().as_u16(), text)
    }

    /// A field of the head; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        let value = self.head.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// `grpc-status` and `grpc-message`, which stand in the head when there is no message.
    pub(crate) fn status(&self) -> (&str, &str) {
        let headers = self.trailers.as_ref().unwrap_or(self.head.headers());
        let text = |name| {
            headers
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        (text("grpc-status"), text("grpc-message"))
    }
}
