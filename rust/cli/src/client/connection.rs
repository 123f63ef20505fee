//! A connection to a read server, and unary and streaming gRPC calls on it.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use rustls::pki_types::ServerName;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::failure::{Exit, Failure, Outcome};
use crate::output::shown;
use crate::tls::{TlsOptions, H2};
use crate::units;

/// Room for answers on a connection and on a call: more than the largest that servers give by default.
const WINDOW: u32 = 16 << 20;

/// Which server, and how it is spoken to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServerOptions {
    /// The server's host and port
    #[arg(
        short,
        long,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:7777",
        env = "VENICE_ADDRESS",
        help_heading = "Server"
    )]
    pub(crate) address: String,
    /// How long an answer is waited for, such as 500ms or 10s
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = units::time, help_heading = "Server")]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) tls: TlsOptions,
}

/// A connected client. Calls are made one after the other.
pub(crate) struct Client {
    runtime: Runtime,
    requests: SendRequest<Bytes>,
    address: String,
    scheme: &'static str,
    timeout: Duration,
}

impl Client {
    /// Connects.
    pub(crate) fn connect(options: &ServerOptions) -> Outcome<Client> {
        let tls = options.tls.config(H2)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::of(Exit::System, "cannot start a client"))?;
        let address = &options.address;
        let name = match &options.tls.tls_name {
            Some(name) => name,
            None => address
                .rsplit_once(':')
                .map_or(&address[..], |(host, _)| host),
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let connecting = connect(address, name.trim_matches(['[', ']']), tls);
        let connected = runtime.block_on(async { timeout(options.timeout, connecting).await });
        let requests = connected.unwrap_or_else(|_late| {
            let text = format!(
                "{} does not answer within {:?}; give --address, or wait longer by --timeout",
                shown(address),
                options.timeout
            );
            Err(Failure::new(Exit::Unavailable, text))
        })?;
        Ok(Client {
            runtime,
            requests,
            address: address.clone(),
            scheme,
            timeout: options.timeout,
        })
    }

    /// Where the server is, as it was given.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Makes a call with one message, and hands each message of the answer to `each`. A gRPC status other than
    /// OK is a failure.
    pub(crate) fn call(
        &self,
        path: &str,
        message: &[u8],
        each: impl FnMut(&[u8]) -> Outcome,
    ) -> Outcome {
        let trailers = self.ask(path, message, HeaderMap::new(), each)?;
        status(&self.address, &trailers)
    }

    /// [`Client::call`] with metadata; returns the trailers, whatever status they have.
    pub(super) fn ask(
        &self,
        path: &str,
        message: &[u8],
        metadata: HeaderMap,
        mut each: impl FnMut(&[u8]) -> Outcome,
    ) -> Outcome<HeaderMap> {
        let work = self.exchange(path, message, metadata, &mut each);
        let done = self
            .runtime
            .block_on(async { timeout(self.timeout, work).await });
        done.unwrap_or_else(|_late| {
            let text = format!(
                "{} did not answer within {:?}; wait longer by --timeout",
                self.address, self.timeout
            );
            Err(Failure::new(Exit::Unavailable, text))
        })
    }

    async fn exchange(
        &self,
        path: &str,
        message: &[u8],
        metadata: HeaderMap,
        each: &mut impl FnMut(&[u8]) -> Outcome,
    ) -> Outcome<HeaderMap> {
        let broken = |error: h2::Error| {
            let text = format!("the connection to {} broke: {error}", self.address);
            Failure::new(Exit::Unavailable, text)
        };
        let mut head = Request::post(format!("{}://{}{path}", self.scheme, self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header(
                "user-agent",
                concat!("venice-cli/", env!("CARGO_PKG_VERSION")),
            )
            .header(
                "grpc-timeout",
                format!("{}m", self.timeout.as_millis().clamp(1, 99_999_999)),
            )
            .body(())
            .map_err(|error| {
                let text = format!("{} is no address: {error}", shown(&self.address));
                Failure::new(Exit::Usage, text)
            })?;
        head.headers_mut().extend(metadata);
        let mut requests = self.requests.clone().ready().await.map_err(broken)?;
        let (response, mut body) = requests.send_request(head, false).map_err(broken)?;
        body.send_data(framed(message), true).map_err(broken)?;
        let response = response.await.map_err(broken)?;
        if response.status() != http::StatusCode::OK {
            let text = format!(
                "{} answers with HTTP status {}, so it is no read server",
                self.address,
                response.status()
            );
            return Err(Failure::new(Exit::Unavailable, text));
        }
        // An answer without messages has its status here.
        let head = response.headers().clone();
        let mut stream = response.into_body();
        let mut received = BytesMut::new();
        while let Some(data) = stream.data().await {
            let data = data.map_err(broken)?;
            received.extend_from_slice(&data);
            // What was received is taken.
            drop(stream.flow_control().release_capacity(data.len()));
            while let Some(message) = take_message(&mut received) {
                each(&message)?;
            }
        }
        let trailers = stream.trailers().await.map_err(broken)?;
        Ok(trailers.unwrap_or(head))
    }
}

async fn connect(
    address: &str,
    name: &str,
    tls: Option<Arc<ClientConfig>>,
) -> Outcome<SendRequest<Bytes>> {
    let unreachable = |error: std::io::Error| {
        let text = format!(
            "cannot connect to {}: {error}; start a server with `venice serve`, or give --address HOST:PORT",
            shown(address)
        );
        // What is no address is none at any time.
        let exit = match error.kind() {
            std::io::ErrorKind::InvalidInput => Exit::Usage,
            _ => Exit::Unavailable,
        };
        Failure::new(exit, text)
    };
    let stream = TcpStream::connect(address).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let Some(config) = tls else {
        return handshake(stream, address).await;
    };
    let name = ServerName::try_from(name.to_owned()).map_err(|error| {
        let text = format!(
            "{} is no name of a server: {error}; give --tls-name",
            shown(name)
        );
        Failure::new(Exit::Usage, text)
    })?;
    let connector = tokio_rustls::TlsConnector::from(config);
    let stream = connector.connect(name, stream).await.map_err(|error| {
        let text = format!("{address} does not speak TLS as asked for: {error}");
        Failure::new(Exit::Unavailable, text)
    })?;
    handshake(stream, address).await
}

async fn handshake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: &str,
) -> Outcome<SendRequest<Bytes>> {
    let (requests, connection) = h2::client::Builder::new()
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .handshake(stream)
        .await
        .map_err(|error| {
            let text = format!("{address} does not speak HTTP/2: {error}");
            Failure::new(Exit::Unavailable, text)
        })?;
    // Its calls say how it ended.
    tokio::spawn(async move { drop(connection.await) });
    Ok(requests)
}

/// A message in gRPC's frame.
fn framed(message: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(5 + message.len());
    out.extend_from_slice(&[0]);
    // Requests are of a few megabytes at most.
    out.extend_from_slice(&(message.len() as u32).to_be_bytes());
    out.extend_from_slice(message);
    out.freeze()
}

/// Takes a whole message off the front.
fn take_message(received: &mut BytesMut) -> Option<Bytes> {
    let prefix: [u8; 5] = received.get(..5)?.try_into().ok()?;
    let [_, length @ ..] = prefix;
    let end = 5 + u32::from_be_bytes(length) as usize;
    if received.len() < end {
        return None;
    }
    Some(received.split_to(end).freeze().slice(5..))
}

/// Whether the call ended well, by its trailers.
pub(super) fn status(address: &str, trailers: &HeaderMap) -> Outcome {
    let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
    let Some(code) = text("grpc-status") else {
        let text = format!("{address} ended a call without a gRPC status");
        return Err(Failure::new(Exit::Software, text));
    };
    let message = percent_decoded(text("grpc-message").unwrap_or_default());
    let (exit, name) = match code {
        "0" => return Ok(()),
        "3" => (Exit::Data, "INVALID_ARGUMENT"),
        "4" => (Exit::Unavailable, "DEADLINE_EXCEEDED"),
        "5" => (Exit::Software, "NOT_FOUND"),
        "7" => (Exit::NoPermission, "PERMISSION_DENIED"),
        "8" => (Exit::TryLater, "RESOURCE_EXHAUSTED"),
        "12" => (Exit::Unavailable, "UNIMPLEMENTED"),
        "14" => (Exit::Unavailable, "UNAVAILABLE"),
        "16" => (Exit::NoPermission, "UNAUTHENTICATED"),
        other => (Exit::Software, other),
    };
    let text = format!("{address} refused the call: {name}: {message}");
    Err(Failure::new(exit, text))
}

/// A text as `grpc-message` has it.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| byte == b'%');
        let escaped = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) => {
                out.push(escaped);
                rest = &behind[2..];
            }
            None => {
                out.push(byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_when_they_are_whole() {
        let mut received = BytesMut::new();
        let all = [framed(b"ab"), framed(b""), framed(b"c")].concat();
        let mut taken = Vec::new();
        for byte in all {
            received.extend_from_slice(&[byte]);
            taken.extend(take_message(&mut received));
        }
        assert_eq!(taken, [&b"ab"[..], b"", b"c"]);
        assert!(received.is_empty());
    }

    #[test]
    fn statuses_are_told_with_their_texts() {
        let mut trailers = HeaderMap::new();
        assert_eq!(status("a", &trailers).unwrap_err().exit, Exit::Software);
        trailers.insert("grpc-status", "0".parse().unwrap());
        assert!(status("a", &trailers).is_ok());
        trailers.insert("grpc-status", "7".parse().unwrap());
        trailers.insert("grpc-message", "no%20way %C3%A4 5%".parse().unwrap());
        let error = status("a", &trailers).unwrap_err();
        assert_eq!(error.exit, Exit::NoPermission);
        let text = error.to_string();
        assert!(
            text.ends_with("PERMISSION_DENIED: no way \u{e4} 5%"),
            "{text}"
        );
    }
}
