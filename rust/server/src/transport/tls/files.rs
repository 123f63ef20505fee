//! The files of TLS as bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use ring::digest::{digest, SHA256};
use zeroize::Zeroizing;

use crate::config::tls::{ClientAuth, TlsSettings};
use crate::runtime::file_wait;
use crate::transport::tls::error::TlsError;
use crate::transport::tls::key_store::KeyStoreError;

/// Bytes that a file may have: hundreds of times a JDK's `cacerts`, and an end to what has none, such
/// as a device.
const MAX: u64 = 64 * 1024 * 1024;

/// The files that the settings name. They hold secrets, and are wiped.
pub(crate) struct Files {
    pub(crate) key_store: Zeroizing<Vec<u8>>,
    pub(crate) private_key: Option<Zeroizing<Vec<u8>>>,
    pub(crate) trust_store: Option<Zeroizing<Vec<u8>>>,
}

/// Tells files from others of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Files {
    /// Reads them. It waits for the disk as long as that takes, or for each file as long as `wait` says.
    pub(crate) fn read(settings: &TlsSettings, wait: Option<Duration>) -> Result<Files, TlsError> {
        let read = |setting, path: &Path| read(setting, path, wait);
        let optional = |setting, path: Option<&std::path::PathBuf>| {
            path.map(|path| read(setting, path)).transpose()
        };
        let trust_store = settings.trust_file()?;
        let key_store = settings.key_store.as_deref();
        let names = &settings.names;
        Ok(Files {
            // `Tls::load` looked for it.
            key_store: read(names.key_store, key_store.unwrap_or(Path::new("")))?,
            private_key: optional(names.private_key, settings.private_key.as_ref())?,
            trust_store: optional(names.trust_store, trust_store)?,
        })
    }

    /// Of the contents, as nothing else tells: tools that renew files leave size and time as they were.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let of = |file: Option<&Zeroizing<Vec<u8>>>| {
            let mut fingerprint = [0; 32];
            if let Some(file) = file {
                fingerprint.copy_from_slice(digest(&SHA256, file).as_ref());
            }
            fingerprint
        };
        let all = [
            of(Some(&self.key_store)),
            of(self.private_key.as_ref()),
            of(self.trust_store.as_ref()),
        ];
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, all.as_flattened()).as_ref());
        Fingerprint(fingerprint)
    }
}

fn read(
    setting: &'static str,
    path: &Path,
    wait: Option<Duration>,
) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let error = |reason| TlsError::File {
        setting,
        path: path.to_owned(),
        reason,
    };
    let bytes = match wait {
        None => read_bytes(path),
        Some(wait) => {
            let file = path.to_owned();
            let read = file_wait::within(wait, path, move |_| read_bytes(&file));
            read.map_err(io::Error::from).and_then(|bytes| bytes)
        }
    };
    let bytes = bytes.map_err(|reason| error(reason.into()))?;
    if bytes.len() as u64 > MAX {
        return Err(error(KeyStoreError::TooLarge { limit: MAX }));
    }
    Ok(bytes)
}

fn read_bytes(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?.take(MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl TlsSettings {
    /// The file whose certificates clients are checked by, if they are.
    pub(super) fn trust_file(&self) -> Result<Option<&std::path::PathBuf>, TlsError> {
        let client_auth = match self.client_auth {
            ClientAuth::None => return Ok(None),
            ClientAuth::Optional => "optional",
            ClientAuth::Required => "required",
        };
        match &self.trust_store {
            Some(path) => Ok(Some(path)),
            None => Err(TlsError::NoTrustStore { client_auth }),
        }
    }
}
