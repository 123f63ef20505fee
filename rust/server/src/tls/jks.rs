//! Java's old key store, JKS.
//!
//! Numbers are big-endian; a text is its length in two bytes, then UTF-8.
//!
//! ```text
//!   0xFEEDFEED | version (4) = 1 or 2 | entries (4)
//!   entry:  1 (4) | alias | date (8) | length (4) | sealed key | certificates (4) | certificate ...
//!           2 (4) | alias | date (8) | certificate
//!   certificate: type, a text, of version 2 only | length (4) | DER
//!   SHA-1 of the password (UTF-16), "Mighty Aphrodite" and all of the above (20)
//! ```
//!
//! A key is sealed by Sun's own algorithm (`sun.security.provider.KeyProtector`): salt (20), the key
//! in PKCS#8 form combined by XOR with SHA-1(password, salt), SHA-1(password, that), ..., and
//! SHA-1(password, key) as a check (20).

use ring::digest::{digest, Context, SHA1_FOR_LEGACY_USE_ONLY as SHA1};

use crate::tls::der::{Der, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use crate::tls::key_store::{Entry, KeyStoreError, SealedKey};

pub(crate) const MAGIC: [u8; 4] = [0xFE, 0xED, 0xFE, 0xED];
/// JCEKS, whose keys are sealed otherwise.
pub(crate) const JCEKS_MAGIC: [u8; 4] = [0xCE, 0xCE, 0xCE, 0xCE];

const KEY: u32 = 1;
const CERTIFICATE: u32 = 2;
const DIGEST: usize = 20;
/// 1.3.6.1.4.1.42.2.17.1.1
const KEY_PROTECTOR: [u8; 10] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x2A, 0x02, 0x11, 0x01, 0x01];

/// Reads all entries. Without a password the check at the end is skipped, as in Java.
pub(crate) fn read(file: &[u8], password: Option<&str>) -> Result<Vec<Entry>, KeyStoreError> {
    let (contents, check) = file
        .split_last_chunk::<DIGEST>()
        .ok_or(KeyStoreError::Truncated)?;
    if let Some(password) = password {
        let mut digest = Context::new(&SHA1);
        digest.update(&utf16(password));
        digest.update(b"Mighty Aphrodite");
        digest.update(contents);
        if digest.finish().as_ref() != check {
            return Err(KeyStoreError::WrongPassword);
        }
    }
    let mut reader = Reader(contents);
    reader.take(MAGIC.len())?;
    let version = reader.number()?;
    if version != 1 && version != 2 {
        return Err(KeyStoreError::Unsupported(format!("JKS version {version}")));
    }
    let mut entries = Vec::new();
    for _ in 0..reader.number()? {
        let tag = reader.number()?;
        let alias = reader.text()?;
        reader.take(8)?;
        match tag {
            KEY => {
                let key = reader.bytes()?.to_vec();
                let mut chain = Vec::new();
                for _ in 0..reader.number()? {
                    chain.push(reader.certificate(version)?);
                }
                entries.push(Entry::Key {
                    alias,
                    key: SealedKey::Jks(key),
                    chain,
                });
            }
            CERTIFICATE => entries.push(Entry::Trusted {
                certificate: reader.certificate(version)?,
            }),
            _ => {
                return Err(KeyStoreError::Unsupported(format!(
                    "JKS entry of type {tag}"
                )))
            }
        }
    }
    Ok(entries)
}

/// Opens a sealed key; returns it in PKCS#8 form.
pub(crate) fn open_key(sealed: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut sealed = Der::new(sealed).nested(SEQUENCE)?;
    if sealed.nested(SEQUENCE)?.value(OBJECT_IDENTIFIER)? != KEY_PROTECTOR {
        return Err(KeyStoreError::Unsupported(
            "a private key that is not sealed by Java's key protector".to_owned(),
        ));
    }
    let sealed = sealed.value(OCTET_STRING)?;
    let (salt, sealed) = sealed
        .split_at_checked(DIGEST)
        .ok_or(KeyStoreError::Truncated)?;
    let (sealed, check) = sealed
        .split_last_chunk::<DIGEST>()
        .ok_or(KeyStoreError::Truncated)?;
    let password = utf16(password);
    let mut key = sealed.to_vec();
    let mut pad = salt.to_vec();
    for block in key.chunks_mut(DIGEST) {
        pad = digest(&SHA1, &[&password[..], &pad].concat())
            .as_ref()
            .to_vec();
        for (byte, pad) in block.iter_mut().zip(&pad) {
            *byte ^= pad;
        }
    }
    if digest(&SHA1, &[&password[..], &key].concat()).as_ref() != check {
        return Err(KeyStoreError::WrongKeyPassword);
    }
    Ok(key)
}

/// Java's characters, big-endian.
fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyStoreError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(KeyStoreError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, KeyStoreError> {
        let bytes = self.take(4)?.iter();
        Ok(bytes.fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn bytes(&mut self) -> Result<&'a [u8], KeyStoreError> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn text(&mut self) -> Result<String, KeyStoreError> {
        let length = self.take(2)?;
        let length = usize::from(length[0]) << 8 | usize::from(length[1]);
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn certificate(&mut self, version: u32) -> Result<Vec<u8>, KeyStoreError> {
        if version == 2 {
            let kind = self.text()?;
            if kind != "X.509" {
                return Err(KeyStoreError::Unsupported(format!(
                    "certificate of type {kind}"
                )));
            }
        }
        Ok(self.bytes()?.to_vec())
    }
}
