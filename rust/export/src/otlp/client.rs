//! One request to a collector, over a connection of its own.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::otlp::trust::{client_config, TrustError};
use crate::settings::OtlpSettings;

/// Of an answer's body: a text for people, at most.
const ANSWER_BYTES: usize = 64 * 1024;

/// Sends bodies to one endpoint.
pub(crate) struct Client {
    settings: Arc<OtlpSettings>,
    tls: Option<Arc<ClientConfig>>,
}

/// What a collector answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The header `retry-after`.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("no TLS: {0}")]
    Tls(std::io::Error),
    #[error("\"{0}\" is no name that a certificate could have")]
    Name(String),
    #[error("HTTP failed: {0}")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] http::Error),
    #[error("the answer cannot be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("no answer in time")]
    Late,
}

impl Client {
    pub(crate) fn new(settings: Arc<OtlpSettings>) -> Result<Client, TrustError> {
        let is_https = settings.endpoint.scheme() == Some(&Scheme::HTTPS);
        let tls = match &settings.trust {
            Some(trust) if is_https => Some(client_config(trust)?),
            None if is_https => {
                return Err(TrustError::Missing {
                    endpoint: settings.endpoint.to_string(),
                })
            }
            _ => None,
        };
        Ok(Client { settings, tls })
    }

    /// Sends it once. Takes no longer than the timeout.
    pub(crate) async fn post(&self, body: Bytes) -> Result<Answer, NoAnswer> {
        let posted = timeout(self.settings.timeout, self.connect_and_send(body)).await;
        posted.unwrap_or(Err(NoAnswer::Late))
    }

    async fn connect_and_send(&self, body: Bytes) -> Result<Answer, NoAnswer> {
        let endpoint = &self.settings.endpoint;
        let host = host(endpoint);
        let default = if self.tls.is_some() { 443 } else { 80 };
        let port = endpoint.port_u16().unwrap_or(default);
        let stream = TcpStream::connect((host, port)).await;
        let stream = stream.map_err(NoAnswer::Connect)?;
        let Some(tls) = &self.tls else {
            return self.send(TokioIo::new(stream), body).await;
        };
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| NoAnswer::Name(host.to_owned()))?;
        let connector = TlsConnector::from(Arc::clone(tls));
        let stream = connector.connect(name, stream).await;
        self.send(TokioIo::new(stream.map_err(NoAnswer::Tls)?), body)
            .await
    }

    async fn send<I>(&self, io: I, body: Bytes) -> Result<Answer, NoAnswer>
    where
        I: Read + Write + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::handshake(io).await?;
        // Ends with this call, however that ends.
        let _driver = Driver(tokio::spawn(async { drop(connection.await) }));
        let answer = sender.send_request(self.request(body)?).await?;
        let status = answer.status();
        let retry_after = answer.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect();
        let body = body.await.map_err(NoAnswer::Body)?.to_bytes();
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
        let endpoint = &self.settings.endpoint;
        let path = endpoint.path_and_query().map_or("/", |path| path.as_str());
        let authority = endpoint
            .authority()
            .map_or("", |authority| authority.as_str());
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, authority)
            .header(
                USER_AGENT,
                concat!("venice-export/", env!("CARGO_PKG_VERSION")),
            )
            .body(Full::new(body))?;
        let headers = request.headers_mut();
        for (name, value) in &self.settings.headers {
            headers.insert(name, value.clone());
        }
        let protobuf = HeaderValue::from_static("application/x-protobuf");
        headers.insert(CONTENT_TYPE, protobuf);
        Ok(request)
    }
}

struct Driver(tokio::task::JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Without the brackets of an address of IPv6.
fn host(endpoint: &Uri) -> &str {
    let host = endpoint.host().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}
