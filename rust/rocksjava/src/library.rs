//! What happens when the JVM loads the library.

use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

use jni::sys::{self, jint, JNI_VERSION_1_8};
use jni::{Env, JavaVM};

use crate::{byte_array, log, rocks_db_exception, status};

/// Keeps the JVM for the `jni` crate and looks up the classes that natives throw, with the class
/// loader that loads us: later, on a thread of its own, it could not be known.
///
/// Never fails: a library loaded outside RocksJava, where `org.rocksdb` is unknown, looks its
/// classes up at the first throw. There is no `JNI_OnUnload`: the classes keep their loader, so the
/// library is never unloaded.
///
/// # Safety
/// `vm` is the JVM that loads this library, as the JVM itself passes it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _: *mut c_void) -> jint {
    let looked_up = catch_unwind(AssertUnwindSafe(|| {
        log::start();
        // SAFETY: rule 2, and the caller's word.
        let vm = unsafe { JavaVM::from_raw(vm) };
        // The loading thread is attached. Exceptions of a failed lookup are caught and cleared.
        vm.attach_current_thread(find_classes)
    }));
    match looked_up {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "classes of org.rocksdb are not known yet"),
        Err(_) => tracing::error!("panic while the library was loaded"),
    }
    JNI_VERSION_1_8
}

fn find_classes(env: &mut Env<'_>) -> jni::errors::Result<()> {
    status::find_class(env)?;
    rocks_db_exception::find_class(env)?;
    byte_array::find_class(env)
}
