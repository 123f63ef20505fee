//! Natives of `org.rocksdb.SstFileReaderIterator`: those of `RocksIterator`, on iterators of a
//! reader.
// #[HotPath]

use jni::objects::{JByteArray, JClass};
use jni::sys::{jboolean, jbyteArray, jint, jlong};
use jni::EnvUnowned;
use venice_engine::handles::Kind;

use crate::classes::rocks_iterator::{
    is_valid, iterator_natives, key, next, prev, seek, seek_to_first, seek_to_last, value,
};
use crate::classes::sst_file_reader::close_iterator;
use crate::jvm::entry::hot_entry_unchecked;
use crate::objects::handle::on;

iterator_natives! {
    Kind::SstFileReaderIterator, close_iterator,
    Java_org_rocksdb_SstFileReaderIterator_disposeInternalJni
    Java_org_rocksdb_SstFileReaderIterator_isValid0Jni
    Java_org_rocksdb_SstFileReaderIterator_seekToFirst0Jni
    Java_org_rocksdb_SstFileReaderIterator_seekToLast0Jni
    Java_org_rocksdb_SstFileReaderIterator_next0Jni
    Java_org_rocksdb_SstFileReaderIterator_prev0Jni
    Java_org_rocksdb_SstFileReaderIterator_seek0Jni
    Java_org_rocksdb_SstFileReaderIterator_key0
    Java_org_rocksdb_SstFileReaderIterator_value0
}
