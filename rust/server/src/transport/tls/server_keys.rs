//! The keys that a server has, and which of them a client is shown.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, SignatureScheme};

use crate::transport::tls::key_store::{Alias, Identity, KeyStoreError};
use crate::transport::tls::pss;
use crate::transport::tls::signing_key::{signing_key, Signing, Unusable};

/// All schemes that a key here may have.
const SCHEMES: [SignatureScheme; 10] = [
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];

/// One key, or several of different kinds: a client is shown the first whose kind it knows, its own
/// preference first, as Java's key manager `SunX509` chooses.
#[derive(Debug)]
pub(crate) struct ServerKeys(Vec<Arc<CertifiedKey>>);

impl ServerKeys {
    /// Makes the keys of a store ready, in its order. Of one key an error is the answer; of several those
    /// that cannot be used are left out, and the log says which are used.
    pub(crate) fn new(identities: Vec<Identity>) -> Result<ServerKeys, KeyStoreError> {
        if let [identity] = &identities[..] {
            let (key, _) = certified(identity)?;
            return Ok(ServerKeys(vec![Arc::new(key)]));
        }
        let (mut keys, mut used, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        let mut known = Vec::new();
        for identity in &identities {
            let alias = identity.alias.to_string();
            match certified(identity) {
                Ok((key, kind)) => {
                    let schemes = schemes_of(&key);
                    let says = format!("{} ({kind})", alias.trim_start());
                    if schemes.iter().all(|scheme| known.contains(scheme)) {
                        unused.push(says);
                    } else {
                        known.extend(schemes);
                        used.push(says);
                        keys.push(Arc::new(key));
                    }
                }
                Err(error) => unused.push(error.to_string()),
            }
        }
        if keys.is_empty() {
            return Err(KeyStoreError::NoUsableKey(unused.join("; ")));
        }
        // Said as a warning because the order is an accident of the store: more than one key was
        // hardly meant.
        tracing::warn!(
            used = used.join(", "),
            unused = unused.join(", "),
            "the key store has several private keys and tls.key.alias is not set: clients are shown \
             the first in use that they can verify"
        );
        Ok(ServerKeys(keys))
    }
}

/// The key with its certificates, and what it is.
fn certified(identity: &Identity) -> Result<(CertifiedKey, String), KeyStoreError> {
    let alias = || Alias(identity.alias.0.clone());
    let made = signing_key(&identity.key, &identity.chain[0]);
    let Signing { key, kind } = made.map_err(|unusable| match unusable {
        Unusable::Kind(kind) => KeyStoreError::Key(alias(), kind),
        Unusable::Mismatch => KeyStoreError::Mismatch(alias()),
    })?;
    let certified = CertifiedKey::new(identity.chain.clone(), key);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok((certified, kind)),
        Err(Error::InconsistentKeys(_)) => Err(KeyStoreError::Mismatch(alias())),
        Err(error) => Err(KeyStoreError::Refused(format!(
            "the first certificate cannot be used: {error}"
        ))),
    }
}

fn schemes_of(key: &CertifiedKey) -> Vec<SignatureScheme> {
    let pss = pss::SCHEMES.iter().map(|known| known.scheme);
    let all = SCHEMES.into_iter().chain(pss);
    all.filter(|scheme| key.key.choose_scheme(&[*scheme]).is_some())
        .collect()
}

impl ServerKeys {
    /// The certificates that clients are shown: of each key its own first.
    pub(crate) fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.0.iter().flat_map(|key| &key.cert).cloned().collect()
    }
}

impl ResolvesServerCert for ServerKeys {
    fn resolve(&self, client: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let signs = |scheme: &SignatureScheme| {
            let mut keys = self.0.iter();
            keys.find(|key| key.key.choose_scheme(&[*scheme]).is_some())
        };
        let key = match &self.0[..] {
            [only] => Some(only),
            several => client
                .signature_schemes()
                .iter()
                .find_map(signs)
                // The handshake fails by the alert that is for it.
                .or(several.first()),
        };
        key.cloned()
    }
}
