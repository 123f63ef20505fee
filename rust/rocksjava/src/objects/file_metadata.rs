//! What RocksDB tells of its files, taken over from C++.

use std::ffi::c_void;

use jni::sys::{jint, jlong, jvalue};

use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::objects::ffi::RawFile;
use crate::objects::pinned::owned;

/// `rocksdb::SstFileMetaData`, and of `rocksdb::LiveFileMetaData` what that has more.
pub(crate) struct File {
    pub(crate) column_family: Box<[u8]>,
    pub(crate) level: i32,
    name: Box<[u8]>,
    db_path: Box<[u8]>,
    smallest_key: Box<[u8]>,
    largest_key: Box<[u8]>,
    checksum: Box<[u8]>,
    size: u64,
    smallest_sequence: u64,
    largest_sequence: u64,
    reads_sampled: u64,
    entries: u64,
    deletions: u64,
    being_compacted: bool,
}

impl File {
    /// # Safety
    /// C++ shows the file now (rule 4).
    pub(crate) unsafe fn taken(file: &RawFile) -> File {
        // SAFETY: guaranteed by the caller.
        unsafe {
            File {
                column_family: owned(file.column_family),
                level: file.level,
                name: owned(file.name),
                db_path: owned(file.db_path),
                smallest_key: owned(file.smallest_key),
                largest_key: owned(file.largest_key),
                checksum: owned(file.checksum),
                size: file.size,
                smallest_sequence: file.smallest_sequence,
                largest_sequence: file.largest_sequence,
                reads_sampled: file.reads_sampled,
                entries: file.entries,
                deletions: file.deletions,
                being_compacted: file.being_compacted != 0,
            }
        }
    }

    /// The arguments of Java's constructors from the file's name on: name, path, size, sequence
    /// numbers, keys, reads, whether it is being compacted, entries, deletions, checksum.
    pub(crate) fn arguments(&self, jvm: Jvm<'_>) -> Result<FileArguments, Failure> {
        let references = [
            jvm.string_or_null(&self.name)?,
            jvm.string_or_null(&self.db_path)?,
            jvm.new_array(&self.smallest_key)?,
            jvm.new_array(&self.largest_key)?,
            jvm.new_array(&self.checksum)?,
        ];
        let values = [
            jvalue { l: references[0].0 },
            jvalue { l: references[1].0 },
            number(self.size),
            number(self.smallest_sequence),
            number(self.largest_sequence),
            jvalue { l: references[2].0 },
            jvalue { l: references[3].0 },
            number(self.reads_sampled),
            jvalue {
                z: self.being_compacted,
            },
            number(self.entries),
            number(self.deletions),
            jvalue { l: references[4].0 },
        ];
        Ok(FileArguments { values, references })
    }
}

/// Arguments of a constructor, and the references among them.
pub(crate) struct FileArguments {
    pub(crate) values: [jvalue; 12],
    references: [Reference; 5],
}

impl FileArguments {
    pub(crate) fn release(self, jvm: Jvm<'_>) {
        for reference in self.references {
            jvm.release(reference.0);
        }
    }
}

pub(crate) fn number(number: u64) -> jvalue {
    jvalue { j: number as jlong }
}

pub(crate) fn int(number: i32) -> jvalue {
    jvalue { i: number as jint }
}

/// For [`ffi::ShowName`](crate::objects::ffi::ShowName): adds the name to a `Vec<Box<[u8]>>`.
///
/// # Safety
/// `context` is such a vector, which the caller of C++ has lent; the bytes live (rule 4).
pub(crate) unsafe extern "C" fn add_name(context: *mut c_void, name: venice_engine::RawSlice) {
    // SAFETY: guaranteed by the caller.
    unsafe { (*context.cast::<Vec<Box<[u8]>>>()).push(owned(name)) };
}
