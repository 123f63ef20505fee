//! RSASSA-PSS: keys that are for it alone (RFC 4055, 1.2), which TLS signs by schemes of their own
//! (`rsa_pss_pss_*`, RFC 8446, 4.2.3), and certificates signed by them. rustls has neither; ring has
//! the arithmetic.

use std::fmt;
use std::sync::Arc;

use p256::pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use p256::pkcs8::der::Encode;
use p256::pkcs8::spki::SubjectPublicKeyInfoRef;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RsaEncoding, RsaKeyPair, RsaParameters, UnparsedPublicKey};
use ring::signature::{RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384};
use ring::signature::{RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512};
use rustls::pki_types::{alg_id, AlgorithmIdentifier, CertificateDer, InvalidSignature};
use rustls::pki_types::{SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer};
use rustls::server::ParsedCertificate;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// `id-RSASSA-PSS`.
pub(crate) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// A key for any hash: no parameters.
const ANY: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A,
]);

/// Parameters of a hash of SHA-2, whose identifiers have no NULL; `alg_id` has those with it. RFC 4055
/// (2.1) allows both.
macro_rules! without_null {
    ($hash:literal, $salt:literal) => {
        AlgorithmIdentifier::from_slice(&[
            0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A, // id-RSASSA-PSS
            0x30, 0x30, // parameters
            0xA0, 0x0D, 0x30, 0x0B, // hash
            0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, $hash, //
            0xA1, 0x1A, 0x30, 0x18, // mask: MGF1
            0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, 0x30, 0x0B, //
            0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, $hash, //
            0xA2, 0x03, 0x02, 0x01, $salt, // bytes of salt
        ])
    };
}

const SHA256: AlgorithmIdentifier = without_null!(0x01, 0x20);
const SHA384: AlgorithmIdentifier = without_null!(0x02, 0x30);
const SHA512: AlgorithmIdentifier = without_null!(0x03, 0x40);

#[derive(Debug)]
struct Verification {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    by: &'static RsaParameters,
}

impl SignatureVerificationAlgorithm for Verification {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.by, public_key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// A hash: signatures by keys of PSS, in both forms of the parameters, and the one by common RSA keys
/// that webpki lacks.
macro_rules! verification {
    ($name:ident, $null:expr, $bare:expr, $by:expr) => {
        static $name: [&dyn SignatureVerificationAlgorithm; 7] = [
            &verification!(ANY, $null, $by),
            &verification!(ANY, $bare, $by),
            &verification!($null, $null, $by),
            &verification!($null, $bare, $by),
            &verification!($bare, $null, $by),
            &verification!($bare, $bare, $by),
            &verification!(alg_id::RSA_ENCRYPTION, $bare, $by),
        ];
    };
    ($key:expr, $signature:expr, $by:expr) => {
        Verification {
            key: $key,
            signature: $signature,
            by: $by,
        }
    };
}

verification!(
    BY_256,
    alg_id::RSA_PSS_SHA256,
    SHA256,
    &RSA_PSS_2048_8192_SHA256
);
verification!(
    BY_384,
    alg_id::RSA_PSS_SHA384,
    SHA384,
    &RSA_PSS_2048_8192_SHA384
);
verification!(
    BY_512,
    alg_id::RSA_PSS_SHA512,
    SHA512,
    &RSA_PSS_2048_8192_SHA512
);

/// What certificates may be signed by, beside webpki's.
pub(crate) static VERIFICATION: &[&dyn SignatureVerificationAlgorithm] = &[
    BY_256[0], BY_256[1], BY_256[2], BY_256[3], BY_256[4], BY_256[5], BY_256[6], //
    BY_384[0], BY_384[1], BY_384[2], BY_384[3], BY_384[4], BY_384[5], BY_384[6], //
    BY_512[0], BY_512[1], BY_512[2], BY_512[3], BY_512[4], BY_512[5], BY_512[6],
];

/// A way to sign a handshake with a key of PSS.
pub(crate) struct Scheme {
    pub(crate) scheme: SignatureScheme,
    /// One for each form of the key.
    pub(crate) keys: &'static [&'static dyn SignatureVerificationAlgorithm],
    /// The keys that it is for, but those for any hash.
    parameters: [AlgorithmIdentifier; 2],
    encoding: &'static dyn RsaEncoding,
}

/// In rustls' order for RSA keys.
pub(crate) static SCHEMES: &[Scheme] = &[
    Scheme {
        scheme: SignatureScheme::Unknown(0x080B),
        keys: &[BY_512[0], BY_512[2], BY_512[4]],
        parameters: [alg_id::RSA_PSS_SHA512, SHA512],
        encoding: &RSA_PSS_SHA512,
    },
    Scheme {
        scheme: SignatureScheme::Unknown(0x080A),
        keys: &[BY_384[0], BY_384[2], BY_384[4]],
        parameters: [alg_id::RSA_PSS_SHA384, SHA384],
        encoding: &RSA_PSS_SHA384,
    },
    Scheme {
        scheme: SignatureScheme::Unknown(0x0809),
        keys: &[BY_256[0], BY_256[2], BY_256[4]],
        parameters: [alg_id::RSA_PSS_SHA256, SHA256],
        encoding: &RSA_PSS_SHA256,
    },
];

/// How to verify a handshake that a key of PSS signed; `None` for the schemes of other keys.
pub(crate) fn keys_of(
    scheme: SignatureScheme,
) -> Option<&'static [&'static dyn SignatureVerificationAlgorithm]> {
    let known = SCHEMES.iter().find(|known| known.scheme == scheme);
    known.map(|known| known.keys)
}

/// A server's key of PSS. TLS 1.2 of rustls has no scheme for it.
pub(crate) struct PssKey {
    key: Arc<RsaKeyPair>,
    schemes: Vec<&'static Scheme>,
    public: Vec<u8>,
}

impl PssKey {
    /// The key `key` as its certificate wants it used. `None` if that is not a certificate of a PSS key,
    /// or not of this one; the error says what no scheme of TLS is for.
    pub(crate) fn new(
        key: RsaKeyPair,
        certificate: &CertificateDer<'_>,
    ) -> Result<Option<PssKey>, String> {
        let Ok(parsed) = ParsedCertificate::try_from(certificate) else {
            return Ok(None);
        };
        let public = parsed.subject_public_key_info();
        let Ok(info) = SubjectPublicKeyInfoRef::try_from(public.as_ref()) else {
            return Ok(None);
        };
        let bits = info.subject_public_key.as_bytes();
        if info.algorithm.oid != OID || bits != Some(key.public_key().as_ref()) {
            return Ok(None);
        }
        let schemes = schemes(info.algorithm.parameters);
        if schemes.is_empty() {
            return Err(
                "an RSASSA-PSS key whose parameters no scheme of TLS has; make it without, or for \
                 SHA-256, SHA-384 or SHA-512 with MGF1 and salt of the same length"
                    .to_owned(),
            );
        }
        Ok(Some(PssKey {
            key: Arc::new(key),
            schemes,
            public: public.as_ref().to_vec(),
        }))
    }
}

/// What a key with these parameters may be used for.
fn schemes(parameters: Option<AnyRef<'_>>) -> Vec<&'static Scheme> {
    let Some(parameters) = parameters else {
        return SCHEMES.iter().collect();
    };
    // The identifier is the object identifier and then the parameters.
    let Ok(parameters) = parameters.to_der() else {
        return Vec::new();
    };
    let is = |known: &AlgorithmIdentifier| known.as_ref()[ANY.as_ref().len()..] == parameters;
    let fitting = |scheme: &&Scheme| scheme.parameters.iter().any(is);
    SCHEMES.iter().filter(fitting).collect()
}

impl fmt::Debug for PssKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PssKey")
    }
}

impl SigningKey for PssKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let mut schemes = self.schemes.iter();
        let scheme = schemes.find(|known| offered.contains(&known.scheme))?;
        Some(Box::new(PssSigner {
            key: Arc::clone(&self.key),
            scheme,
        }))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(&self.public[..]))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

struct PssSigner {
    key: Arc<RsaKeyPair>,
    scheme: &'static Scheme,
}

impl fmt::Debug for PssSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PssSigner")
    }
}

impl Signer for PssSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(self.scheme.encoding, &random, message, &mut signature)
            .map_err(|_| Error::General("signing with RSASSA-PSS failed".to_owned()))?;
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme.scheme
    }
}
