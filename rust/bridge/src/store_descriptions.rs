//! Natives of `ReadServerNatives` by which Java tells what is known of stores beyond their databases.

use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jboolean, jlong, jobjectArray};
use jni::EnvUnowned;
use venice_catalog::limits::DESCRIPTION_BYTES;
use venice_catalog::{CatalogError, Store};

use crate::read_server_error::ReadServerError;
use crate::rust_read_server::{strings, text, SERVERS};
use crate::throw::ReadServer;

/// `static native void describeStore0(long handle, byte[] json)`: describes a store, in place of what was known of it.
/// UTF-8, as Java's texts in JNI's own form have no room for every character.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_describeStore0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    json: JByteArray<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        if json.is_null() {
            return Err(ReadServerError::Null {
                what: "the description".to_owned(),
            });
        }
        let server = SERVERS.server(handle)?;
        let bytes = json.len(env)?;
        if bytes > DESCRIPTION_BYTES {
            // Before they are copied.
            return Err(ReadServerError::Catalog(CatalogError::Long {
                bytes,
                limit: DESCRIPTION_BYTES,
            }));
        }
        let store = Store::from_json(&env.convert_byte_array(&json)?)?;
        Ok(server.catalog().put(store)?)
    })
    .resolve::<ReadServer>()
}

/// `static native boolean forgetStore0(long handle, String store)`: forgets what was known of a store; whether
/// anything was.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_forgetStore0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    store: JString<'local>,
) -> jboolean {
    env.with_env(|env| -> Result<jboolean, ReadServerError> {
        let store = text(env, &store, "the store")?;
        Ok(SERVERS.server(handle)?.catalog().remove(&store))
    })
    .resolve::<ReadServer>()
}

/// `static native String[] describedStores0(long handle)`: the names of the stores that are described, in order.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_describedStores0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jobjectArray {
    env.with_env(
        |env| -> Result<JObjectArray<'local, JString<'local>>, ReadServerError> {
            strings(env, &SERVERS.server(handle)?.catalog().names())
        },
    )
    .resolve::<ReadServer>()
    .into_raw()
}
