//! Natives of `org.rocksdb.Slice`: the handle is a `rocksdb::Slice*`.

use std::os::raw::c_char;

use jni::objects::{JByteArray, JClass};
use jni::sys::{jbyte, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::native_object::Slice;

extern "C" {
    // cpp/slice.cc
    fn venice_slice_new(
        size: usize,
        slice: *mut *mut Slice,
        bytes: *mut *mut c_char,
        status: *mut RawStatus,
    );
    fn venice_slice_delete(slice: *mut Slice);
}

/// `static native long createNewSlice1(byte[] data)`: returns a slice with a copy of the bytes.
///
/// Upstream's natives delete both (`Slice.disposeInternalBuf`, `AbstractSlice.disposeInternalJni`),
/// so both are made as they expect.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Slice_createNewSlice1<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    data: JByteArray<'local>,
) -> jlong {
    entry_unchecked(env, |env| {
        if data.is_null() {
            return Err(Failure::null("bytes of a Slice"));
        }
        let size = data.len(env)?;
        let (mut slice, mut bytes) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: fills both when it succeeds.
        Status::from_call(|status| unsafe {
            venice_slice_new(size, &mut slice, &mut bytes, status);
        })?;
        // SAFETY: as many bytes are there, which nobody else knows; all bits are allowed.
        let room = unsafe { std::slice::from_raw_parts_mut(bytes.cast::<jbyte>(), size) };
        if let Err(error) = data.get_region(env, 0, room) {
            // SAFETY: made above, and given up here.
            unsafe { venice_slice_delete(slice) };
            return Err(error.into());
        }
        // Not a live handle for the table: it would not hear of the end.
        Ok(slice as jlong)
    })
}
