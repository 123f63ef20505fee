//! The key stores of `tests/key_stores`, and connections made with them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::TlsConnector;

pub(crate) const PASSWORD: &str = "changeit";

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
    "rsa.p12",
    "rsa.pem",
    "second.p12",
    "second.pem",
    "server-key-encrypted.pem",
    "server-key-password.jks",
    "server-key-sec1.pem",
    "server-key.pem",
    "server-legacy.p12",
    "server-openssl-legacy.p12",
    "server-openssl.p12",
    "server.jceks",
    "server.jks",
    "server.p12",
    "server.pem",
    "stranger-key.pem",
    "stranger.pem",
    "trust-openssl.p12",
    "trust.jks",
    "trust.p12",
    "two-keys.p12",
];

/// The bytes of a key store.
pub(crate) fn bytes(name: &str) -> &'static [u8] {
    let found = KEY_STORES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no key store {name}")).1
}

/// All key stores as files, which go away with it.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Files {
        let files = Files(tempfile::tempdir().unwrap());
        for (name, bytes) in KEY_STORES {
            files.write(name, bytes);
        }
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
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
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
}
