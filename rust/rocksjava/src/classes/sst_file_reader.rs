//! Natives of `org.rocksdb.SstFileReader`.
//!
//! A reader's iterators read from its file, so they are closed with it, as iterators of a database
//! are.

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant};

use jni::objects::{JClass, JString};
use jni::sys::{jlong, jobject};
use jni::EnvUnowned;
use parking_lot::Mutex;
use venice_engine::handles::{self, Dependents, Kind, Owner};
use venice_engine::{Options, Status};

use crate::classes::rocks_db::path_of;
use crate::classes::table_properties;
use crate::jvm::entry::{entry, entry_unchecked, hot_entry, hot_entry_unchecked};
use crate::jvm::env::Reference;
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, ReadOptions, SstFileReader};
use crate::objects::handle::Object;

/// A close waits this long for uses of the reader and of its iterators; then the last of them
/// finishes it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(30);

/// What Java's handle does not tell.
struct Reader {
    handle: usize,
    /// Whether it has a file; without one RocksDB follows a null.
    has_file: AtomicBool,
    iterators: Dependents,
    /// Set by a closer that waits no more; whoever takes it back destroys.
    late: AtomicBool,
}

static READERS: LazyLock<Mutex<HashMap<usize, Arc<Reader>>>> = LazyLock::new(Mutex::default);

fn known(handle: jlong) -> Result<Arc<Reader>, Failure> {
    let reader = READERS.lock().get(&(handle as usize)).cloned();
    reader.ok_or_else(|| Failure::closed(Kind::SstFileReader))
}

impl Reader {
    fn owner(self: &Arc<Self>) -> Weak<dyn Owner> {
        let weak: Weak<Reader> = Arc::downgrade(self);
        weak
    }

    /// Closes, or leaves it to the last use.
    fn close(&self) {
        let deadline = Instant::now() + CLOSE_DEADLINE;
        handles::shut_and_see(Kind::SstFileReader, self.handle);
        if handles::wait_unused(&[self.handle], deadline)
            && handles::wait_unused(&self.iterators.shut(), deadline)
        {
            self.destroy();
            return;
        }
        self.late.store(true, Ordering::SeqCst);
        self.finish_late();
    }

    fn finish_late(&self) {
        let is_idle =
            !handles::any_in_use(&[self.handle]) && !handles::any_in_use(&self.iterators.shut());
        if is_idle && self.late.swap(false, Ordering::SeqCst) {
            self.destroy();
        }
    }

    /// Nobody uses it or its iterators. Called once.
    fn destroy(&self) {
        self.iterators.destroy();
        READERS.lock().remove(&self.handle);
        if let Some(reader) = NonNull::new(self.handle as *mut c_void) {
            // SAFETY: rule 1; closed by the one call that Java gave it up in, and used by nobody.
            unsafe { ffi::venice_sst_reader_destroy(reader.as_ptr()) };
            handles::destroyed(reader);
        }
    }
}

impl Owner for Reader {
    fn left(&self) {
        if self.late.load(Ordering::SeqCst) {
            self.finish_late();
        }
    }
}

/// `static native long newSstFileReader(long optionsHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileReader_newSstFileReader<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    options: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let options: Object<Options> = Object::new(Kind::Options, options)?;
        // SAFETY: rule 1.
        let reader = unsafe { ffi::venice_sst_reader_new(options.pointer()) };
        if reader.is_null() {
            return Err(Failure::out_of_memory(Kind::SstFileReader.class()));
        }
        let handle = reader as usize;
        let known = Arc::new(Reader {
            handle,
            has_file: AtomicBool::new(false),
            iterators: Dependents::default(),
            late: AtomicBool::new(false),
        });
        handles::register_owned(Kind::SstFileReader, handle, known.owner());
        READERS.lock().insert(handle, known);
        Ok(handle as jlong)
    })
}

/// `static native void disposeInternalJni(long handle)`: with its iterators.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileReader_disposeInternalJni<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    entry_unchecked(env, |_| {
        // Who finds it live closes it.
        if handles::is_live(Kind::SstFileReader, handle as usize) {
            let reader = READERS.lock().remove(&(handle as usize));
            if let Some(reader) = reader {
                // Kept for the last use, should that have to finish it.
                READERS.lock().insert(reader.handle, Arc::clone(&reader));
                reader.close();
            }
        }
        Ok(())
    })
}

/// `static native void open(long handle, String filePath)`. Iterators over a file that was open
/// before are closed.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileReader_open<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    path: JString<'local>,
) {
    entry(env, |env| {
        let path = path_of(env, &path)?;
        let reader: Object<SstFileReader> = Object::new(Kind::SstFileReader, handle)?;
        let known = known(handle)?;
        let unused = handles::wait_unused(&known.iterators.shut(), Instant::now() + CLOSE_DEADLINE);
        if !unused {
            return Err(Failure::illegal_state(
                "an iterator of the reader is in use",
            ));
        }
        known.iterators.destroy();
        // SAFETY: rules 1, 3 and 5.
        Status::from_call(|status| unsafe {
            ffi::venice_sst_reader_open(reader.pointer(), path.as_ptr(), status);
        })?;
        known.has_file.store(true, Ordering::Release);
        Ok(())
    })
}

/// `static native long newIterator(long handle, long readOptionsHandle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileReader_newIterator<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    options: jlong,
) -> jlong {
    hot_entry_unchecked(env, |_| {
        let (reader, known) = with_file(handle)?;
        let options: Object<ReadOptions> = Object::new(Kind::ReadOptions, options)?;
        // SAFETY: rule 1, and it has a file.
        let iterator =
            unsafe { ffi::venice_sst_reader_new_iterator(reader.pointer(), options.pointer()) };
        if iterator.is_null() {
            return Err(Failure::out_of_memory(Kind::SstFileReaderIterator.class()));
        }
        known.iterators.adopt(
            Kind::SstFileReaderIterator,
            iterator as usize,
            known.handle,
            ffi::venice_iterator_destroy,
            known.owner(),
        );
        Ok(iterator as jlong)
    })
}

/// `static native TableProperties getTableProperties(long handle)`.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_SstFileReader_getTableProperties<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jobject {
    hot_entry(env, |jvm| -> Result<Reference, Failure> {
        let (reader, _) = with_file(handle)?;
        table_properties::of(jvm, &reader)
    })
    .0
}

fn with_file(handle: jlong) -> Result<(Object<SstFileReader>, Arc<Reader>), Failure> {
    let reader = Object::new(Kind::SstFileReader, handle)?;
    let known = known(handle)?;
    if !known.has_file.load(Ordering::Acquire) {
        return Err(Failure::illegal_state("the SstFileReader has no open file"));
    }
    Ok((reader, known))
}

/// Closes an iterator that Java gives up. A reader that is closing closes it too.
pub(crate) fn close_iterator(handle: jlong) {
    let parent = handles::parent_of(Kind::SstFileReaderIterator, handle as usize) as jlong;
    if parent == 0 {
        return;
    }
    if let Ok(_reader) = Object::<SstFileReader>::new(Kind::SstFileReader, parent) {
        if let Ok(known) = known(parent) {
            known.iterators.close(handle as usize, CLOSE_DEADLINE);
        }
    }
}
