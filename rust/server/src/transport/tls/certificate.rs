//! Whose a certificate is, for operators: what RFC 5280 has in its fields. Who may connect, others decide.

use std::fmt::Write;

use ring::digest::{digest, SHA256};

use crate::transport::tls::validity::{element, time};

/// Bytes of a name that are repeated.
const NAME_BYTES: usize = 200;
/// Names of a certificate that are repeated.
const NAMES: usize = 20;

const SEQUENCE: u8 = 0x30;

/// What a certificate says of itself. What cannot be read is left empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is, as `CN=..., O=...`.
    pub subject: String,
    /// Who signed it, likewise.
    pub issuer: String,
    /// The serial number, hexadecimal.
    pub serial: String,
    /// DNS names, URIs and e-mail addresses that it is for (`subjectAltName`).
    pub names: Vec<String>,
    /// Seconds since 1970 from which it is valid.
    pub not_before: Option<i64>,
    /// Seconds since 1970 until which it is.
    pub not_after: Option<i64>,
    /// SHA-256 of all of it, hexadecimal.
    pub sha256: String,
}

impl CertificateFacts {
    /// Reads a certificate, DER of X.509.
    pub fn of(certificate: &[u8]) -> CertificateFacts {
        let mut facts = CertificateFacts {
            subject: String::new(),
            issuer: String::new(),
            serial: String::new(),
            names: Vec::new(),
            not_before: None,
            not_after: None,
            sha256: hex(digest(&SHA256, certificate).as_ref()),
        };
        // What was read until something cannot be stays.
        let _ = facts.read(certificate);
        facts
    }

    fn read(&mut self, certificate: &[u8]) -> Option<()> {
        const VERSION: u8 = 0xA0;
        const INTEGER: u8 = 0x02;
        const EXTENSIONS: u8 = 0xA3;
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (mut fields, _) = element(certificate, SEQUENCE)?;
        if fields.first() == Some(&VERSION) {
            fields = element(fields, VERSION)?.1;
        }
        let mut next = |tag| {
            let (content, rest) = element(fields, tag)?;
            fields = rest;
            Some(content)
        };
        let serial = next(INTEGER)?;
        // A zero before a high bit says that the number is positive.
        self.serial = hex(serial.strip_prefix(&[0]).unwrap_or(serial));
        next(SEQUENCE)?; // the algorithm of the signature
        self.issuer = name(next(SEQUENCE)?);
        let validity = next(SEQUENCE)?;
        self.subject = name(next(SEQUENCE)?);
        let tag = *validity.first()?;
        let (before, rest) = element(validity, tag)?;
        self.not_before = time(tag, before);
        let tag = *rest.first()?;
        self.not_after = time(tag, element(rest, tag)?.0);
        next(SEQUENCE)?; // the public key
        while let Some(&tag) = fields.first() {
            let (content, rest) = element(fields, tag)?;
            fields = rest;
            if tag == EXTENSIONS {
                self.names = alternative_names(element(content, SEQUENCE)?.0);
            }
        }
        Some(())
    }
}

/// A `Name`: attributes in their order.
fn name(mut rdns: &[u8]) -> String {
    const SET: u8 = 0x31;
    const OBJECT_IDENTIFIER: u8 = 0x06;
    let mut text = String::new();
    while let Some((mut set, rest)) = element(rdns, SET) {
        rdns = rest;
        while let Some((attribute, rest)) = element(set, SEQUENCE) {
            set = rest;
            let Some((kind, value)) = element(attribute, OBJECT_IDENTIFIER) else {
                continue;
            };
            let label = match kind {
                [0x55, 4, 3] => "CN",
                [0x55, 4, 6] => "C",
                [0x55, 4, 7] => "L",
                [0x55, 4, 8] => "ST",
                [0x55, 4, 10] => "O",
                [0x55, 4, 11] => "OU",
                _ => continue,
            };
            let value = value.first().and_then(|&tag| element(value, tag));
            let Some((value, _)) = value else { continue };
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}{label}={}", shown(value));
            if text.len() > NAME_BYTES {
                return text;
            }
        }
    }
    text
}

/// The names of the extension `subjectAltName`, if it is among these.
fn alternative_names(mut extensions: &[u8]) -> Vec<String> {
    /// The object identifier 2.5.29.17.
    const SUBJECT_ALT_NAME: &[u8] = &[0x06, 3, 0x55, 0x1D, 0x11];
    const OCTET_STRING: u8 = 0x04;
    const BOOLEAN: u8 = 0x01;
    let mut names = Vec::new();
    while let Some((extension, rest)) = element(extensions, SEQUENCE) {
        extensions = rest;
        let Some(mut value) = extension.strip_prefix(SUBJECT_ALT_NAME) else {
            continue;
        };
        if let Some((_, rest)) = element(value, BOOLEAN) {
            value = rest;
        }
        let value = element(value, OCTET_STRING).and_then(|(value, _)| element(value, SEQUENCE));
        let Some((mut general, _)) = value else {
            continue;
        };
        while let Some(&tag) = general.first() {
            let Some((name, rest)) = element(general, tag) else {
                break;
            };
            general = rest;
            // rfc822Name, dNSName, uniformResourceIdentifier.
            if matches!(tag, 0x81 | 0x82 | 0x86) && names.len() < NAMES {
                names.push(shown(name));
            }
        }
    }
    names
}

/// Text of a certificate, its beginning, without what a terminal would take for more than text.
fn shown(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(NAME_BYTES)];
    let text = String::from_utf8_lossy(bytes);
    let plain = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    text.chars().map(plain).collect()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len().min(NAME_BYTES));
    for byte in &bytes[..bytes.len().min(NAME_BYTES)] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
