//! Records that are found ahead of gets, and stay where RocksDB has them until the gets are answered.
//!
//! A record that is here is what `DB::Get` would have returned when it was looked for: `cpp/direct_answers.h` has the
//! conditions. So is it with a key that is here as missing. What could not be proven is not here.
// #[HotPath]

use std::mem::MaybeUninit;

use smallvec::SmallVec;

use crate::database::ReadGuard;
use crate::ffi::{self, RawHolds, RawSlice, RawSought};
use crate::read::prefetch::KEYS_AT_ONCE;
use crate::read::record::split;
use crate::read::value::Value;

/// Gets of one [`Ahead`] at most.
pub const GETS_AHEAD: usize = KEYS_AT_ONCE;
/// The longest key that is looked for ahead, in bytes, as it is stored: `kMaxKey` of `cpp/super_versions.h`.
const LONGEST_KEY: usize = 120;

/// What was found ahead of some gets that are made next. As long as it is here, none of their partitions can be closed:
/// it is dropped before anything is awaited, which its pointers, that no other thread may have, help to enforce.
#[derive(Default)]
pub struct Ahead {
    // Let go of before the guards.
    holds: Holds,
    keys: SmallVec<[Sought; GETS_AHEAD]>,
    stored: StoredBytes,
    guards: SmallVec<[ReadGuard; GETS_AHEAD]>,
}

#[derive(Clone, Copy)]
struct Sought {
    /// Of the key as it is stored, in the bytes of all.
    begin: usize,
    end: usize,
    /// Where the key ends that was asked for: before a suffix of chunked store versions.
    asked_end: usize,
    /// Its database, by its place among the guards.
    guard: usize,
    compression_strategy: i32,
    /// Null if nothing was found, or if there is surely no such key.
    record: RawSlice,
}

/// The keys as they are stored, one behind the other. Room that is not used is not written.
struct StoredBytes {
    bytes: [MaybeUninit<u8>; GETS_AHEAD * LONGEST_KEY],
    /// Those before this were written.
    len: usize,
}

impl Default for StoredBytes {
    fn default() -> StoredBytes {
        StoredBytes {
            bytes: [const { MaybeUninit::uninit() }; GETS_AHEAD * LONGEST_KEY],
            len: 0,
        }
    }
}

impl StoredBytes {
    /// Appends bytes for which there is room.
    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].write_copy_of_slice(bytes);
        self.len += bytes.len();
    }

    /// Bytes that were appended.
    #[inline]
    fn of(&self, begin: usize, end: usize) -> &[u8] {
        // SAFETY: all bytes before `len` were written, and are not written again.
        unsafe { self.bytes[..self.len][begin..end].assume_init_ref() }
    }
}

/// What `DB::Get` would have returned.
#[derive(Clone, Copy)]
pub(crate) enum Proven<'a> {
    Record(&'a [u8]),
    Missing,
}

impl<'a> Proven<'a> {
    /// # Safety
    /// What keeps the record in place lives for `'a`.
    #[inline]
    pub(super) unsafe fn of(record: RawSlice) -> Option<Proven<'a>> {
        if record.is_missing() {
            return Some(Proven::Missing);
        }
        // SAFETY: guaranteed by the caller.
        unsafe { record.bytes() }.map(Proven::Record)
    }
}

/// The answer to a get, found ahead of it.
#[derive(Clone, Copy)]
pub enum Answer<'a> {
    /// There is such a key.
    Value(Value<'a>),
    /// There is none.
    Missing,
}

/// What keeps the records in place.
pub(super) struct Holds(RawHolds);

impl Default for Holds {
    fn default() -> Holds {
        Holds(RawHolds::NONE)
    }
}

impl Drop for Holds {
    fn drop(&mut self) {
        if self.0.count > 0 {
            // SAFETY: rule 1: whoever holds something has the guards of its databases.
            unsafe { ffi::venice_holds_release(&mut self.0) };
        }
    }
}

/// What was found ahead, a record or that there is none, and of what.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    stored_key: &'a [u8],
    guard: &'a ReadGuard,
    compression_strategy: i32,
    proven: Proven<'a>,
}

impl<'a> Found<'a> {
    /// The answer, if it is in one record and its database still serves.
    #[inline]
    pub(crate) fn whole(&self) -> Option<Answer<'a>> {
        let answer = match self.proven {
            Proven::Missing => Answer::Missing,
            Proven::Record(record) => match split(record)? {
                (schema_id @ 1.., payload) => Answer::Value(Value::whole(schema_id, payload)),
                _ => return None,
            },
        };
        self.guard.serves().then_some(answer)
    }

    /// Counts a read of its database.
    #[inline]
    pub(crate) fn count_read(&self) {
        self.guard.count_read();
    }

    /// How values are compressed, by the state with which it was looked for.
    pub fn compression_strategy(&self) -> i32 {
        self.compression_strategy
    }

    /// What is proven, if it is of this very key of this database, and was looked for by a state of the store version
    /// that has the same compression strategy.
    #[inline]
    pub(crate) fn of(
        &self,
        guard: &ReadGuard,
        stored_key: &[u8],
        compression_strategy: i32,
    ) -> Option<Proven<'a>> {
        let is_it = self.guard.database_id() == guard.database_id()
            && self.compression_strategy == compression_strategy
            && self.stored_key == stored_key;
        is_it.then_some(self.proven)
    }
}

impl Ahead {
    /// Gets that there is room for.
    pub(crate) fn room(&self) -> usize {
        GETS_AHEAD - self.keys.len()
    }

    /// How many gets it is for.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Takes a guard over; its place among them.
    pub(crate) fn add_guard(&mut self, guard: ReadGuard) -> usize {
        self.guards.push(guard);
        self.guards.len() - 1
    }

    /// Adds a key, if there is room; `guard` is a place among the guards. One that is too long, or without a database,
    /// has a place all the same, and is not looked for.
    pub(crate) fn add_key(
        &mut self,
        key: &[u8],
        suffix: &[u8],
        guard: Option<usize>,
        compression_strategy: i32,
    ) {
        let begin = self.stored.len;
        let looks = guard.is_some() && key.len() + suffix.len() <= LONGEST_KEY;
        let mut asked_end = begin;
        if looks {
            self.stored.append(key);
            asked_end = self.stored.len;
            self.stored.append(suffix);
        }
        self.keys.push(Sought {
            begin,
            end: self.stored.len,
            asked_end,
            guard: guard.filter(|_| looks).unwrap_or(usize::MAX),
            compression_strategy,
            record: RawSlice::EMPTY,
        });
    }

    /// Looks for the keys from the place `first` on. Tells how many blocks, or records of plain tables, it met.
    pub(crate) fn look(&mut self, first: usize) -> usize {
        let keys = self.keys.iter().enumerate().skip(first);
        let keys = keys.filter_map(|(place, key)| {
            let guard = self.guards.get(key.guard)?;
            Some((place, guard, self.stored.of(key.begin, key.end)))
        });
        let mut records = [RawSlice::EMPTY; GETS_AHEAD];
        // SAFETY: the guards of all are in self.
        let met = unsafe { look_for(keys, &mut records, &mut self.holds) };
        for (key, record) in self.keys.iter_mut().zip(records).skip(first) {
            key.record = record;
        }
        met
    }

    /// The key of the get with this place, if it was looked for.
    #[inline]
    pub fn key(&self, place: usize) -> Option<&[u8]> {
        let key = self.keys.get(place).filter(|key| key.guard != usize::MAX)?;
        Some(self.stored.of(key.begin, key.asked_end))
    }

    /// What was found ahead of the get with this place.
    #[inline]
    pub fn found(&self, place: usize) -> Option<Found<'_>> {
        let key = self.keys.get(place)?;
        Some(Found {
            stored_key: self.stored.of(key.begin, key.end),
            guard: self.guards.get(key.guard)?,
            compression_strategy: key.compression_strategy,
            // SAFETY: rule 4: what keeps it in place is in self.
            proven: unsafe { Proven::of(key.record) }?,
        })
    }
}

/// Keys of databases that have tables of one kind, and the places of their records.
#[derive(Default)]
struct OfOneKind {
    places: SmallVec<[usize; GETS_AHEAD]>,
    sought: SmallVec<[RawSought; GETS_AHEAD]>,
}

/// Looks for keys, each with the place of its record among `records` and the guard of its database; what is proven is
/// put there. At most [`GETS_AHEAD`]. Returns how many blocks, or records of plain tables, it met.
///
/// # Safety
/// The guards outlive `holds`.
pub(super) unsafe fn look_for<'k>(
    keys: impl Iterator<Item = (usize, &'k ReadGuard, &'k [u8])>,
    records: &mut [RawSlice; GETS_AHEAD],
    holds: &mut Holds,
) -> usize {
    let (mut blocks, mut plain) = (OfOneKind::default(), OfOneKind::default());
    for (place, guard, key) in keys.take(GETS_AHEAD) {
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
    let mut met = 0;
    for (of, plain_tables) in [(&plain, true), (&blocks, false)] {
        if of.sought.is_empty() {
            continue;
        }
        let mut values = [RawSlice::EMPTY; GETS_AHEAD];
        // SAFETY: the keys live; guaranteed by the caller for the databases.
        met += unsafe { look(&of.sought, plain_tables, &mut values, holds) };
        for (&place, value) in of.places.iter().zip(values) {
            if let Some(record) = records.get_mut(place) {
                *record = value;
            }
        }
    }
    met
}

/// Looks for keys in tables of one kind.
///
/// # Safety
/// The databases are open, as long as `holds` are, and the keys live.
unsafe fn look(
    sought: &[RawSought],
    plain_tables: bool,
    values: &mut [RawSlice],
    holds: &mut Holds,
) -> usize {
    let count = sought.len().min(values.len()).min(GETS_AHEAD);
    let (keys, values, holds) = (sought.as_ptr(), values.as_mut_ptr(), &mut holds.0);
    // SAFETY: rule 3, and guaranteed by the caller.
    unsafe {
        if plain_tables {
            ffi::venice_prefetch_plain(count, keys, values, holds)
        } else {
            ffi::venice_prefetch_blocks(count, keys, values, holds)
        }
    }
}

/// The record of one key that is read alone.
pub(crate) struct Alone<'g> {
    record: RawSlice,
    _holds: Holds,
    _guard: std::marker::PhantomData<&'g ReadGuard>,
}

impl<'g> Alone<'g> {
    /// Looks for `key` as it is stored. A database that may not answer is not searched.
    #[inline]
    pub(crate) fn find(guard: &'g ReadGuard, key: &[u8]) -> Alone<'g> {
        let mut holds = Holds::default();
        let mut record = [RawSlice::EMPTY];
        if guard.may_answer() {
            let sought = RawSought {
                db: guard.db(),
                key: RawSlice::new(key),
                may_answer: 1,
            };
            // SAFETY: the guard outlives what is returned; the key lives.
            unsafe { look(&[sought], guard.has_plain_tables(), &mut record, &mut holds) };
        }
        Alone {
            record: record[0],
            _holds: holds,
            _guard: std::marker::PhantomData,
        }
    }

    /// `None` if nothing is proven.
    #[inline]
    pub(crate) fn proven(&self) -> Option<Proven<'_>> {
        // SAFETY: rule 4: what keeps it in place is in self.
        unsafe { Proven::of(self.record) }
    }
}
