//! PKCS#12 files (RFC 7292): what `keytool` writes by default, and `openssl pkcs12 -export`.
//!
//! ```text
//!   PFX: version | contents, bytes of: run of safes | MAC over them by password (optional)
//!   safe: run of bags, in the clear or encrypted by password
//!   bag: private key, in the clear or encrypted | certificate;  with attributes:
//!        alias, an id that ties a certificate to its key, Java's mark of a trusted certificate
//! ```

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use ring::hmac;

use crate::tls::der::{
    Der, BMP_STRING, CONTEXT_0, CONTEXT_0_PRIMITIVE, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET,
};
use crate::tls::key_store::{Entry, KeyStoreError, SealedKey};
use crate::tls::pbe::{self, Purpose};

/// 1.2.840.113549.1.7.1 and .6
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x06];
/// 1.2.840.113549.1.12.10.1.x
const KEY_BAG: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, 0x01,
];
const SHROUDED_KEY_BAG: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, 0x02,
];
const CERTIFICATE_BAG: &[u8] = &[
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01, 0x03,
];
/// 1.2.840.113549.1.9.22.1
const X509: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x16, 0x01];
/// 1.2.840.113549.1.9.20 and .21
const FRIENDLY_NAME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x14];
const LOCAL_KEY_ID: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x15];
/// 2.16.840.1.113894.746875.1.1, Java's mark of a certificate to trust
const TRUSTED_KEY_USAGE: &[u8] = &[
    0x60, 0x86, 0x48, 0x01, 0x86, 0xF9, 0x66, 0xAD, 0xCA, 0x7B, 0x01, 0x01,
];
/// 1.3.14.3.2.26 and 2.16.840.1.101.3.4.2.1 to 3
const SHA1_OID: &[u8] = &[0x2B, 0x0E, 0x03, 0x02, 0x1A];
const SHA256_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];

/// Reads all entries. Without a password the MAC is not looked at, and only what is not encrypted
/// can be read.
pub(crate) fn read(file: &[u8], password: Option<&str>) -> Result<Vec<Entry>, KeyStoreError> {
    let mut pfx = Der::new(file).nested(SEQUENCE)?;
    let version = pfx.number()?;
    if version != 3 {
        return Err(KeyStoreError::Unsupported(format!(
            "PKCS#12 version {version}"
        )));
    }
    let mut contents = pfx.nested(SEQUENCE)?;
    if contents.value(OBJECT_IDENTIFIER)? != DATA {
        return Err(KeyStoreError::Unsupported(
            "a signed PKCS#12 file".to_owned(),
        ));
    }
    let safes = contents.nested(CONTEXT_0)?.value(OCTET_STRING)?;
    if let (false, Some(password)) = (pfx.is_empty(), password) {
        check_mac(pfx.nested(SEQUENCE)?, safes, password)?;
    }

    let mut bags = Bags::default();
    let mut safes = Der::new(safes).nested(SEQUENCE)?;
    while !safes.is_empty() {
        let mut safe = safes.nested(SEQUENCE)?;
        match safe.value(OBJECT_IDENTIFIER)? {
            DATA => bags.read(safe.nested(CONTEXT_0)?.value(OCTET_STRING)?)?,
            ENCRYPTED_DATA => {
                let mut encrypted = safe.nested(CONTEXT_0)?.nested(SEQUENCE)?;
                encrypted.number()?;
                let mut contents = encrypted.nested(SEQUENCE)?;
                contents.value(OBJECT_IDENTIFIER)?;
                let algorithm = contents.nested(SEQUENCE)?;
                let data = contents.value(CONTEXT_0_PRIMITIVE)?;
                let password = password.ok_or(KeyStoreError::NoPassword)?;
                bags.read(&pbe::decrypt(algorithm, data, password)?)?;
            }
            oid => return Err(pbe::unsupported("a safe of kind", oid)),
        }
    }
    Ok(bags.into_entries())
}

fn check_mac(mut mac: Der<'_>, safes: &[u8], password: &str) -> Result<(), KeyStoreError> {
    let mut digest = mac.nested(SEQUENCE)?;
    let algorithm = digest.nested(SEQUENCE)?.value(OBJECT_IDENTIFIER)?;
    let (hash, hmac): (&'static Algorithm, _) = match algorithm {
        SHA1_OID => (
            &SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        SHA256_OID => (&SHA256, hmac::HMAC_SHA256),
        SHA384_OID => (&SHA384, hmac::HMAC_SHA384),
        SHA512_OID => (&SHA512, hmac::HMAC_SHA512),
        oid => return Err(pbe::unsupported("a check (MAC) by", oid)),
    };
    let expected = digest.value(OCTET_STRING)?;
    let salt = mac.value(OCTET_STRING)?;
    // One round is the default, and defaults are left out.
    let iterations = if mac.is_empty() {
        std::num::NonZeroU32::MIN
    } else {
        pbe::iterations(&mut mac)?
    };
    let password = pbe::bmp(password);
    let length = hash.output_len();
    let key = pbe::derive(hash, Purpose::Mac, &password, salt, iterations, length);
    hmac::verify(&hmac::Key::new(hmac, &key), safes, expected)
        .map_err(|_| KeyStoreError::WrongPassword)
}

#[derive(Default)]
struct Bags {
    keys: Vec<(Attributes, SealedKey)>,
    certificates: Vec<(Attributes, Vec<u8>)>,
}

#[derive(Default)]
struct Attributes {
    trusted: bool,
    alias: String,
    key_id: Option<Vec<u8>>,
}

impl Bags {
    fn read(&mut self, bags: &[u8]) -> Result<(), KeyStoreError> {
        let mut bags = Der::new(bags).nested(SEQUENCE)?;
        while !bags.is_empty() {
            let mut bag = bags.nested(SEQUENCE)?;
            let kind = bag.value(OBJECT_IDENTIFIER)?;
            let value = bag.value(CONTEXT_0)?;
            let attributes = attributes(bag)?;
            match kind {
                KEY_BAG => self
                    .keys
                    .push((attributes, SealedKey::Open(value.to_vec()))),
                SHROUDED_KEY_BAG => {
                    self.keys
                        .push((attributes, SealedKey::Pkcs12(value.to_vec())));
                }
                CERTIFICATE_BAG => {
                    let mut certificate = Der::new(value).nested(SEQUENCE)?;
                    if certificate.value(OBJECT_IDENTIFIER)? == X509 {
                        let der = certificate.nested(CONTEXT_0)?.value(OCTET_STRING)?;
                        self.certificates.push((attributes, der.to_vec()));
                    }
                }
                // Lists of revoked certificates, secrets: nothing that TLS needs.
                _ => {}
            }
        }
        Ok(())
    }

    /// A key has the certificate of its id first, then its issuers as far as they are here. A
    /// certificate is one to trust when it has Java's mark, and in a file without keys, as
    /// `openssl` does not know the mark.
    fn into_entries(self) -> Vec<Entry> {
        let no_keys = self.keys.is_empty();
        let trusted = self
            .certificates
            .iter()
            .filter(|(attributes, _)| attributes.trusted || no_keys)
            .map(|(_, certificate)| Entry::Trusted {
                certificate: certificate.clone(),
            });
        let mut entries: Vec<Entry> = trusted.collect();
        for (attributes, key) in self.keys {
            entries.push(Entry::Key {
                alias: attributes.alias,
                key,
                chain: chain(attributes.key_id.as_deref(), &self.certificates),
            });
        }
        entries
    }
}

fn chain(key_id: Option<&[u8]>, certificates: &[(Attributes, Vec<u8>)]) -> Vec<Vec<u8>> {
    let own = certificates
        .iter()
        .find(|(attributes, _)| key_id.is_some() && attributes.key_id.as_deref() == key_id);
    let mut chain: Vec<Vec<u8>> = own.map(|(_, own)| own.clone()).into_iter().collect();
    while let Some((issuer, subject)) = chain.last().and_then(|last| names(last).ok()) {
        let next = certificates.iter().map(|(_, certificate)| certificate);
        let next = next
            .filter(|other| !chain.contains(other))
            .find(|other| names(other).is_ok_and(|(_, subject)| subject == issuer));
        match next.cloned() {
            Some(next) if issuer != subject => chain.push(next),
            _ => break,
        }
    }
    chain
}

/// Issuer and subject of a certificate, in DER.
fn names(certificate: &[u8]) -> Result<(Vec<u8>, Vec<u8>), KeyStoreError> {
    let mut fields = Der::new(certificate).nested(SEQUENCE)?.nested(SEQUENCE)?;
    if fields.peek() == Some(CONTEXT_0) {
        fields.any()?; // version
    }
    fields.any()?; // serial number
    fields.any()?; // algorithm of the signature
    let issuer = fields.value(SEQUENCE)?.to_vec();
    fields.any()?; // validity
    Ok((issuer, fields.value(SEQUENCE)?.to_vec()))
}

fn attributes(mut bag: Der<'_>) -> Result<Attributes, KeyStoreError> {
    let mut found = Attributes::default();
    if bag.is_empty() {
        return Ok(found);
    }
    let mut attributes = bag.nested(SET)?;
    while !attributes.is_empty() {
        let mut attribute = attributes.nested(SEQUENCE)?;
        let kind = attribute.value(OBJECT_IDENTIFIER)?;
        let mut values = attribute.nested(SET)?;
        match kind {
            FRIENDLY_NAME => {
                let units = values.value(BMP_STRING)?.chunks_exact(2);
                let units = units.map(|unit| u16::from(unit[0]) << 8 | u16::from(unit[1]));
                found.alias = char::decode_utf16(units)
                    .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect();
            }
            TRUSTED_KEY_USAGE => found.trusted = true,
            LOCAL_KEY_ID => found.key_id = Some(values.value(OCTET_STRING)?.to_vec()),
            _ => {}
        }
    }
    Ok(found)
}

/// Opens an encrypted key; returns it in PKCS#8 form.
pub(crate) fn open_key(sealed: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut sealed = Der::new(sealed).nested(SEQUENCE)?;
    let algorithm = sealed.nested(SEQUENCE)?;
    let data = sealed.value(OCTET_STRING)?;
    pbe::decrypt(algorithm, data, password).map_err(|error| match error {
        KeyStoreError::WrongPassword => KeyStoreError::WrongKeyPassword,
        error => error,
    })
}
