//! Private keys of elliptic curves, made fit for ring.
//!
//! The public key is optional in such a key (RFC 5915). Java leaves it out, ring wants it, and the
//! certificate has it.

use std::borrow::Cow;

use crate::tls::der::{Der, DerError, BIT_STRING, CONTEXT_0, INTEGER};
use crate::tls::der::{CONTEXT_1, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};

/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];

/// The PKCS#8 key `key`, with the public key of `certificate` if it has none of its own. A key of
/// another kind is as it was; whether it can be used is for rustls to say.
pub(crate) fn with_public_key<'a>(key: &'a [u8], certificate: &[u8]) -> Cow<'a, [u8]> {
    match completed(key, certificate) {
        Ok(Some(completed)) => Cow::Owned(completed),
        Ok(None) | Err(_) => Cow::Borrowed(key),
    }
}

fn completed(key: &[u8], certificate: &[u8]) -> Result<Option<Vec<u8>>, DerError> {
    let mut fields = Der::new(key).nested(SEQUENCE)?;
    fields.number()?;
    let algorithm = fields.value(SEQUENCE)?;
    if Der::new(algorithm).value(OBJECT_IDENTIFIER)? != EC_PUBLIC_KEY {
        return Ok(None);
    }
    let mut private = fields.nested(OCTET_STRING)?.nested(SEQUENCE)?;
    private.number()?;
    let number = private.value(OCTET_STRING)?;
    while !private.is_empty() {
        if private.any()?.0 == CONTEXT_1 {
            return Ok(None);
        }
    }
    let public = encoded(
        CONTEXT_1,
        &[encoded(BIT_STRING, &[public_key(certificate)?.to_vec()])],
    );
    let private = encoded(
        SEQUENCE,
        &[
            encoded(INTEGER, &[vec![1]]),
            encoded(OCTET_STRING, &[number.to_vec()]),
            public,
        ],
    );
    Ok(Some(encoded(
        SEQUENCE,
        &[
            encoded(INTEGER, &[vec![0]]),
            encoded(SEQUENCE, &[algorithm.to_vec()]),
            encoded(OCTET_STRING, &[private]),
        ],
    )))
}

/// The bits of a certificate's public key.
fn public_key(certificate: &[u8]) -> Result<&[u8], DerError> {
    let mut fields = Der::new(certificate).nested(SEQUENCE)?.nested(SEQUENCE)?;
    if fields.peek() == Some(CONTEXT_0) {
        fields.any()?; // version
    }
    for _serial_algorithm_issuer_validity_subject in 0..5 {
        fields.any()?;
    }
    let mut key = fields.nested(SEQUENCE)?;
    key.any()?; // algorithm
    key.value(BIT_STRING)
}

fn encoded(tag: u8, contents: &[Vec<u8>]) -> Vec<u8> {
    let contents = contents.concat();
    let length = contents.len().to_be_bytes();
    let digits = &length[contents.len().leading_zeros() as usize / 8..];
    let mut der = vec![tag];
    if contents.len() < 0x80 {
        der.push(contents.len() as u8);
    } else {
        der.push(0x80 | digits.len() as u8);
        der.extend_from_slice(digits);
    }
    der.extend_from_slice(&contents);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_encoded_as_der_has_them() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1_0000] {
            let der = encoded(OCTET_STRING, &[vec![7; length]]);
            let mut read = Der::new(&der);
            assert_eq!(read.value(OCTET_STRING).unwrap().len(), length);
            assert!(read.is_empty());
        }
    }

    #[test]
    fn what_is_no_key_of_a_curve_stays_as_it_is() {
        for key in [&b""[..], b"\x30\x00", b"\x30\x03\x02\x01\x00"] {
            assert_eq!(&*with_public_key(key, b""), key);
        }
    }
}
