//! Natives of `com.linkedin.venice.rust.ReadServerNatives`, which `RustReadServer` calls.

use std::collections::HashMap;
use std::slice;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jni::objects::{JByteArray, JByteBuffer, JClass, JObject, JObjectArray, JString};
use jni::refs::Global;
use jni::sys::{jboolean, jbyteArray, jdouble, jint, jlong, jobjectArray, jstring};
use jni::{Env, EnvUnowned};
use parking_lot::Mutex;
use venice_engine::Registry;
use venice_server::HotKeysSession;

use crate::key_store_reader::JavaKeyStores;
use crate::read_server_error::ReadServerError;
use crate::read_servers::ReadServers;
use crate::throw::ReadServer;

/// The servers that Java started.
pub(crate) static SERVERS: LazyLock<ReadServers> = LazyLock::new(ReadServers::default);

/// Of each running server, the class that started it. A server runs until it is stopped, also when
/// Java has forgotten it: so long its class, and so the class's loader, and so this library must
/// stay.
static KEEPING: LazyLock<Mutex<HashMap<jlong, Global<JClass<'static>>>>> =
    LazyLock::new(Mutex::default);

/// `static native long start0(String[] settings, boolean accessControl, KeyStoreReader keyStores)`:
/// starts a server over the databases that are open in this process. Settings are name, value, name,
/// value, ...; returns a handle. With access control, threads have to answer: see
/// [`crate::access_thread`]. With TLS, one has to follow the files: see [`crate::tls_thread`].
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_start0<'local>(
    mut env: EnvUnowned<'local>,
    class: JClass<'local>,
    settings: JObjectArray<'local, JString<'local>>,
    access_control: jboolean,
    key_stores: JObject<'local>,
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
        let class = env.new_global_ref(&class)?;
        let registry = Arc::clone(Registry::global());
        let mut key_stores = JavaKeyStores::new(env, &key_stores);
        let server = SERVERS.start(
            &texts,
            access_control,
            &version(),
            registry,
            &mut key_stores,
        )?;
        KEEPING.lock().insert(server, class);
        Ok(server)
    })
    .resolve::<ReadServer>()
}

/// `static native int port0(long handle)`: the TCP port that the server listens on.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_port0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jint {
    env.with_env(|_| -> Result<jint, ReadServerError> { Ok(SERVERS.port(handle)?.into()) })
        .resolve::<ReadServer>()
}

/// `static native String prometheus0(long handle)`: where Prometheus scrapes metrics, `<address>:<port>`; null if
/// it does not.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_prometheus0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        match SERVERS.server(handle)?.prometheus() {
            Some(address) => Ok(env.new_string(address.to_string())?),
            None => Ok(JString::null()),
        }
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native int stop0(long handle, long drainMillis)`: stops the server and frees the handle. -1
/// when every call in flight was answered and no connection had to be broken off, else how many calls
/// were.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_stop0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    drain_millis: jlong,
) -> jint {
    env.with_env(|_| -> Result<jint, ReadServerError> {
        let cut = SERVERS.stop(handle, drain_millis)?;
        KEEPING.lock().remove(&handle);
        Ok(cut.map_or(-1, |calls| jint::try_from(calls).unwrap_or(jint::MAX)))
    })
    .resolve::<ReadServer>()
}

/// `static native int callsInFlight0(long handle)`: the calls that are open.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_callsInFlight0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jint {
    env.with_env(|_| -> Result<jint, ReadServerError> {
        let calls = SERVERS.server(handle)?.calls_in_flight();
        Ok(jint::try_from(calls).unwrap_or(jint::MAX))
    })
    .resolve::<ReadServer>()
}

/// `static native void setStoreQuota0(long handle, String storeVersion, long rcuPerSecond, double
/// share)`: sets the read quota of a store version.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_setStoreQuota0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    store_version: JString<'local>,
    rcu_per_second: jlong,
    share: jdouble,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        let store_version = text(env, &store_version, "the store version")?;
        let server = SERVERS.server(handle)?;
        Ok(server
            .quota()
            .set_store_version(&store_version, rcu_per_second, share)?)
    })
    .resolve::<ReadServer>()
}

/// `static native void disableStoreQuota0(long handle, String storeVersion)`: lets the requests of a
/// store version pass.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_disableStoreQuota0<
    'local,
>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    store_version: JString<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        let store_version = text(env, &store_version, "the store version")?;
        Ok(SERVERS.server(handle)?.quota().disable(&store_version)?)
    })
    .resolve::<ReadServer>()
}

/// `static native void removeStoreQuota0(long handle, String storeVersion)`: forgets what was set for
/// a store version.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_removeStoreQuota0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    store_version: JString<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        let store_version = text(env, &store_version, "the store version")?;
        let server = SERVERS.server(handle)?;
        server.quota().remove_store_version(&store_version);
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native void setNodeQuota0(long handle, long rcuPerSecond)`: sets the read quota of all
/// requests together.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_setNodeQuota0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    rcu_per_second: jlong,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        Ok(SERVERS.server(handle)?.quota().set_node(rcu_per_second)?)
    })
    .resolve::<ReadServer>()
}

/// `static native void removeNodeQuota0(long handle)`: enforces no quota of the node any more.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_removeNodeQuota0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        SERVERS.server(handle)?.quota().remove_node();
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native String[] metrics0(long handle)`: what the server counted. Of each number its name,
/// the number of its dimensions, name and value of each of them, and the value, in decimal digits.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_metrics0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jobjectArray {
    env.with_env(
        |env| -> Result<JObjectArray<'local, JString<'local>>, ReadServerError> {
            let mut texts = Vec::new();
            for metric in SERVERS.server(handle)?.metrics() {
                texts.push(metric.name.to_owned());
                texts.push(metric.dimensions.len().to_string());
                for (name, value) in metric.dimensions {
                    texts.extend([name.to_owned(), value]);
                }
                texts.push(metric.value.to_string());
            }
            strings(env, &texts)
        },
    )
    .resolve::<ReadServer>()
    .into_raw()
}

/// Buckets of a histogram, at most: as many as Venice's own
/// (`otel.exporter.otlp.metrics.default.histogram.aggregation.max.buckets`).
const MOST_BUCKETS: usize = 370;

/// `static native int snapshot0(long handle, ByteBuffer direct)`: all metrics, as bytes into a direct
/// buffer, from its first byte; their form is that of `venice_metrics::binary`. Returns how many there are. If
/// that is more than the buffer's capacity, it has only zeros.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_snapshot0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    direct: JByteBuffer<'local>,
) -> jint {
    env.with_env(|env| -> Result<jint, ReadServerError> {
        let server = SERVERS.server(handle)?;
        if direct.is_null() {
            return Err(ReadServerError::Null {
                what: "the buffer".to_owned(),
            });
        }
        let capacity = env.get_direct_buffer_capacity(&direct)?;
        let address = env.get_direct_buffer_address(&direct)?;
        let direct = if capacity == 0 {
            &mut []
        } else {
            // SAFETY: a direct buffer has `capacity` bytes at `address`, which Java has set to 0 once, as long as the
            // caller holds it; the caller lets nobody else use them meanwhile (`RustReadServer.fetchMetrics`).
            unsafe { slice::from_raw_parts_mut(address, capacity) }
        };
        let bytes = server.observed().encode(MOST_BUCKETS, direct);
        Ok(jint::try_from(bytes).unwrap_or(jint::MAX))
    })
    .resolve::<ReadServer>()
}

/// `static native byte[] labels0(long handle)`: the labels of the snapshot that was fetched last.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_labels0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jbyteArray {
    env.with_env(|env| -> Result<JByteArray<'local>, ReadServerError> {
        let labels = SERVERS.server(handle)?.observed().labels();
        Ok(env.byte_array_from_slice(&labels)?)
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native String slowReads0(long handle, long after)`: the requests that the server keeps, with
/// numbers above `after`: rows with tabs between their values.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_slowReads0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    after: jlong,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        let kept = SERVERS
            .server(handle)?
            .slow_requests_after(after.cast_unsigned());
        Ok(env.new_string(kept.to_rows())?)
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native void startHotKeys0(long handle, long millis, boolean showKeys)`: begins to count which keys are
/// read most.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_startHotKeys0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    millis: jlong,
    show_keys: jboolean,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        let session = HotKeysSession {
            // One that is negative is as wrong as one that is too short.
            duration: Duration::from_millis(u64::try_from(millis).unwrap_or(0)),
            shows_keys: show_keys,
        };
        Ok(SERVERS.server(handle)?.hot_keys().start(session)?)
    })
    .resolve::<ReadServer>()
}

/// `static native void stopHotKeys0(long handle)`: ends the session.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_stopHotKeys0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        SERVERS.server(handle)?.hot_keys().stop();
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native String hotKeys0(long handle)`: what the last session has counted, as rows with tabs between their
/// values; null if there was none.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_hotKeys0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        match SERVERS.server(handle)?.hot_keys().report() {
            Some(report) => Ok(env.new_string(report.to_rows())?),
            None => Ok(JString::null()),
        }
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native void setServing0(long handle, boolean serving)`: what the health service says.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_setServing0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    serving: jboolean,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        SERVERS.server(handle)?.health().set_serving(serving);
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native void reloadTls0(long handle, KeyStoreReader keyStores)`: reads the files of TLS again.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_reloadTls0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    key_stores: JObject<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        let mut key_stores = JavaKeyStores::new(env, &key_stores);
        Ok(SERVERS.server(handle)?.reload_tls(&mut key_stores)?)
    })
    .resolve::<ReadServer>()
}

/// `<version>+<build id>`, as semantic versioning writes it. The build id is made of the sources
/// (`toolchains/release/build_id.bzl`); a build without Bazel has none.
fn version() -> String {
    let build_id = option_env!("VENICE_BUILD_ID").unwrap_or("unreleased");
    format!("{}+{build_id}", env!("CARGO_PKG_VERSION"))
}

/// `static native String version0()`: the version of this library. That it can be called at all
/// tells Java that the library which was loaded is ours.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_version0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        Ok(env.new_string(version())?)
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// An array of so many texts.
pub(crate) fn strings<'local>(
    env: &mut Env<'local>,
    texts: &[impl AsRef<str>],
) -> Result<JObjectArray<'local, JString<'local>>, ReadServerError> {
    let array = JObjectArray::<JString<'_>>::new(env, texts.len(), JString::null())?;
    for (index, text) in texts.iter().enumerate() {
        let text = env.new_string(text.as_ref())?;
        array.set_element(env, index, &text)?;
        // A native frame has room for 16 local references, and there may be more texts.
        env.delete_local_ref(text);
    }
    Ok(array)
}

/// The text of an argument that must not be null.
pub(crate) fn text(
    env: &Env<'_>,
    argument: &JString<'_>,
    what: &str,
) -> Result<String, ReadServerError> {
    if argument.is_null() {
        return Err(ReadServerError::Null {
            what: what.to_owned(),
        });
    }
    Ok(argument.try_to_string(env)?)
}
