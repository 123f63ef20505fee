//! Requests to an admin socket, or to an admin port over TLS: HTTP/1.1 with one request for each connection.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use serde_json::Value as Json;
use venice_storage::Folder;

use crate::data_folder::DataFolder;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{brief, shown, Object};
use crate::tls::{TlsOptions, HTTP_1};

/// Bytes of an answer at most: a thousand connections are some hundred kilobytes.
const ANSWER: u64 = 64 << 20;
/// Fields of an answer's head at most; there are some five.
const FIELDS: usize = 64;
/// How long an answer may take that needs no waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which running server.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AdminOptions {
    /// The server's admin socket: its setting admin.socket [default: that of `serve` with this --data and --port]
    #[arg(
        long,
        value_name = "PATH",
        env = "VENICE_ADMIN",
        help_heading = "Server"
    )]
    socket: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Server")]
    folder: DataFolder,
    /// The port that `serve` was given
    #[arg(
        short,
        long,
        value_name = "PORT",
        default_value_t = 7777,
        help_heading = "Server"
    )]
    port: u16,
    /// The server's admin port, which wants --tls-ca, --tls-cert and --tls-key; in place of the socket
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "VENICE_ADMIN_ADDRESS",
        requires = "tls_ca",
        help_heading = "Server"
    )]
    admin_address: Option<String>,
    #[command(flatten)]
    tls: TlsOptions,
}

impl AdminOptions {
    /// The folder of store versions.
    pub(crate) fn data(&self) -> &Path {
        &self.folder.data
    }
}

/// Where a server is asked.
pub(crate) struct AdminSocket(Place);

enum Place {
    Socket(PathBuf),
    Port {
        address: String,
        name: ServerName<'static>,
        tls: Arc<ClientConfig>,
    },
}

impl fmt::Display for AdminSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Socket(path) => write!(f, "{}", path.display()),
            Place::Port { address, .. } => f.write_str(address),
        }
    }
}

impl AdminSocket {
    /// Where `serve` has the socket of a server on a port: in its folder.
    pub(crate) fn default_path(data: &Path, port: u16) -> PathBuf {
        let root = Folder::at(data).root().to_owned();
        let folder = root.parent().unwrap_or(&root).to_owned();
        folder.join(format!("admin-{port}.socket"))
    }

    /// The server of the options.
    pub(crate) fn of(options: &AdminOptions) -> Outcome<AdminSocket> {
        let tls = options.tls.config(HTTP_1)?;
        let (Some(address), Some(tls)) = (&options.admin_address, tls) else {
            let default = || AdminSocket::default_path(&options.folder.data, options.port);
            let path = options.socket.clone().unwrap_or_else(default);
            return Ok(AdminSocket(Place::Socket(path)));
        };
        let host = address
            .rsplit_once(':')
            .map_or(&address[..], |(host, _)| host);
        let name = options.tls.tls_name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned());
        let name = name.map_err(|error| {
            let text = format!(
                "{} has no name of a server: {error}; give HOST:PORT, or --tls-name",
                shown(address)
            );
            Failure::new(Exit::Usage, text)
        })?;
        Ok(AdminSocket(Place::Port {
            address: address.clone(),
            name,
            tls,
        }))
    }

    /// What is at a path.
    pub(crate) fn see(&self, target: &str) -> Outcome<Json> {
        self.ask("GET", target, None, PATIENCE)
    }

    /// What is at a path, where that is no JSON.
    pub(crate) fn read(&self, target: &str) -> Outcome<String> {
        let (status, body) = self.answer("GET", target, None, PATIENCE)?;
        let text = String::from_utf8_lossy(&body).into_owned();
        match status < 400 {
            true => Ok(text),
            false => Err(refused(status, &text)),
        }
    }

    /// The process that listens there, if it can be seen from here.
    pub(crate) fn process(&self) -> Option<u32> {
        let Place::Socket(path) = &self.0 else {
            return None;
        };
        let stream = UnixStream::connect(path).ok()?;
        stream.set_nonblocking(true).ok()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        let runtime = runtime.ok()?;
        let _entered = runtime.enter();
        let stream = tokio::net::UnixStream::from_std(stream).ok()?;
        let pid = stream.peer_cred().ok()?.pid()?;
        // A process outside of this container has no number here.
        u32::try_from(pid).ok().filter(|pid| *pid > 0)
    }

    /// Changes something; the answer may take so long.
    pub(crate) fn change(&self, target: &str, body: Object, patience: Duration) -> Outcome<Json> {
        self.ask("POST", target, Some(&body.end()), patience + PATIENCE)
    }

    fn ask(
        &self,
        method: &str,
        target: &str,
        body: Option<&str>,
        patience: Duration,
    ) -> Outcome<Json> {
        let (status, body) = self.answer(method, target, body, patience)?;
        let json = serde_json::from_slice::<Json>(&body);
        let json = json.map_err(|error| self.unreadable(&brief(&error)))?;
        match (status < 400, json["error"].as_str()) {
            (true, _) => Ok(json),
            (false, Some(text)) => Err(refused(status, text)),
            (false, None) => Err(refused(status, &json.to_string())),
        }
    }

    /// Status and body of an answer.
    fn answer(
        &self,
        method: &str,
        target: &str,
        body: Option<&str>,
        patience: Duration,
    ) -> Outcome<(u16, Vec<u8>)> {
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        if let Some(body) = body {
            request += &format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
        }
        request += "\r\n";
        request += body.unwrap_or_default();
        let answer = self.exchange(&request, patience).map_err(|error| {
            let remedy = match (error.kind(), &self.0) {
                (io::ErrorKind::PermissionDenied, _) => "only the user of the server may connect",
                (_, Place::Port { .. }) => {
                    "see that the server has the setting admin.port, and give --tls-cert and --tls-key"
                }
                _ => "start a server with `venice serve`, or give --socket, or the --data and --port that it has",
            };
            let text = format!("cannot ask the server at {self}: {error}; {remedy}");
            Failure::new(Exit::Unavailable, text)
        })?;
        parsed(&answer).map_err(|reason| self.unreadable(&reason))
    }

    fn unreadable(&self, reason: &str) -> Failure {
        let text = format!("the answer at {self} cannot be read: {reason}");
        Failure::new(Exit::Software, text)
    }

    fn exchange(&self, request: &str, patience: Duration) -> io::Result<Vec<u8>> {
        match &self.0 {
            Place::Socket(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                exchange(stream, request)
            }
            Place::Port { address, name, tls } => {
                let stream = TcpStream::connect(address)?;
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                let session = ClientConnection::new(Arc::clone(tls), name.clone());
                let session = session.map_err(io::Error::other)?;
                exchange(StreamOwned::new(session, stream), request)
            }
        }
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<Vec<u8>> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut answer = Vec::new();
    stream.take(ANSWER).read_to_end(&mut answer)?;
    Ok(answer)
}

/// A request that the server does not do.
fn refused(status: u16, text: &str) -> Failure {
    let exit = match status {
        400 | 404 | 405 => Exit::Config,
        // It is right, and the server does not do it in the state that it is in.
        409 => Exit::No,
        403 => Exit::NoPermission,
        429 | 503 => Exit::TryLater,
        _ => Exit::Software,
    };
    Failure::new(exit, format!("the server refused it: {}", text.trim_end())).said()
}

/// Status and body of an answer.
fn parsed(answer: &[u8]) -> Result<(u16, Vec<u8>), String> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let length = match head.parse(answer).map_err(|error| error.to_string())? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Err("it is cut off".to_owned()),
    };
    let status = head.code.ok_or("it has no status")?;
    Ok((status, answer[length..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_or_refused() {
        let answer = |text: &str| parsed(text.as_bytes());
        let good = answer("HTTP/1.1 409 Conflict\r\na: b\r\n\r\n{\"error\":\"no\"}").unwrap();
        assert_eq!(good, (409, b"{\"error\":\"no\"}".to_vec()));
        for bad in ["", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n"] {
            assert!(answer(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_socket_of_serve() {
        let path = |data: &str| AdminSocket::default_path(Path::new(data), 7);
        assert_eq!(path("a"), Path::new("a/admin-7.socket"));
        assert_eq!(path("a/rocksdb"), Path::new("a/admin-7.socket"));
    }
}
