//! Records of some keys of a batch that are found ahead, and stay where RocksDB has them until they are taken.
//!
//! As for gets ([`crate::read::ahead`]): what is here is what `DB::Get` would have returned when it was looked
//! for, a record or that there is none; nothing is read from a disk; what could not be proven is not here.
// #[HotPath]

use std::marker::PhantomData;

use crate::database::ReadGuard;
use crate::ffi::RawSlice;
use crate::read::ahead::{look_for, Holds, Proven};
use crate::read::prefetch::KEYS_AT_ONCE;

/// What was found of [`KEYS_AT_ONCE`] keys at most, under the guards of their databases.
pub(crate) struct BatchAhead<'g> {
    records: [RawSlice; KEYS_AT_ONCE],
    found: usize,
    _holds: Holds,
    _guards: PhantomData<&'g ReadGuard>,
}

impl<'g> BatchAhead<'g> {
    /// Looks for the first [`KEYS_AT_ONCE`] of `keys`, and begins to fetch into the processor's cache what reads of
    /// those need that are not found.
    pub(crate) fn find<'k>(
        keys: impl Iterator<Item = (&'g ReadGuard, &'k [u8])>,
    ) -> BatchAhead<'g> {
        let (mut records, mut holds) = ([RawSlice::EMPTY; KEYS_AT_ONCE], Holds::default());
        let keys = keys
            .enumerate()
            .map(|(place, (guard, key))| (place, guard, key));
        // SAFETY: the guards outlive what is returned, and with it `holds`.
        unsafe { look_for(keys, &mut records, &mut holds) };
        let found = records.iter();
        // SAFETY: rule 4: what keeps it in place is in `holds`.
        let found = found.filter(|record| unsafe { Proven::of(**record) }.is_some());
        let found = found.count();
        BatchAhead {
            records,
            found,
            _holds: holds,
            _guards: PhantomData,
        }
    }

    /// How many were found.
    pub(crate) fn found(&self) -> usize {
        self.found
    }

    /// What is proven of the key with this place.
    #[inline]
    pub(crate) fn found_of(&self, place: usize) -> Option<Proven<'_>> {
        // SAFETY: rule 4: what keeps it in place is in self.
        unsafe { Proven::of(*self.records.get(place)?) }
    }
}
