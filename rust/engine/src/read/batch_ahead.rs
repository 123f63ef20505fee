//! Records of some keys of a batch that are found ahead, and stay where RocksDB has them until they are taken.
//!
//! As for gets ([`crate::read::ahead`]): what is here is what `DB::Get` would have returned when it was looked
//! for, a record or that there is none; nothing is read from a disk; what could not be proven is not here.
// #[HotPath]

use std::marker::PhantomData;

use smallvec::SmallVec;

use crate::database::ReadGuard;
use crate::ffi::{RawSlice, RawSought};
use crate::read::ahead::{look, Holds, Proven};
use crate::read::prefetch::KEYS_AT_ONCE;

/// What was found of [`KEYS_AT_ONCE`] keys at most, under the guards of their databases.
pub(crate) struct BatchAhead<'g> {
    records: [RawSlice; KEYS_AT_ONCE],
    found: usize,
    _holds: Holds,
    _guards: PhantomData<&'g ReadGuard>,
}

/// Keys of databases that have tables of one kind, and which of all keys they are.
#[derive(Default)]
struct OfOneKind {
    places: SmallVec<[usize; KEYS_AT_ONCE]>,
    sought: SmallVec<[RawSought; KEYS_AT_ONCE]>,
}

impl<'g> BatchAhead<'g> {
    /// Looks for the first [`KEYS_AT_ONCE`] of `keys`, and begins to fetch into the processor's cache what reads of
    /// those need that are not found.
    pub(crate) fn find<'k>(
        keys: impl Iterator<Item = (&'g ReadGuard, &'k [u8])>,
    ) -> BatchAhead<'g> {
        let (mut blocks, mut plain) = (OfOneKind::default(), OfOneKind::default());
        for (place, (guard, key)) in keys.take(KEYS_AT_ONCE).enumerate() {
            let of = match guard.has_plain_tables() {
                true => &mut plain,
                false => &mut blocks,
            };
            of.places.push(place);
            of.sought.push(RawSought {
                db: guard.db(),
                key: RawSlice::new(key),
                may_answer: guard.may_answer().into(),
            });
        }
        let mut records = [RawSlice::EMPTY; KEYS_AT_ONCE];
        let (mut found, mut holds) = (0, Holds::default());
        for (of, plain_tables) in [(&blocks, false), (&plain, true)] {
            if of.sought.is_empty() {
                continue;
            }
            let mut values = [RawSlice::EMPTY; KEYS_AT_ONCE];
            // SAFETY: rules 1 (the guards, which outlive what is returned) and 3: the keys live.
            unsafe { look(&of.sought, plain_tables, &mut values, &mut holds) };
            for (&place, value) in of.places.iter().zip(values) {
                // SAFETY: rule 4: what keeps it in place is in `holds`.
                found += usize::from(unsafe { Proven::of(value) }.is_some());
                records[place] = value;
            }
        }
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
