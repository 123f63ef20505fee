//! ECDSA that ring does not have: keys of P-521, and SHA-512 with keys of P-256 and P-384.

use std::fmt;
use std::sync::Arc;

use p521::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use ring::digest::{digest, Algorithm, SHA256, SHA384, SHA512 as SHA_512};
use rustls::pki_types::{alg_id, AlgorithmIdentifier, InvalidSignature};
use rustls::pki_types::{SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer};
use rustls::sign::{public_key_to_spki, Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// Verifies a hash: public key as a SEC1 point, hash, signature in DER.
type Verify = fn(&[u8], &[u8], &[u8]) -> Result<(), InvalidSignature>;

#[derive(Debug)]
struct Verification {
    curve: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    hash: &'static Algorithm,
    verify: Verify,
}

/// `$verify(public key, hash, signature)` of a curve's crate.
macro_rules! verify_with {
    ($verify:ident, $curve:ident) => {
        fn $verify(key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(key);
            let signature = $curve::ecdsa::Signature::from_der(signature);
            match (key, signature) {
                (Ok(key), Ok(signature)) => key
                    .verify_prehash(hash, &signature)
                    .map_err(|_| InvalidSignature),
                _ => Err(InvalidSignature),
            }
        }
    };
}

verify_with!(verify_p256, p256);
verify_with!(verify_p384, p384);
verify_with!(verify_p521, p521);

static P256_SHA512: Verification = Verification {
    curve: alg_id::ECDSA_P256,
    signature: alg_id::ECDSA_SHA512,
    hash: &SHA_512,
    verify: verify_p256,
};
static P384_SHA512: Verification = Verification {
    curve: alg_id::ECDSA_P384,
    signature: alg_id::ECDSA_SHA512,
    hash: &SHA_512,
    verify: verify_p384,
};
static P521_SHA512: Verification = Verification {
    curve: alg_id::ECDSA_P521,
    signature: alg_id::ECDSA_SHA512,
    hash: &SHA_512,
    verify: verify_p521,
};
static P521_SHA384: Verification = Verification {
    curve: alg_id::ECDSA_P521,
    signature: alg_id::ECDSA_SHA384,
    hash: &SHA384,
    verify: verify_p521,
};
static P521_SHA256: Verification = Verification {
    curve: alg_id::ECDSA_P521,
    signature: alg_id::ECDSA_SHA256,
    hash: &SHA256,
    verify: verify_p521,
};

/// What certificates may be signed by, beside ring's.
pub(crate) static VERIFICATION: &[&dyn SignatureVerificationAlgorithm] = &[
    &P256_SHA512,
    &P384_SHA512,
    &P521_SHA256,
    &P521_SHA384,
    &P521_SHA512,
];

/// The scheme `ecdsa_secp521r1_sha512`: in TLS 1.3 the first, in TLS 1.2, where it names no curve, any.
pub(crate) static SHA512: &[&dyn SignatureVerificationAlgorithm] =
    &[&P521_SHA512, &P384_SHA512, &P256_SHA512];

impl SignatureVerificationAlgorithm for Verification {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        (self.verify)(public_key, digest(self.hash, message).as_ref(), signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.curve
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

/// A server's key of P-521.
#[derive(Clone)]
pub(crate) struct P521Key(Arc<p521::ecdsa::SigningKey>);

impl P521Key {
    pub(crate) fn new(key: &p521::SecretKey) -> P521Key {
        P521Key(Arc::new(key.into()))
    }
}

impl fmt::Debug for P521Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P521Key")
    }
}

impl SigningKey for P521Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let possible = offered.contains(&SignatureScheme::ECDSA_NISTP521_SHA512);
        possible.then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        let point = self.0.verifying_key().to_sec1_point(false);
        Some(public_key_to_spki(&alg_id::ECDSA_P521, point.as_bytes()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for P521Key {
    /// The number that no two signatures may share is made of key and message (RFC 6979).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let hash = digest(&SHA_512, message);
        let signature: p521::ecdsa::Signature = self
            .0
            .sign_prehash(hash.as_ref())
            .map_err(|_| Error::General("signing with P-521 failed".to_owned()))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digits: &str) -> Vec<u8> {
        let digits: Vec<u32> = digits
            .chars()
            .map(|digit| digit.to_digit(16).unwrap())
            .collect();
        digits
            .chunks(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect()
    }

    /// RFC 6979, A.2.7: P-521, SHA-512, "sample". A generator that makes the number too short gives the
    /// key away after some hundred signatures.
    #[test]
    fn signatures_are_those_of_rfc_6979() {
        let key = hex(
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836\
             a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
        );
        let key = P521Key::new(&p521::SecretKey::from_slice(&key).unwrap());
        let signature = p521::ecdsa::Signature::from_der(&key.sign(b"sample").unwrap()).unwrap();
        let expected = hex(
            "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606a\
             dd152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af2\
             6ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
        );
        assert_eq!(&signature.to_bytes()[..], &expected[..]);
    }
}
