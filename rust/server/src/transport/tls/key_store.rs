//! What a server shows and trusts, as bytes of files: PEM is read here, other key stores by Java.

use std::fmt;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::{Zeroize, Zeroizing};

/// Why a file with keys or certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file is larger than any key store.
    #[error("the file has more than {limit} bytes; give a key store")]
    TooLarge {
        /// Bytes that are read.
        limit: u64,
    },
    /// The file is no PEM, and who opens others does not open it.
    #[error("{0}")]
    NotOpened(String),
    /// The private key is encrypted.
    #[error(
        "an encrypted private key in PEM is not supported; decrypt it (openssl pkey), or use \
         PKCS#12, which has a password"
    )]
    EncryptedPem,
    /// The file is PEM that cannot be read.
    #[error("the file is damaged PEM: {0}")]
    Pem(String),
    /// No private key.
    #[error("the file has no private key{0}")]
    NoKey(&'static str),
    /// No certificate.
    #[error("the file has no certificate{0}")]
    NoCertificate(&'static str),
    /// No private key beside the certificates; the setting of its own file.
    #[error("the file has no private key; name the file that has it by {0}")]
    NoKeyBeside(&'static str),
    /// A private key that no handshake can be signed with.
    #[error("its private key{0} is {1}")]
    Key(Alias, String),
    /// None of several private keys can be used.
    #[error("it has several private keys, and none can be used: {0}")]
    NoUsableKey(String),
    /// Key and certificate do not belong together.
    #[error("the private key{0} is not that of the first certificate")]
    Mismatch(Alias),
    /// rustls refuses the certificates.
    #[error("{0}")]
    Refused(String),
    /// The file cannot be read at all.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The name of a private key in its key store; PEM has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alias(pub Option<String>);

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(alias) => write!(f, " {:?}", Cut(alias)),
            None => Ok(()),
        }
    }
}

/// A text of others in a message of ours, at most 200 characters of it.
pub(crate) struct Cut<'a>(pub(crate) &'a str);

impl fmt::Debug for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(200) {
            Some((end, _)) => write!(f, "{:?}...", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// A private key of a key store, and its certificates.
pub struct KeyEntry {
    /// Its name in the store.
    pub alias: String,
    /// PKCS#8 in DER, in the clear. Wiped when it is dropped.
    pub key: Zeroizing<Vec<u8>>,
    /// X.509 in DER, that of the key first.
    pub chain: Vec<Vec<u8>>,
}

/// Who opens the key stores that are no PEM: Java. It knows the passwords, the alias and the type
/// from the same settings as the server.
pub trait KeyStores {
    /// The private keys of the bytes of `tls.key.store`: that of the alias, if one is set, else all,
    /// in the order in which Java's key manager would look at them. The error is for people: reason
    /// and remedy.
    fn keys(&mut self, file: &[u8]) -> Result<Vec<KeyEntry>, String>;

    /// The certificates to trust, X.509 in DER, of the bytes of `tls.trust.store`.
    fn trusted(&mut self, file: &[u8]) -> Result<Vec<Vec<u8>>, String>;
}

/// Where there is no Java: PEM is all that can be used.
pub struct PemOnly;

impl PemOnly {
    const REFUSAL: &str = "the file is no PEM; other key stores are opened by Java: start the \
        server by RustReadServer, or convert the file (openssl pkcs12 -nodes)";
}

impl KeyStores for PemOnly {
    fn keys(&mut self, _: &[u8]) -> Result<Vec<KeyEntry>, String> {
        Err(PemOnly::REFUSAL.to_owned())
    }

    fn trusted(&mut self, _: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        Err(PemOnly::REFUSAL.to_owned())
    }
}

/// A private key with its certificates, in the form that it had in the file.
pub(crate) struct Identity {
    pub(crate) alias: Alias,
    pub(crate) key: PrivateKeyDer<'static>,
    /// Not empty; that of the key first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// The identities in a file: of PEM its one private key and its certificates in their order. `key_file`
/// is PEM with the private key, if it is not in `file`. `kind` is the type of the file, if a setting says
/// it.
pub(crate) fn identities(
    file: &[u8],
    key_file: Option<&[u8]>,
    kind: Option<&str>,
    key_setting: &'static str,
    java: &mut dyn KeyStores,
) -> Result<Vec<Identity>, KeyStoreError> {
    if is_pem(file, kind)? {
        return Ok(vec![Identity {
            alias: Alias::default(),
            chain: certificates(file, " for the server to show")?,
            key: pem_key(key_file.unwrap_or(file), key_setting)?,
        }]);
    }
    let entries = java.keys(file);
    let mut identities = Vec::new();
    for entry in entries.map_err(KeyStoreError::NotOpened)? {
        if entry.chain.is_empty() {
            return Err(KeyStoreError::NoCertificate(" of its private key"));
        }
        identities.push(Identity {
            alias: Alias(Some(entry.alias)),
            key: PrivatePkcs8KeyDer::from(entry.key.to_vec()).into(),
            chain: entry.chain.into_iter().map(CertificateDer::from).collect(),
        });
    }
    if identities.is_empty() {
        return Err(KeyStoreError::NoKey(" for the server to use"));
    }
    Ok(identities)
}

/// The certificates to trust in a file: of PEM all, of other key stores what Java trusts.
pub(crate) fn trusted(
    file: &[u8],
    kind: Option<&str>,
    java: &mut dyn KeyStores,
) -> Result<Vec<CertificateDer<'static>>, KeyStoreError> {
    if is_pem(file, kind)? {
        return certificates(file, " to trust");
    }
    let certificates = java.trusted(file).map_err(KeyStoreError::NotOpened)?;
    if certificates.is_empty() {
        return Err(KeyStoreError::NoCertificate(" to trust"));
    }
    Ok(certificates.into_iter().map(CertificateDer::from).collect())
}

/// Whether a file is PEM, which shows in it where no setting says it. JKS, JCEKS and PKCS#12 (a SEQUENCE
/// of 128 bytes or more) begin with bytes that PEM does not, and may have anything after them.
fn is_pem(file: &[u8], kind: Option<&str>) -> Result<bool, KeyStoreError> {
    if let ([_, ..], Some(kind)) = (file, kind) {
        return Ok(kind.eq_ignore_ascii_case("PEM"));
    }
    match file {
        [] => Err(KeyStoreError::Empty),
        [0xFE, 0xED, 0xFE, 0xED, ..] | [0xCE, 0xCE, 0xCE, 0xCE, ..] | [0x30, 0x80..=0xFF, ..] => {
            Ok(false)
        }
        _ => Ok(file.windows(11).any(|window| window == b"-----BEGIN ")),
    }
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

fn pem_key(pem: &[u8], setting: &'static str) -> Result<PrivateKeyDer<'static>, KeyStoreError> {
    const ENCRYPTED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    const OPENSSL_ENCRYPTED: &[u8] = b"Proc-Type: 4,ENCRYPTED";
    let has = |text: &[u8]| pem.windows(text.len()).any(|window| window == text);
    if has(ENCRYPTED) || has(OPENSSL_ENCRYPTED) {
        return Err(KeyStoreError::EncryptedPem);
    }
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => {
            Err(KeyStoreError::NoKeyBeside(setting))
        }
        Err(error) => Err(KeyStoreError::Pem(error.to_string())),
    }
}
