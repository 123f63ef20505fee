//! From the DER of a private key to what signs handshakes, or to the name of what cannot.

use std::sync::Arc;

use p256::pkcs8::der::asn1::{ObjectIdentifier, UintRef};
use p256::pkcs8::der::{self, Decode, Header, SliceReader};
use p256::pkcs8::{EncodePrivateKey, PrivateKeyInfoRef};
use ring::signature::RsaKeyPair;
use rustls::crypto::ring::sign::{any_ecdsa_type, any_eddsa_type, any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;
use sec1::EcPrivateKey;

use crate::transport::tls::ecdsa::P521Key;
use crate::transport::tls::pss;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Names of what cannot be used, for messages.
const OTHERS: [(&str, &str); 7] = [
    ("1.2.840.10040.4.1", "DSA"),
    ("1.3.101.113", "Ed448"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
];

/// What can, for messages.
const USABLE: &str = "use RSA of 2048 to 4096 bits, EC of P-256, P-384 or P-521, or Ed25519";

/// RSA keys that ring signs with, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Why a key does not sign.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// What it is, and what to use: completes "the key is ...".
    Kind(String),
    /// It is not the key of its certificate.
    Mismatch,
}

/// A key that signs, and what it is, for messages.
#[derive(Debug)]
pub(crate) struct Signing {
    pub(crate) key: Arc<dyn SigningKey>,
    pub(crate) kind: String,
}

/// Makes a private key sign, whose certificate is `certificate`.
pub(crate) fn signing_key(
    key: &PrivateKeyDer<'_>,
    certificate: &CertificateDer<'_>,
) -> Result<Signing, Unusable> {
    match key {
        PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => {
            let key = EcPrivateKey::from_der(key.secret_sec1_der()).map_err(damaged)?;
            let curve = key.parameters.as_ref();
            elliptic(curve.and_then(|curve| curve.named_curve()), key.clone())
        }
        PrivateKeyDer::Pkcs8(key) => pkcs8(key.secret_pkcs8_der(), certificate),
        _ => Err(Unusable::Kind(format!("of an unknown form; {USABLE}"))),
    }
}

fn pkcs8(key: &[u8], certificate: &CertificateDer<'_>) -> Result<Signing, Unusable> {
    let info = PrivateKeyInfoRef::try_from(key).map_err(damaged)?;
    let private = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA => rsa(private),
        pss::OID => {
            let bits = rsa_bits(private)?;
            let key = RsaKeyPair::from_der(private).map_err(damaged)?;
            let key = pss::PssKey::new(key, certificate).map_err(Unusable::Kind)?;
            Ok(Signing {
                key: Arc::new(key.ok_or(Unusable::Mismatch)?),
                kind: format!("RSASSA-PSS {bits}"),
            })
        }
        EC => {
            let curve = info.algorithm.parameters_oid().ok();
            elliptic(curve, EcPrivateKey::from_der(private).map_err(damaged)?)
        }
        ED25519 => Ok(Signing {
            key: any_eddsa_type(&PrivatePkcs8KeyDer::from(key)).map_err(damaged)?,
            kind: "Ed25519".to_owned(),
        }),
        other => Err(Unusable::Kind(format!(
            "of kind {}; {USABLE}",
            name_of(other)
        ))),
    }
}

fn rsa(key: &[u8]) -> Result<Signing, Unusable> {
    let bits = rsa_bits(key)?;
    let key = PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(key));
    // Not by way of `RsaSigningKey`, which is no public part of rustls.
    Ok(Signing {
        key: any_supported_type(&key).map_err(|_| {
            Unusable::Kind(format!(
                "an RSA key of {bits} bits that cannot be used: it is damaged, has an exponent \
                 below 65537, or a length that is no multiple of 512; make it anew"
            ))
        })?,
        kind: format!("RSA {bits}"),
    })
}

/// Bits of the modulus of a PKCS#1 key.
fn rsa_bits(key: &[u8]) -> Result<usize, Unusable> {
    let modulus = || -> der::Result<usize> {
        let mut reader = SliceReader::new(key)?;
        Header::decode(&mut reader)?;
        UintRef::decode(&mut reader)?; // version
        let modulus = UintRef::decode(&mut reader)?;
        let first = modulus.as_bytes().first().copied().unwrap_or_default();
        Ok(modulus.as_bytes().len() * 8 - first.leading_zeros() as usize)
    };
    let bits = modulus().map_err(damaged)?;
    if RSA_BITS.contains(&bits) {
        return Ok(bits);
    }
    Err(Unusable::Kind(format!(
        "an RSA key of {bits} bits; {USABLE}"
    )))
}

/// A key of a curve. The public key is optional in it (RFC 5915); Java leaves it out, ring wants it, so
/// it is computed.
fn elliptic(curve: Option<ObjectIdentifier>, key: EcPrivateKey<'_>) -> Result<Signing, Unusable> {
    let (encoded, kind) = match curve {
        Some(P256) => {
            let key = p256::SecretKey::try_from(key).map_err(damaged)?;
            (key.to_pkcs8_der().map_err(damaged)?, "EC P-256")
        }
        Some(P384) => {
            let key = p384::SecretKey::try_from(key).map_err(damaged)?;
            (key.to_pkcs8_der().map_err(damaged)?, "EC P-384")
        }
        Some(P521) => {
            let key = p521::SecretKey::try_from(key).map_err(damaged)?;
            return Ok(Signing {
                key: Arc::new(P521Key::new(&key)),
                kind: "EC P-521".to_owned(),
            });
        }
        Some(other) => {
            let curve = name_of(other);
            return Err(Unusable::Kind(format!(
                "an EC key of curve {curve}; {USABLE}"
            )));
        }
        None => {
            return Err(Unusable::Kind(format!(
                "an EC key of no named curve; {USABLE}"
            )))
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(encoded.as_bytes()));
    Ok(Signing {
        key: any_ecdsa_type(&key).map_err(damaged)?,
        kind: kind.to_owned(),
    })
}

fn damaged(error: impl std::fmt::Display) -> Unusable {
    Unusable::Kind(format!("damaged: {error}"))
}

fn name_of(identifier: ObjectIdentifier) -> String {
    let identifier = identifier.to_string();
    let known = OTHERS.iter().find(|(other, _)| *other == identifier);
    known.map_or(identifier, |(_, name)| (*name).to_owned())
}
