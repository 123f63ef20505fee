//! Encryption by password, as PKCS#12 files use it: PBES2 (RFC 8018, what `keytool` of JDK 17 and
//! OpenSSL 3 write), and the older ones of RFC 7292 appendix C with SHA-1 (what `keytool` wrote
//! before, and `openssl pkcs12 -legacy` still does).

use std::num::NonZeroU32;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit};
use des::TdesEde3;
use rc2::Rc2;
use ring::digest::{digest, Algorithm, SHA1_FOR_LEGACY_USE_ONLY as SHA1};
use ring::pbkdf2;

use crate::tls::der::{Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use crate::tls::key_store::KeyStoreError;

/// 1.2.840.113549.1.5.13 and .12
const PBES2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D];
const PBKDF2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0C];
/// 1.2.840.113549.2.x: hmacWithSHA1, 256, 384, 512
const HMAC_SHA1: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x07];
const HMAC_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x09];
const HMAC_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x0A];
const HMAC_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x0B];
/// 2.16.840.1.101.3.4.1.x: aes128-CBC, aes192-CBC, aes256-CBC
const AES128_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const AES192_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16];
const AES256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A];
/// 1.2.840.113549.3.7
const DES_EDE3_CBC: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x03, 0x07];
/// 1.2.840.113549.1.12.1.x: with SHA-1 and triple DES, RC2 of 128 bits, RC2 of 40 bits
const SHA1_DES_EDE3: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x03];
const SHA1_RC2_128: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x05];
const SHA1_RC2_40: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x06];

/// More rounds than any tool writes; a file must not keep a start of the server busy for minutes.
#[cfg(not(feature = "fuzzing"))]
const MOST_ITERATIONS: u32 = 10_000_000;
/// Ten million take seconds, and a fuzzer makes thousands of files a second.
#[cfg(feature = "fuzzing")]
const MOST_ITERATIONS: u32 = 100;

/// What a key made from a password is for (RFC 7292, appendix B.3).
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// Decrypts `data` by `algorithm`, an AlgorithmIdentifier. A wrong password shows as wrong padding.
pub(crate) fn decrypt(
    mut algorithm: Der<'_>,
    data: &[u8],
    password: &str,
) -> Result<Vec<u8>, KeyStoreError> {
    match algorithm.value(OBJECT_IDENTIFIER)? {
        PBES2 => pbes2(algorithm.nested(SEQUENCE)?, data, password),
        oid @ (SHA1_DES_EDE3 | SHA1_RC2_128 | SHA1_RC2_40) => {
            let mut parameters = algorithm.nested(SEQUENCE)?;
            let salt = parameters.value(OCTET_STRING)?;
            let iterations = iterations(&mut parameters)?;
            let password = bmp(password);
            let derived =
                |purpose, length| derive(&SHA1, purpose, &password, salt, iterations, length);
            let iv = derived(Purpose::Iv, 8);
            match oid {
                SHA1_DES_EDE3 => cbc::<TdesEde3>(&derived(Purpose::Key, 24), &iv, data),
                SHA1_RC2_128 => rc2(&derived(Purpose::Key, 16), &iv, data),
                _ => rc2(&derived(Purpose::Key, 5), &iv, data),
            }
        }
        oid => Err(unsupported("encryption", oid)),
    }
}

fn pbes2(mut parameters: Der<'_>, data: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut derivation = parameters.nested(SEQUENCE)?;
    let mut cipher = parameters.nested(SEQUENCE)?;
    match derivation.value(OBJECT_IDENTIFIER)? {
        PBKDF2 => {}
        oid => return Err(unsupported("key derivation", oid)),
    }
    let mut derivation = derivation.nested(SEQUENCE)?;
    let salt = derivation.value(OCTET_STRING)?;
    let iterations = iterations(&mut derivation)?;
    if derivation.peek() == Some(INTEGER) {
        // The length of the key, which the cipher says as well.
        derivation.number()?;
    }
    let prf = if derivation.is_empty() {
        HMAC_SHA1
    } else {
        derivation.nested(SEQUENCE)?.value(OBJECT_IDENTIFIER)?
    };
    let prf = match prf {
        HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
        HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
        HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
        HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
        oid => return Err(unsupported("PBKDF2 with", oid)),
    };
    let key = |length| {
        let mut key = vec![0; length];
        pbkdf2::derive(prf, iterations, salt, password.as_bytes(), &mut key);
        key
    };
    let oid = cipher.value(OBJECT_IDENTIFIER)?;
    let iv = cipher.value(OCTET_STRING)?;
    match oid {
        AES128_CBC => cbc::<Aes128>(&key(16), iv, data),
        AES192_CBC => cbc::<Aes192>(&key(24), iv, data),
        AES256_CBC => cbc::<Aes256>(&key(32), iv, data),
        DES_EDE3_CBC => cbc::<TdesEde3>(&key(24), iv, data),
        oid => Err(unsupported("encryption", oid)),
    }
}

/// The number of rounds, next in `parameters`.
pub(crate) fn iterations(parameters: &mut Der<'_>) -> Result<NonZeroU32, KeyStoreError> {
    let iterations = parameters.number()?;
    match NonZeroU32::new(iterations) {
        Some(valid) if iterations <= MOST_ITERATIONS => Ok(valid),
        _ => Err(KeyStoreError::Unsupported(format!(
            "encryption by {iterations} rounds (1 to {MOST_ITERATIONS} are)"
        ))),
    }
}

/// A key from a password as PKCS#12 makes it (RFC 7292, appendix B.2).
pub(crate) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    length: usize,
) -> Vec<u8> {
    let block = hash.block_len();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let diversifier = vec![purpose as u8; block];
    let mut input = [filled(salt), filled(password)].concat();
    let mut output = Vec::with_capacity(length + hash.output_len());
    while output.len() < length {
        let mut round = digest(hash, &[&diversifier[..], &input].concat());
        for _ in 1..iterations.get() {
            round = digest(hash, round.as_ref());
        }
        output.extend_from_slice(round.as_ref());
        // Each block of the input plus the filled-up round, plus one, as big-endian numbers.
        let addend: Vec<u8> = round.as_ref().iter().copied().cycle().take(block).collect();
        for chunk in input.chunks_mut(block) {
            let mut carry = 1;
            for (byte, add) in chunk.iter_mut().zip(&addend).rev() {
                let sum = u16::from(*byte) + u16::from(*add) + carry;
                *byte = sum as u8;
                carry = sum >> 8;
            }
        }
    }
    output.truncate(length);
    output
}

/// A password as PKCS#12's own derivation takes it: UTF-16, big-endian, with a zero at its end.
pub(crate) fn bmp(password: &str) -> Vec<u8> {
    let units = password.encode_utf16().chain([0]);
    units.flat_map(u16::to_be_bytes).collect()
}

fn cbc<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, KeyStoreError>
where
    C: BlockCipher + BlockDecryptMut + KeyInit,
{
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| unusable_iv(iv))?;
    cipher
        .decrypt_padded_vec_mut::<Pkcs7>(data)
        .map_err(|_| KeyStoreError::WrongPassword)
}

/// RC2 with as many effective bits as the key has.
fn rc2(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
    use cbc::cipher::InnerIvInit;

    let cipher = Rc2::new_with_eff_key_len(key, key.len() * 8);
    cbc::Decryptor::inner_iv_slice_init(cipher, iv)
        .map_err(|_| unusable_iv(iv))?
        .decrypt_padded_vec_mut::<Pkcs7>(data)
        .map_err(|_| KeyStoreError::WrongPassword)
}

fn unusable_iv(iv: &[u8]) -> KeyStoreError {
    KeyStoreError::Unsupported(format!("an initialisation vector of {} bytes", iv.len()))
}

/// Says in dotted form what this library does not have.
pub(crate) fn unsupported(what: &str, oid: &[u8]) -> KeyStoreError {
    let mut text = String::new();
    let mut number = 0u64;
    for (index, byte) in oid.iter().enumerate() {
        if index == 0 {
            text = format!("{}.{}", byte / 40, byte % 40);
            continue;
        }
        number = number << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            text.push_str(&format!(".{number}"));
            number = 0;
        }
    }
    KeyStoreError::Unsupported(format!("{what} {text}"))
}
