//! TLS: rustls over the files that the settings name, loaded at the start and again when they
//! change.
//!
//! | File | What |
//! |---|---|
//! | `server_config.rs` | the handshake's configuration, made of settings and files |
//! | `error.rs` | why TLS cannot be had |
//! | `files.rs` | the bytes of the files |
//! | `reload.rs` | what handshakes use now; how changed files are noticed |
//! | `key_store.rs` | keys and certificates in a file: PEM, and what Java opens |
//! | `server_keys.rs` | which of several keys a client is shown |
//! | `validity.rs` | until when a certificate is valid |
//! | `certificate.rs` | whose it is, for operators |
//! | `names.rs` | whose it is, exactly, for who gives rights by it |
//! | `signing_key.rs` | which keys can sign |
//! | `provider.rs`, `ecdsa.rs`, `pss.rs` | cryptography: ring, and what it lacks |
//!
//! A connection that was made keeps what it was made with: a reload is for handshakes after it. A
//! reload that fails changes nothing.

mod certificate;
mod ecdsa;
mod error;
mod files;
mod key_store;
mod names;
mod provider;
mod pss;
mod reload;
mod server_config;
mod server_keys;
mod signing_key;
mod validity;
mod x509;

pub use crate::transport::tls::certificate::CertificateFacts;
pub use crate::transport::tls::error::TlsError;
pub use crate::transport::tls::key_store::{KeyEntry, KeyStores, PemOnly};
pub(crate) use crate::transport::tls::names::names_of;
pub use crate::transport::tls::provider::provider;
pub(crate) use crate::transport::tls::reload::Tls;
pub(crate) use crate::transport::tls::server_config::{H2, HTTP_1};

/// Reads a file of PEM both as what the server shows and as what it trusts.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse_pem(file: &[u8]) {
    if let Ok(identities) = key_store::identities(file, None, None, "tls.private.key", &mut PemOnly)
    {
        assert!(identities.iter().all(|identity| !identity.chain.is_empty()));
        drop(server_keys::ServerKeys::new(identities));
    }
    assert!(
        key_store::trusted(file, None, &mut PemOnly).map_or(true, |trusted| !trusted.is_empty())
    );
}

/// Reads a certificate: facts for operators, names that rights are given to, and its end.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse_certificate(certificate: &[u8]) {
    let names = names_of(certificate);
    let facts = CertificateFacts::of(certificate);
    for name in &names {
        let (kind, text) = name.split_at(name.find([':', '=']).unwrap_or(0) + 1);
        assert!(
            ["CN=", "DNS:", "URI:", "email:"].contains(&kind),
            "{name:?}"
        );
        assert!(!text.is_empty() && text.len() <= 1024 && !text.contains(char::is_control));
    }
    let told = [&facts.subject, &facts.issuer]
        .into_iter()
        .chain(&facts.names);
    for text in told {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
}

/// Takes bytes for a private key of PKCS#8, as Java hands it over.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse_key(key: &[u8]) {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key).into();
    drop(signing_key::signing_key(&key, &(&[][..]).into()));
}

/// Takes bytes for public key and signature of a client, by every algorithm that is ours. The first two
/// bytes say how long the key is.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn verify_signature(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let (key, signature) = rest.split_at(length.min(rest.len()));
    for algorithm in ecdsa::VERIFICATION.iter().chain(pss::VERIFICATION) {
        // Nobody finds the signature of these words by chance.
        let verified = algorithm.verify_signature(key, b"words", signature);
        assert!(verified.is_err());
    }
}
