//! Classes that natives make objects of, looked up once, when the library is loaded.
//!
//! The reference is weak: it does not keep the class's loader, so that a container which gives each
//! application a loader of its own can let go of it. In a native the class is there all the same: the
//! native's own class comes from that loader, or from one that asks it.

use std::ffi::CStr;

use jni::sys::{self, jvalue};
use parking_lot::Mutex;

use crate::jvm::env::{call, Jvm, Reference};
use crate::jvm::failure::Failure;

/// A class and one constructor of it.
pub(crate) struct Class {
    name: &'static CStr,
    /// The constructor's descriptor, as in class files.
    constructor: &'static CStr,
    found: Mutex<Option<Found>>,
}

#[derive(Clone, Copy)]
struct Found {
    class: sys::jweak,
    constructor: sys::jmethodID,
}

// SAFETY: weak global references and method IDs are valid in all threads (JNI specification, chapters
// 2, "Global and Local References", and 4, "Weak Global References").
unsafe impl Send for Found {}

impl Class {
    pub(crate) const fn new(name: &'static CStr, constructor: &'static CStr) -> Class {
        Class {
            name,
            constructor,
            found: Mutex::new(None),
        }
    }

    /// Looks the class up. The calling frame's class loader must know it: that is so in
    /// `JNI_OnLoad`, when RocksJava loads this library, and in its natives.
    pub(crate) fn find(&self, jvm: Jvm<'_>) -> Result<(), Failure> {
        self.found(jvm).map(drop)
    }

    fn found(&self, jvm: Jvm<'_>) -> Result<Found, Failure> {
        if let Some(found) = *self.found.lock() {
            return Ok(found);
        }
        // Not under the lock: a look-up may run Java, which may come here again.
        let local = call!(jvm, FindClass, self.name.as_ptr());
        if local.is_null() {
            return Err(Failure::pending());
        }
        let constructor = call!(
            jvm,
            GetMethodID,
            local,
            c"<init>".as_ptr(),
            self.constructor.as_ptr()
        );
        if constructor.is_null() {
            return Err(Failure::pending());
        }
        let class = call!(jvm, NewWeakGlobalRef, local);
        jvm.release(local);
        if class.is_null() {
            return Err(Failure::pending());
        }
        let found = Found { class, constructor };
        let first = *self.found.lock().get_or_insert(found);
        if first.class != class {
            // Another thread was faster; its find is as good.
            call!(jvm, DeleteWeakGlobalRef, class);
        }
        Ok(first)
    }

    /// A new object; the arguments are those of the constructor.
    ///
    /// # Safety
    /// As said.
    pub(crate) unsafe fn new_object(
        &self,
        jvm: Jvm<'_>,
        arguments: &[jvalue],
    ) -> Result<Reference, Failure> {
        let found = self.found(jvm)?;
        let class = call!(jvm, NewLocalRef, found.class);
        if class.is_null() {
            return Err(Failure::null("a class of org.rocksdb, which is unloaded"));
        }
        // SAFETY: guaranteed by the caller; the constructor is of that class.
        let object = unsafe { jvm.new_object(class, found.constructor, arguments) };
        jvm.release(class);
        object
    }

    /// Gives the reference back: the library is being unloaded.
    pub(crate) fn forget(&self, jvm: Jvm<'_>) {
        if let Some(found) = self.found.lock().take() {
            call!(jvm, DeleteWeakGlobalRef, found.class);
        }
    }
}
