//! What handshakes use: rustls' configuration, made of the settings and of what is in the files.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};

use crate::config::tls::{ClientAuth, TlsSettings, TlsVersion};
use crate::transport::tls::error::TlsError;
use crate::transport::tls::files::Files;
use crate::transport::tls::key_store::{identities, trusted, KeyStoreError, KeyStores};
use crate::transport::tls::provider::{provider, ClientVerifier};
use crate::transport::tls::server_keys::ServerKeys;

/// The protocol's name in ALPN. A client of HTTP/2 has to offer it: RFC 9113 (3.2) asks for it, and Java's
/// server refuses clients without it.
pub(crate) const H2: &[u8] = b"h2";
/// Likewise, of HTTP/1.1: what operators speak, and with `http.requests=all` clients.
pub(crate) const HTTP_1: &[u8] = b"http/1.1";

impl TlsSettings {
    /// What handshakes use with these files, and the certificates that clients are shown.
    pub(super) fn server_config(
        &self,
        files: &Files,
        protocols: &[&[u8]],
        java: &mut dyn KeyStores,
    ) -> Result<(ServerConfig, Vec<CertificateDer<'static>>), TlsError> {
        let provider = Arc::new(provider());
        let versions: &[_] = match self.min_version {
            TlsVersion::V12 => &[&TLS13, &TLS12],
            TlsVersion::V13 => &[&TLS13],
        };
        let verifier = self.client_verifier(files, java, &provider)?;
        let error = |reason| self.key_store_error(reason);
        let identities = identities(
            &files.key_store,
            files.private_key.as_ref().map(|file| &file[..]),
            self.key_store_type.as_deref(),
            self.names.private_key,
            java,
        );
        let keys = ServerKeys::new(identities.map_err(error)?).map_err(error)?;
        let certificates = keys.certificates();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|refusal| error(KeyStoreError::Refused(refusal.to_string())))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(keys));
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok((config, certificates))
    }

    fn key_store_error(&self, reason: KeyStoreError) -> TlsError {
        TlsError::File {
            setting: self.names.key_store,
            path: self.key_store.clone().unwrap_or_default(),
            reason,
        }
    }

    fn client_verifier(
        &self,
        files: &Files,
        java: &mut dyn KeyStores,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let (Some(path), Some(file)) = (self.trust_file()?, &files.trust_store) else {
            return Ok(Arc::new(NoClientAuth));
        };
        let error = |reason| TlsError::File {
            setting: self.names.trust_store,
            path: path.clone(),
            reason,
        };
        let certificates = trusted(file, self.trust_store_type.as_deref(), java).map_err(error)?;
        let mut roots = RootCertStore::empty();
        let (_, unusable) = roots.add_parsable_certificates(certificates);
        if roots.is_empty() {
            return Err(error(KeyStoreError::NoCertificate(" that can be read")));
        }
        if unusable > 0 {
            tracing::warn!(path = %path.display(), unusable, "certificates cannot be read");
        }
        let builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let builder = match self.client_auth {
            ClientAuth::Optional => builder.allow_unauthenticated(),
            _ => builder,
        };
        match builder.build() {
            Ok(verifier) => Ok(Arc::new(ClientVerifier(verifier))),
            Err(refusal) => Err(error(KeyStoreError::Refused(refusal.to_string()))),
        }
    }
}
