//! Whose a certificate is, for operators: what RFC 5280 has in its fields. Who may connect, others decide.

use std::fmt::Write;

use ring::digest::{digest, SHA256};

use crate::transport::tls::validity::time;
use crate::transport::tls::x509::{
    alternative_names, attributes, element, Fields, DNS, EMAIL, ISSUER, SERIAL_NUMBER, SIGNATURE,
    SUBJECT, URI, VALIDITY,
};

/// Bytes of a name that are repeated.
const NAME_BYTES: usize = 200;
/// Names of a certificate that are repeated.
const NAMES: usize = 20;

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
        let mut fields = Fields::of(certificate)?;
        let serial = fields.next(SERIAL_NUMBER)?;
        // A zero before a high bit says that the number is positive.
        self.serial = hex(serial.strip_prefix(&[0]).unwrap_or(serial));
        fields.next(SIGNATURE)?;
        self.issuer = name(fields.next(ISSUER)?);
        let validity = fields.next(VALIDITY)?;
        self.subject = name(fields.next(SUBJECT)?);
        let tag = *validity.first()?;
        let (before, rest) = element(validity, tag)?;
        self.not_before = time(tag, before);
        let tag = *rest.first()?;
        self.not_after = time(tag, element(rest, tag)?.0);
        // What was read until one cannot be stays.
        let _ = alternative_names(fields.extensions()?, |tag, name| {
            if matches!(tag, EMAIL | DNS | URI) && self.names.len() < NAMES {
                self.names.push(shown(name));
            }
        });
        Some(())
    }
}

/// A `Name`: attributes in their order, as far as they can be read and are not too long.
fn name(rdns: &[u8]) -> String {
    let mut text = String::new();
    let _ = attributes(rdns, |kind, _, value| {
        let label = match kind {
            [0x55, 4, 3] => "CN",
            [0x55, 4, 6] => "C",
            [0x55, 4, 7] => "L",
            [0x55, 4, 8] => "ST",
            [0x55, 4, 10] => "O",
            [0x55, 4, 11] => "OU",
            _ => return,
        };
        if text.len() <= NAME_BYTES {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}{label}={}", shown(value));
        }
    });
    text
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
