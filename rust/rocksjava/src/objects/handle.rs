//! From Java's `nativeHandle_` to the object behind it, and back.
// #[HotPath]

use jni::sys::jlong;
use venice_engine::handles::{self, Destroy, Kind, Lease, OwnerThreadLease};

use crate::jvm::failure::Failure;

/// An object that a native works on. It is not destroyed before this is dropped, whatever other
/// threads of Java close.
pub(crate) struct Object<T> {
    pointer: *mut T,
    lease: Lease,
}

impl<T> Object<T> {
    /// The object behind `handle`. Fails if that is closed, or of another class than `kind`.
    ///
    /// Objects that natives of upstream made are taken as they are, where there are such.
    #[inline(always)]
    pub(crate) fn new(kind: Kind, handle: jlong) -> Result<Object<T>, Failure> {
        if handle == 0 {
            return Err(Failure::null(kind.class()));
        }
        let lease = Lease::new(kind, handle as usize)?;
        Ok(Object {
            pointer: handle as usize as *mut T,
            lease,
        })
    }

    /// As [`Object::new`]; none for the handle 0, with which Java says that there is no object.
    #[inline]
    pub(crate) fn optional(kind: Kind, handle: jlong) -> Result<Option<Object<T>>, Failure> {
        if handle == 0 {
            return Ok(None);
        }
        Object::new(kind, handle).map(Some)
    }

    /// Valid for as long as this is.
    #[inline]
    pub(crate) fn pointer(&self) -> *mut T {
        self.pointer
    }

    /// The handle of the database or reader that it belongs to; 0 if that is not known.
    #[inline]
    pub(crate) fn parent(&self) -> jlong {
        self.lease.parent() as jlong
    }
}

/// Runs the body of a native on the object behind `handle`, as with [`Object::new`], and faster when
/// the thread that made the object calls it: for natives that are called many times for each key.
#[inline(always)]
pub(crate) fn on<T, R>(
    kind: Kind,
    handle: jlong,
    native: impl Fn(*mut T) -> Result<R, Failure>,
) -> Result<R, Failure> {
    match OwnerThreadLease::new(kind, handle as usize) {
        Some(_lease) => native(handle as usize as *mut T),
        None => on_shared(kind, handle, native),
    }
}

/// A function of its own, so that the other way stays in registers.
#[cold]
#[inline(never)]
fn on_shared<T, R>(
    kind: Kind,
    handle: jlong,
    native: impl Fn(*mut T) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let object = Object::new(kind, handle)?;
    native(object.pointer())
}

/// The pointer of an optional object, null for none.
#[inline]
pub(crate) fn pointer_of<T>(object: Option<&Object<T>>) -> *mut T {
    object.map_or(std::ptr::null_mut(), Object::pointer)
}

/// Makes a new object of RocksDB a live handle. Null is C++ without memory.
pub(crate) fn created<T>(kind: Kind, object: *mut T) -> Result<jlong, Failure> {
    if object.is_null() {
        return Err(Failure::out_of_memory(kind.class()));
    }
    handles::register(kind, object as usize);
    Ok(object as jlong)
}

/// Closes a handle of an object that belongs to Java alone: destroys the object when nobody uses it.
/// Closing again is harmless.
///
/// # Safety
/// Rule 1, and Java gives the handle up. `destroy` is the destructor of that kind; it leaves the
/// memory, which came from plain `new`.
pub(crate) unsafe fn close(kind: Kind, handle: jlong, destroy: Destroy) -> Result<(), Failure> {
    if handle != 0 {
        // SAFETY: guaranteed by the caller.
        unsafe { handles::close(kind, handle as usize, destroy) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jvm::failure::Reason;

    #[test]
    fn a_null_handle_is_not_followed() {
        assert!(matches!(
            Object::<u8>::new(Kind::Options, 0),
            Err(failure) if matches!(failure.reason(), Reason::Null("Options"))
        ));
        assert!(matches!(Object::<u8>::optional(Kind::Options, 0), Ok(None)));
        assert!(matches!(
            created::<u8>(Kind::Options, std::ptr::null_mut()),
            Err(failure) if matches!(failure.reason(), Reason::OutOfMemory("Options"))
        ));
    }

    #[test]
    fn what_only_we_make_must_be_known() {
        assert!(matches!(
            Object::<u8>::new(Kind::SstFileReader, 0x1230),
            Err(failure) if matches!(failure.reason(), Reason::Closed(Kind::SstFileReader))
        ));
    }
}
