//! The native of `ReadServerNatives` that tells how much store versions were read.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use jni::objects::{JClass, JString};
use jni::sys::{jlong, jstring};
use jni::EnvUnowned;

use crate::read_server_error::ReadServerError;
use crate::rust_read_server::SERVERS;
use crate::throw::ReadServer;

/// `static native String versionReads0(long handle)`: of each store version that is here a row, ended by a line feed: its
/// name, reads, and milliseconds from 1970 to the last of them as far as it is known, -1 if there was none; with tabs
/// between them.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_versionReads0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        let mut rows = String::new();
        for version in SERVERS.server(handle)?.version_reads() {
            if version.store_version.contains(char::is_control) {
                continue; // a path that no Venice makes
            }
            let last = version
                .last_read
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .and_then(|since| jlong::try_from(since.as_millis()).ok())
                .unwrap_or(-1);
            // Writing to a String cannot fail.
            let _ = writeln!(rows, "{}\t{}\t{last}", version.store_version, version.reads);
        }
        Ok(env.new_string(rows)?)
    })
    .resolve::<ReadServer>()
    .into_raw()
}
