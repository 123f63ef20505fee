//! Natives of `com.linkedin.venice.rust.TlsThread`.

use std::sync::Arc;

use jni::objects::{JClass, JObject};
use jni::sys::jlong;
use jni::EnvUnowned;

use crate::key_store_reader::JavaKeyStores;
use crate::read_server_error::ReadServerError;
use crate::rust_read_server::SERVERS;
use crate::throw::ReadServer;

/// `static native void watch0(long server, KeyStoreReader keyStores)`: follows the files of TLS until
/// the server stops.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_TlsThread_watch0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    server: jlong,
    key_stores: JObject<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        // A server that is gone has no files. One that is not must not be kept by its thread.
        let tls = SERVERS.server(server).ok();
        let tls = tls.and_then(|server| server.tls().map(Arc::clone));
        if let Some(tls) = tls {
            tls.watch(&mut JavaKeyStores::new(env, &key_stores));
        }
        Ok(())
    })
    .resolve::<ReadServer>()
}
