//! Which certificates of collectors are trusted.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::settings::TrustFile;

/// Why a collector cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// `https` without a file.
    #[error("{endpoint} needs the certificates that it is trusted by: name a PEM file of them, as /etc/ssl/certs/ca-certificates.crt, in metrics.otlp.trust.file")]
    Missing {
        /// Which.
        endpoint: String,
    },
    /// The file cannot be read.
    #[error("the certificates of {} cannot be read: {source}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The file has none.
    #[error("{} has no certificate that can be trusted; it must be PEM, with lines BEGIN CERTIFICATE", .0.display())]
    Empty(PathBuf),
    /// rustls refuses its own provider.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// What a client of a collector does TLS by.
pub(crate) fn client_config(trust: &TrustFile) -> Result<Arc<ClientConfig>, TrustError> {
    let file = &trust.file;
    let unreadable = |source| TrustError::Unreadable {
        file: file.clone(),
        source,
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&trust.pem).collect();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates.map_err(unreadable)?);
    if added == 0 {
        return Err(TrustError::Empty(file.clone()));
    }
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
