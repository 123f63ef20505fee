//! What happens when the JVM loads the library, and when it lets go of it.

use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

use jni::sys::{self, jint, JNI_VERSION_1_8};
use jni::{Env, JavaVM};
use venice_engine::handles;

use crate::classes::env;
use crate::jvm::byte_array;
use crate::jvm::env::Jvm;
use crate::jvm::log;
use crate::jvm::rocks_db_exception;
use crate::jvm::status;

/// Keeps the JVM for the `jni` crate and looks up the classes that natives throw, with the class
/// loader that loads us: later, on a thread of its own, it could not be known.
///
/// Never fails: a library loaded outside RocksJava, where `org.rocksdb` is unknown, looks its
/// classes up at the first throw.
///
/// # Safety
/// `vm` is the JVM that loads this library, as the JVM itself passes it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JNI_OnLoad(vm: *mut sys::JavaVM, _: *mut c_void) -> jint {
    let looked_up = catch_unwind(AssertUnwindSafe(|| {
        log::start();
        venice_engine::handles::start();
        // SAFETY: rule 2, and guaranteed by the caller.
        let vm = unsafe { JavaVM::from_raw(vm) };
        // The loading thread is attached.
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
    // SAFETY: the environment is the calling thread's.
    let jvm = unsafe { Jvm::new(env.get_raw()) };
    for class in [&status::CLASS, &rocks_db_exception::CLASS] {
        if class.find(jvm).is_err() {
            env.exception_clear();
        }
    }
    byte_array::find_class(env)
}

/// The class loader that loaded us is gone, and so is every object of ours in Java. Gives back what
/// the JVM holds for us, ends RocksDB's idle threads, and frees what was kept because of handles.
///
/// The library itself stays in memory (`-z nodelete`): threads of the JVM that once called it run
/// destructors of ours when they end, and threads of RocksDB may be on their way out
/// ([ADR 11](../../../docs/adr/0011-the-library-stays-in-memory.md)). No read server runs any more:
/// one that does keeps the loader.
///
/// # Safety
/// `vm` is the JVM that unloads this library, as the JVM itself passes it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JNI_OnUnload(vm: *mut sys::JavaVM, _: *mut c_void) {
    let unloaded = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: rule 2, and guaranteed by the caller.
        let vm = unsafe { JavaVM::from_raw(vm) };
        vm.attach_current_thread(|env| -> jni::errors::Result<()> {
            // SAFETY: the environment is the calling thread's.
            let jvm = unsafe { Jvm::new(env.get_raw()) };
            status::CLASS.forget(jvm);
            rocks_db_exception::CLASS.forget(jvm);
            Ok(())
        })?;
        // SAFETY: no conditions.
        unsafe { env::venice_env_end_background_threads() };
        handles::give_back();
        Ok::<(), jni::errors::Error>(())
    }));
    match unloaded {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "cannot give everything back to the JVM"),
        Err(_) => tracing::error!("panic while the library was unloaded"),
    }
}
