//! Values that RocksDB holds in place for their reader.
// #[HotPath]

use std::marker::{PhantomData, PhantomPinned};
use std::mem::MaybeUninit;
use std::pin::Pin;

use crate::database::ReadGuard;
use crate::ffi::{self, PinnedBatch, RawPinned, RawRead, RawSlice, RawStatus};
use crate::status::Status;

impl ReadGuard {
    /// Reads keys, in any order and with repeats; answers are in the order of `keys`.
    ///
    /// # Safety
    /// The keys live during the call.
    pub(crate) unsafe fn multi_get(
        &self,
        keys: &[RawSlice],
        read: RawRead,
    ) -> Result<PinnedValues<'_>, Status> {
        let mut statuses: Vec<MaybeUninit<RawStatus>> = Vec::with_capacity(keys.len());
        statuses.resize_with(keys.len(), MaybeUninit::uninit);
        let mut values = vec![RawSlice::EMPTY; keys.len()];
        // SAFETY: rules 1 (self) and 3; the three arrays have keys.len() elements each; the
        // caller's word for the keys.
        let batch = unsafe {
            ffi::venice_multi_get(
                self.db(),
                keys.len(),
                keys.as_ptr(),
                read,
                values.as_mut_ptr(),
                statuses.as_mut_ptr().cast(),
            )
        };
        // Holds the values from here on, whatever the statuses say.
        let mut found = PinnedValues {
            batch,
            values,
            _guard: PhantomData,
        };
        let mut failure = None;
        for (status, value) in statuses.iter_mut().zip(&mut found.values) {
            // SAFETY: rule 5, each status is filled.
            let status = unsafe { status.assume_init_mut() };
            if let Err(status) = Status::take(status) {
                *value = RawSlice::EMPTY;
                if status.code != Status::NOT_FOUND {
                    failure.get_or_insert(status);
                }
            }
        }
        match failure {
            None => Ok(found),
            Some(status) => Err(status),
        }
    }
}

/// Where reads put their value, in the caller's frame: a value is neither allocated nor copied, or
/// where RocksDB copies it, as from a plain table, into the memory of the read before. `'g` is that of
/// the guards, so that nothing is pinned in a closed database.
pub(crate) struct Slot<'g> {
    /// Holds an object exactly if `made`; it has pointers into itself, so it is pinned.
    pinned: RawPinned,
    made: bool,
    value: RawSlice,
    _guards: PhantomData<&'g ReadGuard>,
    _immovable: PhantomPinned,
}

impl<'g> Slot<'g> {
    pub(crate) fn new() -> Slot<'g> {
        Slot {
            pinned: RawPinned::uninit(),
            made: false,
            value: RawSlice::EMPTY,
            _guards: PhantomData,
            _immovable: PhantomPinned,
        }
    }

    /// Reads `key` and keeps its value. False if there is no such key.
    pub(crate) fn get(
        self: Pin<&mut Self>,
        guard: &'g ReadGuard,
        key: &[u8],
        read: RawRead,
    ) -> Result<bool, Status> {
        // SAFETY: nothing is moved out of the slot.
        let slot = unsafe { self.get_unchecked_mut() };
        slot.value = RawSlice::EMPTY;
        let again = u8::from(std::mem::replace(&mut slot.made, true));
        let mut value = RawSlice::EMPTY;
        // SAFETY: rules 1 (the guard) and 3; `made` said what is in the room, which does not move, as
        // the slot is pinned until it is dropped, which releases it.
        let got = Status::from_call(|status| unsafe {
            ffi::venice_get(
                guard.db(),
                RawSlice::new(key),
                read,
                again,
                &mut slot.pinned,
                &mut value,
                status,
            );
        });
        match got {
            Ok(()) => {
                slot.value = value;
                Ok(true)
            }
            Err(status) if status.code == Status::NOT_FOUND => Ok(false),
            Err(status) => Err(status),
        }
    }

    /// The value of the last read; empty if there was none.
    pub(crate) fn value(&self) -> &[u8] {
        // SAFETY: rule 4, the next read or the drop needs the slot for itself.
        unsafe { self.value.bytes() }.unwrap_or_default()
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if self.made {
            // SAFETY: rule 4: there is an object, and this is the only reference to it.
            unsafe { ffi::venice_pinned_release(&mut self.pinned) };
        }
    }
}

/// The values of one multi-get, under the guard of its database.
pub(crate) struct PinnedValues<'g> {
    batch: *mut PinnedBatch,
    values: Vec<RawSlice>,
    _guard: PhantomData<&'g ReadGuard>,
}

impl PinnedValues<'_> {
    /// The value of the key at `index`, `None` if there is no such key.
    pub(crate) fn value(&self, index: usize) -> Option<&[u8]> {
        // SAFETY: rule 4, the batch lives as long as self.
        unsafe { self.values[index].bytes() }
    }
}

impl Drop for PinnedValues<'_> {
    fn drop(&mut self) {
        // SAFETY: the batch of one call, freed once; null is allowed.
        unsafe { ffi::venice_pinned_batch_free(self.batch) };
    }
}
