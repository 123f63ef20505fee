//! A batch under its guards: read slice by slice, or key by key.
//!
//! Some keys at a time are looked for in memory first, as gets are: what is proven there is the answer
//! ([`crate::read::batch_ahead`]). Where more than a few are not found, they and those behind them are read by
//! RocksDB's MultiGet, slice by slice, as that reads from a disk what belongs together.
//!
//! A slice is some keys, side by side in the request. Their values are pinned, handed on in the order of
//! the request, and let go before the next slice is read. So a batch holds what its taker has kept, and
//! a slice: of no more values than there is room for, and of few blocks beside the cache's capacity.
// #[HotPath]

use std::ops::{ControlFlow, Range};
use std::pin::Pin;

use crate::database::{ReadGuard, Tier, FEW_KEYS};
use crate::error::ReadError;
use crate::read::ahead::Proven;
use crate::read::batch_ahead::BatchAhead;
use crate::read::chunk::PartitionReader;
use crate::read::key::StoredKeys;
use crate::read::key_groups::KeyGroups;
use crate::read::pinned::{Pinned, PinnedValue, PinnedValues};
use crate::read::prefetch::{prefetch, KEYS_AT_ONCE};
use crate::read::read_order::ReadOrder;
use crate::read::record::SCHEMA_HEADER;
use crate::read::take::Take;

/// So many values of a batch before its turn, a value is fetched into the processor's cache.
const VALUES_AHEAD: usize = 3;
/// Of keys that are looked for together, so many are read each alone if they are not found. If there are more, a disk is
/// likely to be in it.
const FEW_LEFT: usize = KEYS_AT_ONCE / 8;

/// A batch that is about to be read. Groups of keys, and their partitions, have the same numbers.
pub(crate) struct BatchRead<'a> {
    keys: &'a StoredKeys<'a>,
    groups: &'a KeyGroups,
    readings: &'a [PartitionReader<'a>],
    tier: Tier,
}

/// How a slice ended.
enum Slice {
    /// The taker wants no more.
    Ended,
    /// So many of its keys were taken, from the first on; the others were not read, or in vain.
    Taken {
        keys: usize,
        /// What a next slice should have at most, judged by this one.
        most: usize,
    },
}

impl<'a> BatchRead<'a> {
    pub(crate) fn new(
        keys: &'a StoredKeys<'a>,
        groups: &'a KeyGroups,
        readings: &'a [PartitionReader<'a>],
        tier: Tier,
    ) -> BatchRead<'a> {
        BatchRead {
            keys,
            groups,
            readings,
            tier,
        }
    }

    /// Hands the values of all keys to `take`, in their order, until it ends.
    pub(crate) fn run(&self, take: &mut impl Take) -> Result<(), ReadError> {
        // MultiGet of RocksDB 9.11.2 reads data blocks from the disk whatever the tier says
        // (BlockBasedTable::MultiGet); Get does not. Of plain tables MultiGet is Get in a loop
        // (TableReader::MultiGet), behind a sort of the keys, and with a copy of each value in
        // memory of its own.
        if self.tier == Tier::Memory || self.guards().all(ReadGuard::has_plain_tables) {
            self.one_by_one(take)
        } else {
            self.in_slices(take)
        }
    }

    fn guards(&self) -> impl Iterator<Item = &'a ReadGuard> {
        self.readings.iter().map(|reading| reading.guard)
    }

    fn one_by_one(&self, take: &mut impl Take) -> Result<(), ReadError> {
        let mut slot = std::pin::pin!(PinnedValue::new());
        let mut next = 0;
        while next < self.keys.len() {
            let positions = self.next_ahead(next);
            let ahead = self.find(&positions);
            next = positions.end;
            if self
                .found_or_read(positions, &ahead, slot.as_mut(), take)?
                .is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The keys that are looked for together from a position on.
    fn next_ahead(&self, next: usize) -> Range<usize> {
        next..self.keys.len().min(next + KEYS_AT_ONCE)
    }

    /// Looks for the records of some keys in memory.
    fn find(&self, positions: &Range<usize>) -> BatchAhead<'a> {
        let groups = self.groups.of_keys_from(positions.start);
        let keys = positions.clone().zip(groups);
        BatchAhead::find(keys.map(|(at, group)| (self.readings[group].guard, self.keys.get(at))))
    }

    /// Hands on what was found of some keys, and reads the others, each alone.
    fn found_or_read(
        &self,
        positions: Range<usize>,
        ahead: &BatchAhead<'_>,
        mut slot: Pin<&mut PinnedValue<'a>>,
        take: &mut impl Take,
    ) -> Result<ControlFlow<()>, ReadError> {
        let groups = self.groups.of_keys_from(positions.start);
        for (place, (position, group)) in positions.zip(groups).enumerate() {
            // The keys were looked at beside the values, not the values.
            if let Some(Proven::Record(record)) = ahead.found_of(place + VALUES_AHEAD) {
                prefetch(record);
            }
            let found = ahead.found_of(place);
            #[cfg(feature = "testing")]
            if found.is_some() {
                crate::read::ahead_hook::was_answered_directly();
            }
            let flow = match found {
                Some(Proven::Record(record)) => self.resolve(position, group, record, take)?,
                Some(Proven::Missing) => take.take(position, None),
                None => self.one(position, group, slot.as_mut(), take)?,
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn one(
        &self,
        position: usize,
        group: usize,
        slot: Pin<&mut PinnedValue<'a>>,
        take: &mut impl Take,
    ) -> Result<ControlFlow<()>, ReadError> {
        let (key, room) = (self.keys.get(position), take.room());
        let found = self.readings[group]
            .get_into(slot, key, room, |value| take.take(position, Some(value)))?;
        Ok(found.unwrap_or_else(|| take.take(position, None)))
    }

    /// Hands on the value of a record, which may be in chunks.
    fn resolve(
        &self,
        position: usize,
        group: usize,
        record: &[u8],
        take: &mut impl Take,
    ) -> Result<ControlFlow<()>, ReadError> {
        let (key, room) = (self.keys.get(position), take.room());
        let found = self.readings[group]
            .resolve(key, record, room, |value| take.take(position, Some(value)))?;
        Ok(found.unwrap_or_else(|| take.take(position, None)))
    }

    fn in_slices(&self, take: &mut impl Take) -> Result<(), ReadError> {
        let mut slot = std::pin::pin!(PinnedValue::new());
        let (mut next, all) = (0, self.keys.len());
        let most_keys = self.guards().map(ReadGuard::keys_at_once).min();
        let mut most_keys = most_keys.unwrap_or(all);
        while next < all {
            let positions = self.next_ahead(next);
            let ahead = self.find(&positions);
            let left = positions.len() - ahead.found();
            // One key not by MultiGet, which may find that it is too much and leave it unread.
            if left <= FEW_LEFT || most_keys.min(all - next) == 1 {
                next = positions.end;
                if self
                    .found_or_read(positions, &ahead, slot.as_mut(), take)?
                    .is_break()
                {
                    break;
                }
                continue;
            }
            drop(ahead);
            match self.slice(next..all.min(next + most_keys), take)? {
                Slice::Ended => break,
                Slice::Taken { keys, most } => {
                    next += keys;
                    most_keys = most_keys.min(most);
                }
            }
        }
        Ok(())
    }

    /// Reads the keys at some positions, and hands on those up to the first that was not read.
    fn slice(&self, positions: Range<usize>, take: &mut impl Take) -> Result<Slice, ReadError> {
        let order = ReadOrder::new(
            self.groups,
            positions.clone(),
            |position| self.keys.get(position),
            |group| self.readings[group].guard.is_bytewise(),
        );
        let mut values = PinnedValues::with_capacity(positions.len());
        let most = self.read(&order, positions.len(), take.room(), &mut values)?;

        let value = |position| match values.get(order.rank(position)?) {
            Pinned::Record(record) => Some(record),
            Pinned::Missing | Pinned::NotRead => None,
        };
        let begin = positions.start;
        for (position, group) in positions.clone().zip(self.groups.of_keys_from(begin)) {
            // RocksDB has looked at the keys beside the values, not at the values.
            value(position + VALUES_AHEAD).map(prefetch);
            let rank = order.rank(position).unwrap_or(usize::MAX);
            let flow = match values.get(rank) {
                Pinned::NotRead => {
                    let keys = position - begin;
                    return Ok(Slice::Taken { keys, most });
                }
                Pinned::Missing => take.take(position, None),
                Pinned::Record(record) => self.resolve(position, group, record, take)?,
            };
            if flow.is_break() {
                return Ok(Slice::Ended);
            }
        }
        Ok(Slice::Taken {
            keys: positions.len(),
            most,
        })
    }

    /// Reads the keys of a slice until their values are of more than `room` bytes. Returns what a next
    /// slice should have at most.
    fn read(
        &self,
        order: &ReadOrder,
        keys: usize,
        room: usize,
        values: &mut PinnedValues<'a>,
    ) -> Result<usize, ReadError> {
        // Records have a header, which no answer has.
        let enough = room.saturating_add(keys * SCHEMA_HEADER);
        let (mut bytes, mut read, mut unread, mut refused) = (0, 0, 0, 0);
        for (group, ranks) in order.groups() {
            let reading = &self.readings[group];
            let guard = reading.guard;
            let in_order = guard.is_bytewise();
            let mut begin = ranks.start;
            while begin < ranks.end && bytes <= enough && unread == 0 {
                let end = ranks.end.min(begin + guard.keys_per_call());
                let raw_keys = order.keys(begin..end);
                // SAFETY: the keys are borrowed from `self.keys`, which outlives the call.
                let outcome =
                    unsafe { values.read(guard, raw_keys, in_order, reading.read, enough - bytes) };
                let outcome = outcome.map_err(|status| reading.failed(status))?;
                guard.has_seen(outcome.longest as usize);
                bytes += outcome.bytes as usize;
                read += end - begin - outcome.unread;
                unread += outcome.unread;
                refused += outcome.refused;
                begin = end;
            }
        }
        if bytes > enough || unread > 0 {
            // As many as are half of what there is room for, if they are as those that were read.
            let half = (enough / 2) as u128 * read as u128 / (bytes as u128).max(1);
            let half = usize::try_from(half).unwrap_or(usize::MAX);
            return Ok(half.clamp(1, keys / 2));
        }
        // A full cache: the fewer blocks are pinned, the more of them it takes.
        Ok(if refused > 0 { FEW_KEYS } else { usize::MAX })
    }
}
