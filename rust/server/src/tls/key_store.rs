//! Files with keys and certificates: PEM, Java's JKS, and PKCS#12. What a file is shows in its first
//! bytes, so no setting says it.

use std::fmt;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::tls::der::DerError;
use crate::tls::ec_key::with_public_key;
use crate::tls::{jks, pkcs12};

/// A password of the settings; its text is in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Keeps `password` from being printed.
    pub fn new(password: &str) -> Password {
        Password(password.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why a file with keys or certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The file ends too early.
    #[error("the file is damaged: it is too short")]
    Truncated,
    /// The file is no DER where it has to be.
    #[error("the file is damaged: {0}")]
    Der(String),
    /// The file is encrypted and there is no password.
    #[error("the file is encrypted; give its password")]
    NoPassword,
    /// Another password, or a file that was changed.
    #[error("the password is wrong, or the file is damaged")]
    WrongPassword,
    /// The password of the file is right, and that of the key is not.
    #[error("the password of the private key is wrong; give it (tls.key.password) if it is not that of the file")]
    WrongKeyPassword,
    /// Something that this library does not read.
    #[error("{0} is not supported; write the file anew with keytool of JDK 17 or openssl 3")]
    Unsupported(String),
    /// The file is none of the kinds that are known.
    #[error("the file is neither PEM nor a Java key store (JKS) nor PKCS#12")]
    Unknown,
    /// The file is PEM that cannot be read.
    #[error("the file is damaged PEM: {0}")]
    Pem(String),
    /// No private key.
    #[error("the file has no private key{0}")]
    NoKey(&'static str),
    /// More than one private key.
    #[error("the file has {} private keys: {}; name one by its alias (tls.key.alias)", .0.len(), .0.join(", "))]
    SeveralKeys(Vec<String>),
    /// No private key under the name that was given.
    #[error("the file has no private key of alias {alias:?}; it has {}", .aliases.join(", "))]
    NoSuchAlias {
        /// As given.
        alias: String,
        /// What is there.
        aliases: Vec<String>,
    },
    /// No certificate.
    #[error("the file has no certificate{0}")]
    NoCertificate(&'static str),
    /// rustls refuses key, certificate or both together.
    #[error("{0}")]
    Refused(String),
    /// The file cannot be read at all.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<DerError> for KeyStoreError {
    fn from(error: DerError) -> KeyStoreError {
        KeyStoreError::Der(error.to_string())
    }
}

/// A private key as a key store has it.
pub(crate) enum SealedKey {
    /// PKCS#8, in the clear.
    Open(Vec<u8>),
    Jks(Vec<u8>),
    Pkcs12(Vec<u8>),
}

/// What a key store has under one name.
pub(crate) enum Entry {
    /// A private key and the chain of its certificate, its own first.
    Key {
        alias: String,
        key: SealedKey,
        chain: Vec<Vec<u8>>,
    },
    /// A certificate to trust.
    Trusted { certificate: Vec<u8> },
}

/// Which key of a store, and how to open it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Access<'a> {
    pub(crate) password: Option<&'a Password>,
    /// That of the key, where it is not that of the store.
    pub(crate) key_password: Option<&'a Password>,
    pub(crate) alias: Option<&'a str>,
}

/// What a server shows of itself.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// `chain` has at least the certificate of `key`.
    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Identity {
        let key = match key {
            PrivateKeyDer::Pkcs8(key) => {
                let completed = with_public_key(key.secret_pkcs8_der(), &chain[0]).into_owned();
                PrivateKeyDer::Pkcs8(completed.into())
            }
            key => key,
        };
        Identity { chain, key }
    }
}

enum Kind {
    Pem,
    Jks,
    Pkcs12,
}

fn kind(file: &[u8]) -> Result<Kind, KeyStoreError> {
    if file.starts_with(&jks::MAGIC) {
        Ok(Kind::Jks)
    } else if file.starts_with(&jks::JCEKS_MAGIC) {
        Err(KeyStoreError::Unsupported(
            "a key store of type JCEKS".to_owned(),
        ))
    } else if file.starts_with(&[0x30, 0x80]) || file.starts_with(&[0x30, 0x82]) {
        Ok(Kind::Pkcs12)
    } else if file.windows(10).any(|window| window == b"-----BEGIN") {
        Ok(Kind::Pem)
    } else {
        Err(KeyStoreError::Unknown)
    }
}

/// The identity in a file: of PEM its one private key and its certificates in their order, of a key
/// store its one private key, or that of the alias. `key_file` is PEM with the private key, if it is
/// not in `file`.
pub(crate) fn identity(
    file: &[u8],
    key_file: Option<&[u8]>,
    access: Access<'_>,
) -> Result<Identity, KeyStoreError> {
    let password = access.password.map(Password::text);
    let entries = match kind(file)? {
        Kind::Pem => {
            let chain = certificates(file, " for the server to show")?;
            return Ok(Identity::new(chain, pem_key(key_file.unwrap_or(file))?));
        }
        Kind::Jks => jks::read(file, password)?,
        Kind::Pkcs12 => pkcs12::read(file, password)?,
    };
    let keys = entries.into_iter().filter_map(|entry| match entry {
        Entry::Key { alias, key, chain } => Some((alias, key, chain)),
        Entry::Trusted { .. } => None,
    });
    let mut keys: Vec<_> = keys.collect();
    let aliases: Vec<String> = keys.iter().map(|(alias, ..)| alias.clone()).collect();
    if let Some(wanted) = access.alias {
        // Java's key stores do not tell upper from lower case.
        keys.retain(|(alias, ..)| alias.eq_ignore_ascii_case(wanted));
    }
    let (key, chain) = match (keys.pop(), access.alias) {
        (Some((_, key, chain)), _) if keys.is_empty() => (key, chain),
        (Some(_), _) => return Err(KeyStoreError::SeveralKeys(aliases)),
        (None, Some(alias)) if !aliases.is_empty() => {
            return Err(KeyStoreError::NoSuchAlias {
                alias: alias.to_owned(),
                aliases,
            })
        }
        (None, _) => return Err(KeyStoreError::NoKey(" for the server to use")),
    };
    let password = access.key_password.or(access.password).map(Password::text);
    let key = match key {
        SealedKey::Open(key) => key,
        SealedKey::Jks(key) => jks::open_key(&key, password.ok_or(KeyStoreError::NoPassword)?)?,
        SealedKey::Pkcs12(key) => {
            pkcs12::open_key(&key, password.ok_or(KeyStoreError::NoPassword)?)?
        }
    };
    if chain.is_empty() {
        return Err(KeyStoreError::NoCertificate(" of its private key"));
    }
    Ok(Identity::new(
        chain.into_iter().map(CertificateDer::from).collect(),
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)),
    ))
}

/// The certificates to trust in a file: of PEM all, of a key store those that stand for themselves,
/// and those of its private keys, as Java trusts both.
pub(crate) fn trusted(
    file: &[u8],
    password: Option<&Password>,
) -> Result<Vec<CertificateDer<'static>>, KeyStoreError> {
    let password = password.map(Password::text);
    let entries = match kind(file)? {
        Kind::Pem => return certificates(file, " to trust"),
        Kind::Jks => jks::read(file, password)?,
        Kind::Pkcs12 => pkcs12::read(file, password)?,
    };
    let certificates = entries.into_iter().filter_map(|entry| match entry {
        Entry::Trusted { certificate } => Some(certificate),
        Entry::Key { chain, .. } => chain.into_iter().next(),
    });
    let certificates: Vec<_> = certificates.map(CertificateDer::from).collect();
    if certificates.is_empty() {
        return Err(KeyStoreError::NoCertificate(" to trust"));
    }
    Ok(certificates)
}

fn certificates(
    pem: &[u8],
    what_for: &'static str,
) -> Result<Vec<CertificateDer<'static>>, KeyStoreError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|error| KeyStoreError::Pem(error.to_string()))?;
    if certificates.is_empty() {
        return Err(KeyStoreError::NoCertificate(what_for));
    }
    Ok(certificates)
}

fn pem_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, KeyStoreError> {
    const ENCRYPTED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    const OPENSSL_ENCRYPTED: &[u8] = b"Proc-Type: 4,ENCRYPTED";
    let has = |text: &[u8]| pem.windows(text.len()).any(|window| window == text);
    if has(ENCRYPTED) || has(OPENSSL_ENCRYPTED) {
        return Err(KeyStoreError::Unsupported(
            "an encrypted private key in PEM (PKCS#12 and JKS have passwords)".to_owned(),
        ));
    }
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => Err(KeyStoreError::NoKey(
            "; name the file that has it by tls.private.key",
        )),
        Err(error) => Err(KeyStoreError::Pem(error.to_string())),
    }
}
