//! Natives of `com.linkedin.venice.rust.RustReadServer`.

use std::sync::{Arc, LazyLock};

use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong, jstring};
use jni::EnvUnowned;
use venice_engine::Registry;

use crate::read_server_error::ReadServerError;
use crate::read_servers::ReadServers;
use crate::throw::ReadServer;

/// The servers that Java started.
static SERVERS: LazyLock<ReadServers> = LazyLock::new(ReadServers::default);

/// `static native long start0(String[] settings)`: starts a server over the databases that are open
/// in this process. Settings are name, value, name, value, ...; returns a handle.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_RustReadServer_start0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    settings: JObjectArray<'local, JString<'local>>,
) -> jlong {
    env.with_env(|env| -> Result<jlong, ReadServerError> {
        if settings.is_null() {
            return Err(ReadServerError::Null {
                what: "the array of settings".to_owned(),
            });
        }
        let mut texts = Vec::new();
        for index in 0..settings.len(env)? {
            let text = settings.get_element(env, index)?;
            if text.is_null() {
                return Err(ReadServerError::Null {
                    what: format!("element {index} of the settings"),
                });
            }
            texts.push(text.try_to_string(env)?);
            // A native frame has room for 16 local references, and a server has more settings.
            env.delete_local_ref(text);
        }
        SERVERS.start(&texts, Arc::clone(Registry::global()))
    })
    .resolve::<ReadServer>()
}

/// `static native int port0(long handle)`: the TCP port that the server listens on.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_RustReadServer_port0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jint {
    env.with_env(|_| -> Result<jint, ReadServerError> { Ok(SERVERS.port(handle)?.into()) })
        .resolve::<ReadServer>()
}

/// `static native boolean stop0(long handle, long drainMillis)`: stops the server and frees the
/// handle. True when every call in flight was answered and no connection had to be broken off.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_RustReadServer_stop0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    drain_millis: jlong,
) -> jboolean {
    env.with_env(|_| -> Result<jboolean, ReadServerError> { SERVERS.stop(handle, drain_millis) })
        .resolve::<ReadServer>()
}

/// `static native String version0()`: the version of this library. That it can be called at all
/// tells Java that the library which was loaded is ours.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_RustReadServer_version0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        Ok(env.new_string(env!("CARGO_PKG_VERSION"))?)
    })
    .resolve::<ReadServer>()
    .into_raw()
}
