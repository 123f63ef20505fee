//! Values where RocksDB has them, until they are copied to Java.
// #[HotPath]

use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::pin::Pin;

use venice_engine::{PinnedBatch, RawPinned, RawSlice, RawStatus, Status};

use crate::jvm::failure::Failure;
use crate::objects::ffi;

/// One value, in the native's own frame: it is neither allocated nor copied.
///
/// Declared after the objects it is read from, so that it is released before they may be closed.
pub(crate) struct PinnedValue {
    /// Holds an object exactly if `value` has bytes; it has pointers into itself, so it is pinned.
    pinned: RawPinned,
    value: RawSlice,
    _immovable: PhantomPinned,
}

impl PinnedValue {
    #[inline]
    pub(crate) fn new() -> PinnedValue {
        PinnedValue {
            pinned: RawPinned::uninit(),
            value: RawSlice::EMPTY,
            _immovable: PhantomPinned,
        }
    }

    /// Runs a read that fills the three as `venice_get_with` does. False if there is no such key.
    #[inline]
    pub(crate) fn read(
        self: Pin<&mut Self>,
        read: impl FnOnce(*mut RawPinned, *mut RawSlice, *mut RawStatus),
    ) -> Result<bool, Status> {
        // SAFETY: nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        debug_assert!(this.value.is_null(), "one read for each value");
        let mut value = RawSlice::EMPTY;
        let pinned = &mut this.pinned;
        match Status::from_call(|status| read(pinned, &mut value, status)) {
            Ok(()) => {
                this.value = value;
                Ok(true)
            }
            Err(status) if status.code == Status::NOT_FOUND => Ok(false),
            Err(status) => Err(status),
        }
    }

    /// The bytes that were read.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: rule 4, they live until the drop.
        unsafe { self.value.bytes() }.unwrap_or_default()
    }
}

impl Drop for PinnedValue {
    #[inline]
    fn drop(&mut self) {
        if !self.value.is_null() {
            // SAFETY: rule 4: a value with bytes is pinned, and this is the only reference to it.
            unsafe { ffi::venice_pinned_release(&mut self.pinned) };
        }
    }
}

/// The values of one multi-get.
pub(crate) struct PinnedValues {
    batch: *mut PinnedBatch,
    values: Vec<RawSlice>,
    statuses: Vec<Result<(), Status>>,
}

impl PinnedValues {
    /// Runs a multi-get that fills as many values and statuses, as `venice_multi_get_with` does.
    pub(crate) fn read(
        count: usize,
        read: impl FnOnce(*mut RawSlice, *mut RawStatus) -> *mut PinnedBatch,
    ) -> PinnedValues {
        let mut raw: Vec<MaybeUninit<RawStatus>> = Vec::with_capacity(count);
        raw.resize_with(count, MaybeUninit::uninit);
        let mut values = vec![RawSlice::EMPTY; count];
        let batch = read(values.as_mut_ptr(), raw.as_mut_ptr().cast());
        let statuses = raw
            .iter_mut()
            // SAFETY: rule 5, each status is filled.
            .map(|status| Status::take(unsafe { status.assume_init_mut() }))
            .collect();
        PinnedValues {
            batch,
            values,
            statuses,
        }
    }

    /// How many keys were read.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of each key, or why there is none.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<&[u8], &Status>> {
        self.values
            .iter()
            .zip(&self.statuses)
            .map(|(value, status)| match status {
                // SAFETY: rule 4, the batch lives as long as self.
                Ok(()) => Ok(unsafe { value.bytes() }.unwrap_or_default()),
                Err(status) => Err(status),
            })
    }
}

impl Drop for PinnedValues {
    fn drop(&mut self) {
        // SAFETY: the batch of one call, freed once; null is allowed.
        unsafe { ffi::venice_pinned_batch_free(self.batch) };
    }
}

/// Bytes that C++ shows during a call, taken over.
///
/// # Safety
/// They live now (rule 4).
pub(crate) unsafe fn owned(bytes: RawSlice) -> Box<[u8]> {
    // SAFETY: guaranteed by the caller.
    unsafe { bytes.bytes() }.unwrap_or_default().into()
}

/// For functions of the shim that give 0 when C++ had no memory.
pub(crate) fn done(result: u8) -> Result<(), Failure> {
    match result {
        0 => Err(Failure::out_of_memory("RocksDB")),
        _ => Ok(()),
    }
}
