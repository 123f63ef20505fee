//! TLS towards a server, by files in PEM.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::failure::{Exit, Failure, Outcome};

/// The name of HTTP/2 in ALPN.
pub(crate) const H2: &[u8] = b"h2";
/// That of HTTP/1.1.
pub(crate) const HTTP_1: &[u8] = b"http/1.1";

/// How a connection is encrypted.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct TlsOptions {
    /// Speak TLS, and trust the certificates in this PEM file
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    tls_ca: Option<PathBuf>,
    /// The client's own certificates, PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_ca",
        requires = "tls_key",
        help_heading = "Server"
    )]
    tls_cert: Option<PathBuf>,
    /// The key of --tls-cert, PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        help_heading = "Server"
    )]
    tls_key: Option<PathBuf>,
    /// The name in the server's certificate, if it is not the host's
    #[arg(
        long,
        value_name = "NAME",
        requires = "tls_ca",
        help_heading = "Server"
    )]
    pub(crate) tls_name: Option<String>,
}

impl TlsOptions {
    /// What rustls needs for a protocol, if connections are encrypted.
    pub(crate) fn config(&self, protocol: &[u8]) -> Outcome<Option<Arc<ClientConfig>>> {
        let Some(ca) = &self.tls_ca else {
            return Ok(None);
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca)? {
            roots
                .add(certificate)
                .map_err(|error| bad_pem(ca, "certificate", error))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Failure::of(Exit::System, "cannot speak TLS"))?
            .with_root_certificates(roots);
        let mut config = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key_file)) => {
                let key = PrivateKeyDer::from_pem_file(key_file)
                    .map_err(|error| unreadable(key_file, "private key", error))?;
                config
                    .with_client_auth_cert(certificates(chain)?, key)
                    .map_err(|error| bad_pem(chain, "certificate of that key", error))?
            }
            _ => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Some(Arc::new(config)))
    }
}

fn certificates(file: &Path) -> Outcome<Vec<CertificateDer<'static>>> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let all: Vec<_> = all.map_err(|error| unreadable(file, "certificate", error))?;
    if all.is_empty() {
        return Err(bad_pem(file, "certificate", "it has none"));
    }
    Ok(all)
}

/// A file that is not there is another thing than one that is no PEM.
fn unreadable(file: &Path, what: &str, error: rustls::pki_types::pem::Error) -> Failure {
    match error {
        rustls::pki_types::pem::Error::Io(error) => {
            let text = format!(
                "cannot read {}: {error}; give a PEM file with a {what}",
                file.display()
            );
            Failure::new(Exit::NoInput, text)
        }
        other => bad_pem(file, what, other),
    }
}

fn bad_pem(file: &Path, what: &str, error: impl std::fmt::Display) -> Failure {
    let text = format!("{} is no PEM file with a {what}: {error}", file.display());
    Failure::new(Exit::Config, text)
}
