//! Declarations of `cpp/shim.h`; what each function does stands there. `tests/architecture/c_abi.py` compares.
//!
//! The rules that the unsafe blocks of this crate rest on, by number:
//!
//! 1. **Live database.** A `Db` pointer is used between its open and its delete only. Readers hold
//!    a [`ReadGuard`](crate::database::ReadGuard); whoever closes waits until there is none.
//! 2. **Handles of Java.** Options, column family and unregistered database pointers come from
//!    Java, which keeps them alive during the native call, as upstream's natives require too.
//! 3. **Borrowed memory.** Pointers into Rust memory are used by the callee during the call only.
//! 4. **Pinned bytes.** Bytes read from RocksDB live until what they were read into is released,
//!    which is expressed as a borrow of it.
//! 5. **Filled on return.** The shim fills its out-parameters as its header says.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::os::raw::c_char;

/// Types of C++ that Rust has pointers to, and nothing else.
#[macro_export]
macro_rules! opaque {
    ($($(#[$doc:meta])* $visible:vis $name:ident;)+) => {$(
        $(#[$doc])*
        #[repr(C)]
        $visible struct $name {
            _opaque: [u8; 0],
            _neither_send_nor_sync:
                ::std::marker::PhantomData<(*mut u8, ::std::marker::PhantomPinned)>,
        }
    )+};
}

opaque! {
    /// `rocksdb::DB`.
    pub Db;
    /// `rocksdb::ColumnFamilyHandle`.
    pub ColumnFamilyHandle;
    /// `rocksdb::Options`.
    pub Options;
    /// `rocksdb::DBOptions`.
    pub DbOptions;
    /// `rocksdb::ColumnFamilyOptions`.
    pub ColumnFamilyOptions;
    /// The values of one `venice_multi_get`.
    pub PinnedBatch;
}

/// `venice_status`.
#[repr(C)]
pub struct RawStatus {
    pub(crate) code: u8,
    pub(crate) subcode: u8,
    pub(crate) state: *mut c_char,
}

/// `venice_slice`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawSlice {
    pub(crate) data: *const u8,
    pub(crate) size: usize,
}

impl RawSlice {
    /// No bytes, as null: stands for no value.
    pub const EMPTY: RawSlice = RawSlice {
        data: std::ptr::null(),
        size: 0,
    };

    /// Bytes of the caller.
    pub fn new(bytes: &[u8]) -> RawSlice {
        RawSlice {
            data: bytes.as_ptr(),
            size: bytes.len(),
        }
    }

    /// Whether it says that there is surely no such key.
    #[inline]
    pub(crate) fn is_missing(&self) -> bool {
        self.data.is_null() && self.size == MISSING
    }

    /// Whether it stands for no value.
    #[inline]
    pub fn is_null(&self) -> bool {
        self.data.is_null()
    }

    /// The bytes; `None` for [`RawSlice::EMPTY`], which stands for no value.
    ///
    /// # Safety
    /// They live for `'a`.
    pub unsafe fn bytes<'a>(self) -> Option<&'a [u8]> {
        if self.data.is_null() {
            return None;
        }
        // SAFETY: guaranteed by the caller, and rule 5 for the length.
        Some(unsafe { std::slice::from_raw_parts(self.data, self.size) })
    }
}

/// Room for one `rocksdb::PinnableSlice`; the shim asserts that it fits.
pub type RawPinned = MaybeUninit<[u64; 16]>;

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawRead {
    pub(crate) deadline_micros: u64,
    pub(crate) memory_only: u8,
}

/// `venice_batch_read`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawBatchRead {
    pub(crate) bytes: u64,
    pub(crate) longest: u64,
    pub(crate) unread: usize,
    pub(crate) refused: usize,
}

/// `VENICE_PREFETCHED_AT_ONCE`.
pub(crate) const PREFETCHED_AT_ONCE: usize = 16;

/// `venice_sought`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawSought {
    pub(crate) db: *mut Db,
    pub(crate) key: RawSlice,
    pub(crate) may_answer: u8,
}

/// `venice_hold`.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "they are for C++")]
pub(crate) struct RawHold {
    owner: *mut c_void,
    held: *mut c_void,
    kind: u8,
}

/// `venice_holds`.
#[repr(C)]
pub(crate) struct RawHolds {
    pub(crate) count: usize,
    all: [RawHold; 16],
}

impl RawHolds {
    pub(crate) const NONE: RawHolds = RawHolds {
        count: 0,
        all: [RawHold {
            owner: std::ptr::null_mut(),
            held: std::ptr::null_mut(),
            kind: 0,
        }; PREFETCHED_AT_ONCE],
    };
}

/// `venice_tables`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawTables {
    pub(crate) tables: u64,
    pub(crate) bytes: u64,
    pub(crate) bytes_here: u64,
    pub(crate) bytes_locked: u64,
}

/// `venice_populated`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawPopulated {
    pub(crate) bytes: u64,
    pub(crate) populate_error: i32,
    pub(crate) lock_error: i32,
}

/// `VENICE_MISSING`.
const MISSING: usize = 1;

/// `VENICE_NOT_READ`.
pub(crate) const NOT_READ: usize = 1;

extern "C" {
    pub(crate) fn venice_status_free(status: *mut RawStatus);

    pub(crate) fn venice_open(
        options: *const Options,
        path: *const c_char,
        db: *mut *mut Db,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_open_read_only(
        options: *const Options,
        path: *const c_char,
        error_if_wal_file_exists: u8,
        db: *mut *mut Db,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_open_column_families(
        options: *const DbOptions,
        path: *const c_char,
        count: usize,
        names: *const RawSlice,
        family_options: *const *const ColumnFamilyOptions,
        handles: *mut *mut ColumnFamilyHandle,
        db: *mut *mut Db,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_open_column_families_read_only(
        options: *const DbOptions,
        path: *const c_char,
        count: usize,
        names: *const RawSlice,
        family_options: *const *const ColumnFamilyOptions,
        error_if_wal_file_exists: u8,
        handles: *mut *mut ColumnFamilyHandle,
        db: *mut *mut Db,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_close(db: *mut Db, status: *mut RawStatus);
    pub(crate) fn venice_root_db(db: *mut Db) -> *mut Db;
    pub(crate) fn venice_writes_are_stopped(db: *mut Db) -> u8;
    pub(crate) fn venice_cancel_work(db: *mut Db, manual: u8);
    pub(crate) fn venice_wait_for_work(db: *mut Db);
    pub(crate) fn venice_delete(db: *mut Db);
    pub(crate) fn venice_db_destroy(db: *mut Db);
    pub(crate) fn venice_db_block_free(block: *mut c_void);
    pub(crate) fn venice_block_free(block: *mut c_void);
    pub(crate) fn venice_column_family_destroy(handle: *mut c_void);
    pub(crate) fn venice_destroy(
        path: *const c_char,
        options: *const Options,
        status: *mut RawStatus,
    );

    pub(crate) fn venice_latest_sequence_number(db: *const Db) -> u64;
    pub(crate) fn venice_db_number(db: *mut Db, name: *const c_char, value: *mut u64) -> u8;
    pub(crate) fn venice_ticker_named(name: *const c_char) -> u32;
    pub(crate) fn venice_db_statistics(db: *mut Db) -> u64;
    pub(crate) fn venice_db_ticker(db: *mut Db, ticker: u32) -> u64;
    pub(crate) fn venice_count_nothing();
    pub(crate) fn venice_is_bytewise(db: *mut Db) -> u8;
    pub(crate) fn venice_has_plain_tables(db: *mut Db) -> u8;
    pub(crate) fn venice_cached_blocks(db: *mut Db) -> usize;
    pub(crate) fn venice_get(
        db: *mut Db,
        key: RawSlice,
        read: RawRead,
        again: u8,
        pinned: *mut RawPinned,
        value: *mut RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_pinned_release(pinned: *mut RawPinned);
    pub(crate) fn venice_may_answer(db: *mut Db) -> u8;
    pub(crate) fn venice_prefetch_plain(
        count: usize,
        sought: *const RawSought,
        values: *mut RawSlice,
        holds: *mut RawHolds,
    ) -> usize;
    pub(crate) fn venice_prefetch_blocks(
        count: usize,
        sought: *const RawSought,
        values: *mut RawSlice,
        holds: *mut RawHolds,
    ) -> usize;
    pub(crate) fn venice_watch_tables(on: u8);
    pub(crate) fn venice_look_at_tables(db: *mut Db, first: u64, seen: *mut RawTables) -> u64;
    pub(crate) fn venice_populate_tables(
        db: *mut Db,
        most: u64,
        lock: u8,
        outcome: *mut RawPopulated,
    ) -> u64;
    pub(crate) fn venice_holds_release(holds: *mut RawHolds);
    pub(crate) fn venice_multi_get(
        db: *mut Db,
        count: usize,
        keys: *const RawSlice,
        in_order: u8,
        read: RawRead,
        enough: u64,
        values: *mut RawSlice,
        outcome: *mut RawBatchRead,
        status: *mut RawStatus,
    ) -> *mut PinnedBatch;
    pub(crate) fn venice_pinned_batch_free(batch: *mut PinnedBatch);
}
