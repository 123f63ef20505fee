//! A connection's bytes: TCP, or TLS over it. Nothing here waits.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mio::net::TcpStream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::error::LoadError;

const CONNECT: Duration = Duration::from_secs(10);

/// What clients of TLS share.
pub fn tls_config(ca: &Path) -> Result<Arc<ClientConfig>, LoadError> {
    let pem = fs::read(ca).map_err(LoadError::io(ca.display().to_string()))?;
    let tls = |error: &dyn std::fmt::Display| LoadError::Tls(format!("{}: {error}", ca.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| tls(&error))?;
        roots.add(certificate).map_err(|error| tls(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

/// One connection.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

impl Socket {
    pub(crate) fn connect(
        address: SocketAddr,
        tls: Option<&(Arc<ClientConfig>, ServerName<'static>)>,
    ) -> Result<Socket, LoadError> {
        let io = |what: &str| LoadError::io(format!("{what} {address}"));
        let stream =
            std::net::TcpStream::connect_timeout(&address, CONNECT).map_err(io("connect to"))?;
        stream.set_nodelay(true).map_err(io("set up"))?;
        stream.set_nonblocking(true).map_err(io("set up"))?;
        let tls = tls.map(|(config, name)| {
            ClientConnection::new(Arc::clone(config), name.clone()).map(Box::new)
        });
        Ok(Socket {
            stream: TcpStream::from_std(stream),
            tls: tls
                .transpose()
                .map_err(|error| LoadError::Tls(error.to_string()))?,
        })
    }

    /// Sends what the kernel takes of `bytes`, and tells how much that is. Without bytes, what TLS has still to say.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, LoadError> {
        let sent = match &mut self.tls {
            None => write_some(&mut self.stream, bytes),
            Some(tls) => write_tls(tls, &mut self.stream, bytes),
        };
        sent.map_err(LoadError::io("send"))
    }

    /// Reads what has come, as much as there is room for. An end of the connection is an error: nobody asked for it.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> Result<usize, LoadError> {
        let read = match &mut self.tls {
            None => read_some(&mut self.stream, room),
            Some(tls) => read_tls(tls, &mut self.stream, room),
        };
        read.map_err(LoadError::io("receive"))
    }
}

fn write_some(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// Hands bytes to TLS as long as it takes them, and what it makes of them to the kernel.
fn write_tls(
    tls: &mut ClientConnection,
    stream: &mut TcpStream,
    bytes: &[u8],
) -> io::Result<usize> {
    let mut taken = 0;
    loop {
        // It holds 64 KiB at most.
        let count = tls.writer().write(&bytes[taken..])?;
        taken += count;
        while tls.wants_write() {
            match tls.write_tls(stream) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(taken),
                Err(error) => return Err(error),
            }
        }
        if count == 0 || taken == bytes.len() {
            return Ok(taken);
        }
    }
}

fn read_some(stream: &mut TcpStream, room: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < room.len() {
        let most = room.len() - read;
        match stream.read(&mut room[read..]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                read += count;
                // The socket is empty, and asking again costs a call.
                if count < most {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            // What came before is read first.
            Err(error) if read == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(read)
}

fn read_tls(
    tls: &mut ClientConnection,
    stream: &mut TcpStream,
    room: &mut [u8],
) -> io::Result<usize> {
    let mut read = 0;
    while read < room.len() {
        match tls.reader().read(&mut room[read..]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                read += count;
                continue;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        match tls.read_tls(stream) {
            Ok(0) if read == 0 => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
        tls.process_new_packets()
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    }
    Ok(read)
}
