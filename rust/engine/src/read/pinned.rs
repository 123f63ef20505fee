//! Values that RocksDB holds in place for their reader.
// #[HotPath]

use std::marker::{PhantomData, PhantomPinned};
use std::pin::Pin;

use smallvec::SmallVec;

use crate::database::ReadGuard;
use crate::ffi::{self, PinnedBatch, RawBatchRead, RawPinned, RawRead, RawSlice};
use crate::status::Status;

/// Where reads put their value, in the caller's frame: a value is neither allocated nor copied, or
/// where RocksDB copies it, as from a plain table, into the memory of the read before. `'g` is that of
/// the guards, so that nothing is pinned in a closed database.
pub(crate) struct PinnedValue<'g> {
    /// Holds an object exactly if `made`; it has pointers into itself, so it is pinned.
    pinned: RawPinned,
    made: bool,
    value: RawSlice,
    _guards: PhantomData<&'g ReadGuard>,
    _immovable: PhantomPinned,
}

impl<'g> PinnedValue<'g> {
    pub(crate) fn new() -> PinnedValue<'g> {
        PinnedValue {
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

impl Drop for PinnedValue<'_> {
    fn drop(&mut self) {
        if self.made {
            // SAFETY: rule 4: there is an object, and this is the only reference to it.
            unsafe { ffi::venice_pinned_release(&mut self.pinned) };
        }
    }
}

/// What became of a key of a multi-get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pinned<'a> {
    /// Its record.
    Record(&'a [u8]),
    /// There is no such key.
    Missing,
    /// It was not read, as those before it were enough.
    NotRead,
}

/// The values of multi-gets, under the guards of their databases.
pub(crate) struct PinnedValues<'g> {
    batches: SmallVec<[*mut PinnedBatch; 16]>,
    values: Vec<RawSlice>,
    _guards: PhantomData<&'g ReadGuard>,
}

impl<'g> PinnedValues<'g> {
    /// None yet, with room for those of so many keys.
    pub(crate) fn with_capacity(keys: usize) -> PinnedValues<'g> {
        PinnedValues {
            batches: SmallVec::new(),
            values: Vec::with_capacity(keys),
            _guards: PhantomData,
        }
    }

    /// Reads keys, with repeats, until their values are of more than `enough` bytes; their values follow
    /// those that are here. With `in_order` the keys are in the order of the comparator, else in any.
    ///
    /// # Safety
    /// The keys live during the call.
    pub(crate) unsafe fn read(
        &mut self,
        guard: &'g ReadGuard,
        keys: &[RawSlice],
        in_order: bool,
        read: RawRead,
        enough: usize,
    ) -> Result<RawBatchRead, Status> {
        let begin = self.values.len();
        self.values.resize(begin + keys.len(), RawSlice::EMPTY);
        let values = &mut self.values[begin..];
        let mut batch = std::ptr::null_mut();
        let mut outcome = RawBatchRead::default();
        // SAFETY: rules 1 (the guard) and 3; both arrays have keys.len() elements; guaranteed by the caller for
        // the keys.
        let read = Status::from_call(|status| unsafe {
            batch = ffi::venice_multi_get(
                guard.db(),
                keys.len(),
                keys.as_ptr(),
                in_order.into(),
                read,
                enough as u64,
                values.as_mut_ptr(),
                &mut outcome,
                status,
            );
        });
        // Holds the values from here on, whatever the status says.
        self.batches.push(batch);
        read.map(|()| outcome)
    }

    /// What became of the key that was the `index`th; those behind the last were not read.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Pinned<'_> {
        let Some(value) = self.values.get(index) else {
            return Pinned::NotRead;
        };
        // SAFETY: rule 4, the batches live as long as self.
        match unsafe { value.bytes() } {
            Some(record) => Pinned::Record(record),
            None if value.size == ffi::NOT_READ => Pinned::NotRead,
            None => Pinned::Missing,
        }
    }
}

impl Drop for PinnedValues<'_> {
    fn drop(&mut self) {
        for &batch in &self.batches {
            // SAFETY: the batch of one call, freed once; null is allowed.
            unsafe { ffi::venice_pinned_batch_free(batch) };
        }
    }
}
