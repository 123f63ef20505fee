//! The key stores of `tests/key_stores`, and connections made with them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use prost::Message;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::TlsConnector;
use venice_server::internals::transport::provider;

use crate::harness::get_request;
use crate::harness::http2::{framed, grpc, GET};

/// The settings of a server that shows itself as `server`; see [`Files::new`].
pub(crate) const SERVER: [&str; 2] = ["tls.key.store", "server-both.pem"];

macro_rules! key_stores {
    ($($name:literal),* $(,)?) => {
        const KEY_STORES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../key_stores/", $name)))),*];
    };
}

key_stores![
    "ca.pem",
    "client-key.pem",
    "client.pem",
    "expired-key.pem",
    "expired.pem",
    "kind-ed25519-key.pem",
    "kind-ed25519.pem",
    "kind-ed448-key.pem",
    "kind-ed448.pem",
    "kind-p384-key.pem",
    "kind-p384.pem",
    "kind-p521-key-sec1.pem",
    "kind-p521-key.pem",
    "kind-p521.pem",
    "kind-pss-key.pem",
    "kind-pss-salt-key.pem",
    "kind-pss-salt.pem",
    "kind-pss-sha384-key.pem",
    "kind-pss-sha384.pem",
    "kind-pss.pem",
    "kind-rsa1024-key.pem",
    "kind-rsa1024.pem",
    "kind-rsa8192-key.pem",
    "kind-rsa8192.pem",
    "kind-secp256k1-key.pem",
    "kind-secp256k1.pem",
    "second-key.pem",
    "second.pem",
    "server-key-encrypted.pem",
    "server-key-sec1.pem",
    "server-key.pem",
    "server.p12",
    "server.pem",
    "stranger-key.pem",
    "stranger.pem",
];

/// The bytes of a key store.
pub(crate) fn bytes(name: &str) -> &'static [u8] {
    let found = KEY_STORES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no key store {name}")).1
}

/// The certificate of a PEM file, in DER.
pub(crate) fn certificate(name: &str) -> Vec<u8> {
    let certificate = CertificateDer::from_pem_slice(bytes(name));
    certificate.unwrap().to_vec()
}

/// Key and certificates of `name` in one.
pub(crate) fn both(name: &str) -> Vec<u8> {
    [
        bytes(&format!("{name}-key.pem")),
        bytes(&format!("{name}.pem")),
    ]
    .concat()
}

/// All key stores as files, which go away with it, and `server-both.pem`, which has the key as well.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Files {
        let files = Files(tempfile::tempdir().unwrap());
        for (name, bytes) in KEY_STORES {
            files.write(name, bytes);
        }
        files.write("server-both.pem", &both("server"));
        files
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The path as a setting has it.
    pub(crate) fn setting(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }
}

/// What a client has and wants.
#[derive(Clone)]
pub(crate) struct TlsClient {
    /// `client` shows `client.pem`.
    pub(crate) certificate: Option<&'static str>,
    pub(crate) trust: &'static str,
    pub(crate) alpn: &'static [&'static [u8]],
}

impl TlsClient {
    /// A client that shows no certificate.
    pub(crate) const ANONYMOUS: TlsClient = TlsClient {
        certificate: None,
        trust: "ca.pem",
        alpn: &[b"h2"],
    };

    pub(crate) fn with(certificate: &'static str) -> TlsClient {
        TlsClient {
            certificate: Some(certificate),
            ..TlsClient::ANONYMOUS
        }
    }

    pub(crate) fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(bytes(self.trust)) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.certificate {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let chain = CertificateDer::pem_slice_iter(bytes(&format!("{name}.pem")));
                let key = PrivateKeyDer::from_pem_slice(bytes(&format!("{name}-key.pem")));
                let chain = chain.map(Result::unwrap).collect();
                builder.with_client_auth_cert(chain, key.unwrap()).unwrap()
            }
        };
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        config
    }

    /// Shakes hands; in TLS 1.3 the server's opinion of the client comes later.
    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(self.config()))
            .connect(name, tcp)
            .await
    }

    /// Reads `key` of `store_v1` over a new connection; an error where the server does not want the
    /// client.
    pub(crate) async fn read(&self, address: SocketAddr) -> Result<(), String> {
        let stream = self.connect(address).await;
        let stream = stream.map_err(|error| error.to_string())?;
        let (requests, connection) = h2::client::handshake(stream)
            .await
            .map_err(|error| error.to_string())?;
        let connection = tokio::spawn(connection);
        let answered = async {
            let mut requests = requests.ready().await?;
            let (response, mut stream) = requests.send_request(grpc(GET), false)?;
            let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
            stream.send_data(message.into(), true)?;
            let mut body = response.await?.into_body();
            while let Some(data) = body.data().await {
                data?;
            }
            body.trailers().await
        };
        let trailers = answered.await.map_err(|error: h2::Error| error.to_string());
        connection.abort();
        assert_eq!(trailers?.unwrap()["grpc-status"], "0");
        Ok(())
    }

    /// The certificate that the server shows.
    pub(crate) async fn shown(&self, address: SocketAddr) -> Vec<u8> {
        let stream = self.connect(address).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }
}
