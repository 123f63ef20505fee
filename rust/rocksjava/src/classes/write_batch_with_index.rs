//! The native of `org.rocksdb.WriteBatchWithIndex` that takes an iterator of ours over.

use jni::objects::JClass;
use jni::sys::jlong;
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::{ColumnFamilyHandle, Db, Registry};

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, Iterator, ReadOptions, WriteBatchWithIndex};
use crate::objects::handle::{pointer_of, Object};

/// `static native long iteratorWithBase(long handle, long cfHandle, long baseIteratorHandle, long
/// readOptionsHandle)`: the new iterator owns the base, whose handle is none from then on.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_WriteBatchWithIndex_iteratorWithBase<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    batch: jlong,
    family: jlong,
    base: jlong,
    options: jlong,
) -> jlong {
    entry_unchecked(env, |_| {
        let batch: Object<WriteBatchWithIndex> = Object::new(Kind::WriteBatchWithIndex, batch)?;
        let family: Option<Object<ColumnFamilyHandle>> =
            Object::optional(Kind::ColumnFamilyHandle, family)?;
        let options: Option<Object<ReadOptions>> = Object::optional(Kind::ReadOptions, options)?;
        let base: Object<Iterator> = Object::new(Kind::RocksIterator, base)?;
        // In use, so that it closes neither iterator meanwhile. One of upstream's knows no parent.
        let db: Option<Object<Db>> = Object::optional(Kind::RocksDb, base.parent())?;
        let base_pointer = base.pointer();
        Registry::global().disown(Kind::RocksIterator, base_pointer as usize);
        // SAFETY: rule 1; the base is nobody's but the new iterator's.
        let iterator = unsafe {
            ffi::venice_iterator_over(
                batch.pointer(),
                pointer_of(family.as_ref()),
                base_pointer,
                pointer_of(options.as_ref()),
            )
        };
        if iterator.is_null() {
            return Err(Failure::out_of_memory(Kind::RocksIterator.class()));
        }
        let destroy = ffi::venice_iterator_destroy;
        // SAFETY: made with plain `new` over an iterator of this database, and the destructor is
        // that of the class.
        unsafe {
            Registry::global().adopt(
                pointer_of(db.as_ref()),
                Kind::RocksIterator,
                iterator as usize,
                destroy,
            );
        }
        Ok(iterator as jlong)
    })
}
