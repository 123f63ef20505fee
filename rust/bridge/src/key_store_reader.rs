//! Calls of `com.linkedin.venice.rust.KeyStoreReader`, which opens key stores for a server.
//!
//! Always from a thread of Java's own: who starts a server, who asks for a reload, and the one of
//! [`crate::tls_thread`].

use jni::errors::Error;
use jni::objects::{JByteArray, JObject, JObjectArray, JValue};
use jni::strings::JNIStr;
use jni::{jni_sig, jni_str, Env};
use venice_server::{KeyEntry, KeyStores};
use zeroize::Zeroizing;

/// Local references of one call: the argument, the answer, one of its elements, and what a lookup of
/// the method needs.
const REFERENCES: usize = 16;

/// A `KeyStoreReader` of Java's.
pub struct JavaKeyStores<'a, 'local> {
    env: &'a Env<'local>,
    reader: &'a JObject<'local>,
}

impl<'a, 'local> JavaKeyStores<'a, 'local> {
    /// Calls `reader` by `env`.
    pub fn new(env: &'a Env<'local>, reader: &'a JObject<'local>) -> JavaKeyStores<'a, 'local> {
        JavaKeyStores { env, reader }
    }

    /// What the method answers but its error.
    fn call(&self, method: &JNIStr, file: &[u8]) -> Result<Parts, String> {
        let parts = self.env.with_local_frame(REFERENCES, |env| {
            let file = env.byte_array_from_slice(file)?;
            let answer = env.call_method(
                self.reader,
                method,
                jni_sig!("([B)[[B"),
                &[JValue::Object(&file)],
            )?;
            let answer = answer.l()?;
            let answer = env.cast_local::<JObjectArray<'_, JByteArray<'_>>>(answer)?;
            take(env, &answer)
        });
        let parts = parts.map_err(|error: Error| {
            // The methods throw nothing; memory may be short, though.
            if self.env.exception_check() {
                self.env.exception_clear();
            }
            format!("cannot ask Java for the key store: {error}")
        })?;
        without_error(parts)
    }
}

/// Byte arrays of Java's. They may hold a key, and are wiped.
type Parts = Vec<Zeroizing<Vec<u8>>>;

/// Copies the elements, and wipes those of Java's.
fn take(env: &mut Env<'_>, answer: &JObjectArray<'_, JByteArray<'_>>) -> Result<Parts, Error> {
    let mut parts = Parts::new();
    for index in 0..answer.len(env)? {
        let element = answer.get_element(env, index)?;
        let part = env.convert_byte_array(&element)?;
        element.set_region(env, 0, &vec![0; part.len()])?;
        parts.push(Zeroizing::new(part));
        // The frame has room for a few, and a store of certificates has hundreds.
        env.delete_local_ref(element);
    }
    Ok(parts)
}

/// The parts after the first, which is an error in UTF-8, or empty.
fn without_error(mut parts: Parts) -> Result<Parts, String> {
    if parts.is_empty() {
        return Err("Java answered nothing".to_owned());
    }
    let error = parts.remove(0);
    if error.is_empty() {
        return Ok(parts);
    }
    Err(String::from_utf8_lossy(&error).into_owned())
}

/// Keys, each as alias, key, certificates, and an empty part.
fn keys(parts: Parts) -> Vec<KeyEntry> {
    let mut keys = Vec::new();
    let mut parts = parts.into_iter();
    while let (Some(alias), Some(key)) = (parts.next(), parts.next()) {
        let chain = parts.by_ref().take_while(|part| !part.is_empty());
        keys.push(KeyEntry {
            alias: String::from_utf8_lossy(&alias).into_owned(),
            chain: chain.map(|part| part.to_vec()).collect(),
            key,
        });
    }
    keys
}

impl KeyStores for JavaKeyStores<'_, '_> {
    fn keys(&mut self, file: &[u8]) -> Result<Vec<KeyEntry>, String> {
        self.call(jni_str!("keys"), file).map(keys)
    }

    fn trusted(&mut self, file: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let parts = self.call(jni_str!("trusted"), file)?;
        Ok(parts.into_iter().map(|part| part.to_vec()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(texts: &[&str]) -> Parts {
        let bytes = texts.iter().map(|text| text.as_bytes().to_vec());
        bytes.map(Zeroizing::new).collect()
    }

    #[test]
    fn keys_end_with_an_empty_part() {
        let keys = keys(parts(&[
            "a", "key", "own", "issuer", "", "", "other", "x", "",
        ]));
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].alias, "a");
        assert_eq!(&keys[0].key[..], b"key");
        assert_eq!(keys[0].chain, [b"own".to_vec(), b"issuer".to_vec()]);
        // A name may be empty as well.
        assert_eq!(keys[1].alias, "");
        assert_eq!(keys[1].chain, [b"x".to_vec()]);
    }

    #[test]
    fn the_first_part_is_the_error() {
        assert_eq!(without_error(parts(&["", "x"])).unwrap(), parts(&["x"]));
        assert_eq!(
            without_error(parts(&["b\u{f6}se"])).unwrap_err(),
            "b\u{f6}se"
        );
        assert!(without_error(parts(&[])).is_err());
    }
}
