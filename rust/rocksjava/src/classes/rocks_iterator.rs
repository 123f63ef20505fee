//! Natives of `org.rocksdb.RocksIterator`.
//!
//! `org.rocksdb.SstFileReaderIterator` has the same ones, on the same `rocksdb::Iterator`, so both
//! are made here; what their names say is in `iterator_natives`.
// #[HotPath]

use jni::objects::{JByteArray, JClass};
use jni::sys::{jboolean, jbyteArray, jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{RawSlice, Registry};

use crate::jvm::entry::hot_entry_unchecked;
use crate::jvm::env::{Jvm, Key, Reference};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, Iterator};
use crate::objects::handle::on;

/// The natives of a class of iterators, each after its Java declaration.
macro_rules! iterator_natives {
    ($kind:expr, $close:path,
     $dispose:ident $is_valid:ident $seek_to_first:ident $seek_to_last:ident $next:ident $prev:ident
     $seek:ident $key:ident $value:ident) => {
        /// `static native void disposeInternalJni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $dispose<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) {
            hot_entry_unchecked(env, |_| {
                $close(handle);
                Ok(())
            })
        }

        /// `static native boolean isValid0Jni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $is_valid<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) -> jboolean {
            hot_entry_unchecked(env, |_| on($kind, handle, is_valid)) != 0
        }

        /// `static native void seekToFirst0Jni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $seek_to_first<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) {
            hot_entry_unchecked(env, |_| on($kind, handle, seek_to_first))
        }

        /// `static native void seekToLast0Jni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $seek_to_last<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) {
            hot_entry_unchecked(env, |_| on($kind, handle, seek_to_last))
        }

        /// `static native void next0Jni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $next<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) {
            hot_entry_unchecked(env, |_| on($kind, handle, next))
        }

        /// `static native void prev0Jni(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $prev<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) {
            hot_entry_unchecked(env, |_| on($kind, handle, prev))
        }

        /// `static native void seek0Jni(long handle, byte[] target, int targetLen)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $seek<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
            target: JByteArray<'local>,
            length: jint,
        ) {
            hot_entry_unchecked(env, |jvm| {
                on($kind, handle, |iterator| {
                    seek(jvm, iterator, &target, length)
                })
            })
        }

        /// `static native byte[] key0(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $key<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) -> jbyteArray {
            hot_entry_unchecked(env, |jvm| on($kind, handle, |at| key(jvm, at))).0
        }

        /// `static native byte[] value0(long handle)`.
        #[unsafe(no_mangle)]
        pub extern "system" fn $value<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
        ) -> jbyteArray {
            hot_entry_unchecked(env, |jvm| on($kind, handle, |at| value(jvm, at))).0
        }
    };
}

pub(crate) use iterator_natives;

iterator_natives! {
    Kind::RocksIterator, close,
    Java_org_rocksdb_RocksIterator_disposeInternalJni
    Java_org_rocksdb_RocksIterator_isValid0Jni
    Java_org_rocksdb_RocksIterator_seekToFirst0Jni
    Java_org_rocksdb_RocksIterator_seekToLast0Jni
    Java_org_rocksdb_RocksIterator_next0Jni
    Java_org_rocksdb_RocksIterator_prev0Jni
    Java_org_rocksdb_RocksIterator_seek0Jni
    Java_org_rocksdb_RocksIterator_key0
    Java_org_rocksdb_RocksIterator_value0
}

/// An iterator belongs to its database, which closes it at the latest.
fn close(handle: jlong) {
    if handle != 0 {
        let destroy = ffi::venice_iterator_destroy;
        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
        unsafe {
            Registry::global().close_dependent(Kind::RocksIterator, handle as usize, destroy);
        }
    }
}

/// 1 or 0, as wide as a [`Failure`]: then either is handed on in the same register.
pub(crate) fn is_valid(iterator: *mut Iterator) -> Result<usize, Failure> {
    // SAFETY: rule 1.
    Ok(unsafe { ffi::venice_iterator_valid(iterator) }.into())
}

pub(crate) fn seek_to_first(iterator: *mut Iterator) -> Result<(), Failure> {
    // SAFETY: rule 1.
    crate::objects::pinned::done(unsafe { ffi::venice_iterator_seek_to_first(iterator) })
}

pub(crate) fn seek_to_last(iterator: *mut Iterator) -> Result<(), Failure> {
    // SAFETY: rule 1.
    crate::objects::pinned::done(unsafe { ffi::venice_iterator_seek_to_last(iterator) })
}

/// Upstream's behaviour is undefined for an iterator that is at no entry; here it stays there.
pub(crate) fn next(iterator: *mut Iterator) -> Result<(), Failure> {
    // SAFETY: rule 1.
    unsafe { ffi::venice_iterator_next(iterator) };
    Ok(())
}

/// As [`next`].
pub(crate) fn prev(iterator: *mut Iterator) -> Result<(), Failure> {
    // SAFETY: rule 1.
    unsafe { ffi::venice_iterator_prev(iterator) };
    Ok(())
}

pub(crate) fn seek(
    jvm: Jvm<'_>,
    iterator: *mut Iterator,
    target: &JByteArray<'_>,
    length: jint,
) -> Result<(), Failure> {
    let mut bytes = Key::new();
    jvm.copy_in(target, 0, length, &mut bytes)?;
    let target = RawSlice::new(bytes.bytes());
    // SAFETY: rules 1 and 3.
    crate::objects::pinned::done(unsafe { ffi::venice_iterator_seek(iterator, target) })
}

/// Upstream's behaviour is undefined for an iterator that is at no entry; here it is an exception.
pub(crate) fn key(jvm: Jvm<'_>, iterator: *mut Iterator) -> Result<Reference, Failure> {
    // SAFETY: rule 1.
    let key = unsafe { ffi::venice_iterator_key(iterator) };
    if key.is_null() {
        return Err(Failure::illegal_state(
            "the iterator is at no entry: it has no key",
        ));
    }
    // SAFETY: rule 4, the iterator does not move meanwhile.
    jvm.new_array_unchecked(unsafe { key.bytes() }.unwrap_or_default())
}

/// As [`key`].
pub(crate) fn value(jvm: Jvm<'_>, iterator: *mut Iterator) -> Result<Reference, Failure> {
    // SAFETY: rule 1.
    let value = unsafe { ffi::venice_iterator_value(iterator) };
    if value.is_null() {
        return Err(Failure::illegal_state(
            "the iterator is at no entry: it has no value",
        ));
    }
    // SAFETY: rule 4, the iterator does not move meanwhile.
    jvm.new_array_unchecked(unsafe { value.bytes() }.unwrap_or_default())
}
