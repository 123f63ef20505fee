//! A table from ids of streams to slots, and the slots.
//!
//! Ids of a client are odd and come in order, so they are scattered over the table (by a multiplication);
//! unscattered they stand in one long row, which each search of a missing one would walk.

/// Slots that are kept when no stream is open.
const KEPT_SLOTS: usize = 128;
/// Slots that are kept by a connection that rests, however few streams are open.
pub(crate) const KEPT_AT_REST: usize = 32;
/// Bytes of buffers of closed streams that are kept by one that rests.
pub(crate) const KEPT_BYTES: usize = 8 * 1024;

/// What is kept of a stream.
pub(crate) trait Slot {
    /// One that no stream has.
    fn free() -> Self;
    /// Its stream; 0 for none.
    fn id(&self) -> u32;
    /// No stream has it any more.
    fn leave(&mut self);
    /// Bytes of its buffers, which stay for the next stream.
    fn capacity(&self) -> usize;
}

/// An entry of the table: id 0 is none.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    id: u32,
    slot: u32,
}

#[derive(Debug)]
pub(crate) struct Slots<S> {
    /// A power of two, at least twice as long as there are streams; or empty.
    table: Vec<Entry>,
    slots: Vec<S>,
    free: Vec<u32>,
    /// Bytes of the buffers of free slots.
    kept: usize,
}

impl<S> Default for Slots<S> {
    fn default() -> Slots<S> {
        Slots {
            table: Vec::new(),
            slots: Vec::new(),
            free: Vec::new(),
            kept: 0,
        }
    }
}

impl<S: Slot> Slots<S> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    #[inline]
    fn start(&self, id: u32) -> usize {
        let shift = 32 - self.table.len().trailing_zeros();
        (id.wrapping_mul(0x9e37_79b1) >> shift) as usize
    }

    /// Where in the table `id` is.
    #[inline]
    fn find(&self, id: u32) -> Option<usize> {
        if self.table.is_empty() || id == 0 {
            return None;
        }
        let mask = self.table.len() - 1;
        let mut at = self.start(id);
        loop {
            let entry = self.table[at & mask];
            if entry.id == id {
                return Some(at & mask);
            }
            if entry.id == 0 {
                return None;
            }
            at += 1;
        }
    }

    #[inline]
    pub(crate) fn get(&mut self, id: u32) -> Option<&mut S> {
        let slot = self.table[self.find(id)?].slot;
        self.slots.get_mut(slot as usize)
    }

    pub(crate) fn look(&self, id: u32) -> Option<&S> {
        let slot = self.table[self.find(id)?].slot;
        self.slots.get(slot as usize)
    }

    /// A slot for a stream that is not there. Whoever asks gives it its id.
    pub(crate) fn place(&mut self, id: u32) -> &mut S {
        debug_assert!(self.find(id).is_none() && id != 0, "stream {id} is new");
        if 2 * (self.len() + 1) > self.table.len() {
            self.grow();
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(S::free());
            self.slots.len() as u32 - 1
        });
        self.enter(Entry { id, slot });
        let stream = &mut self.slots[slot as usize];
        self.kept -= stream.capacity();
        stream
    }

    fn enter(&mut self, entry: Entry) {
        let mask = self.table.len() - 1;
        let mut at = self.start(entry.id);
        while self.table[at & mask].id != 0 {
            at += 1;
        }
        self.table[at & mask] = entry;
    }

    fn grow(&mut self) {
        let longer = vec![Entry::default(); (2 * self.table.len()).max(16)];
        for entry in std::mem::replace(&mut self.table, longer) {
            if entry.id != 0 {
                self.enter(entry);
            }
        }
    }

    /// Takes a stream out, after a last look at it. Its buffers stay for the next one.
    pub(crate) fn take_out<R>(&mut self, id: u32, last: impl FnOnce(&mut S) -> R) -> Option<R> {
        let mut hole = self.find(id)?;
        let slot = self.table[hole].slot;
        let mask = self.table.len() - 1;
        // Those behind it in its row move up, if that brings them no nearer than where they start.
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let entry = self.table[at];
            if entry.id == 0 {
                break;
            }
            let from_start = at.wrapping_sub(self.start(entry.id)) & mask;
            let from_hole = at.wrapping_sub(hole) & mask;
            if from_start >= from_hole {
                self.table[hole] = entry;
                hole = at;
            }
        }
        self.table[hole] = Entry::default();
        let stream = &mut self.slots[slot as usize];
        let last = last(stream);
        stream.leave();
        self.kept += stream.capacity();
        self.free.push(slot);
        if self.len() == 0 && self.slots.len() > KEPT_SLOTS {
            *self = Slots::default();
        }
        Some(last)
    }

    /// Gives back what is for more streams than there are: a client may have had a thousand, and then none for days.
    #[inline]
    pub(crate) fn rest(&mut self) {
        let are_few = self.slots.len() > KEPT_AT_REST && self.len() < self.slots.len() / 4;
        if are_few || self.kept > KEPT_BYTES {
            self.shrink();
        }
    }

    #[cold]
    fn shrink(&mut self) {
        let before = std::mem::take(self);
        self.slots.reserve_exact(before.len());
        for stream in before.slots {
            if stream.id() == 0 {
                continue;
            }
            if 2 * (self.slots.len() + 1) > self.table.len() {
                self.grow();
            }
            let slot = self.slots.len() as u32;
            self.enter(Entry {
                id: stream.id(),
                slot,
            });
            self.slots.push(stream);
        }
    }

    /// All that are open.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut S> {
        self.slots.iter_mut().filter(|stream| stream.id() != 0)
    }

    /// How much memory it has: entries of the table, slots, and bytes of the buffers of free slots as they were counted.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> (usize, usize, usize) {
        (self.table.capacity(), self.slots.capacity(), self.kept)
    }

    /// All slots, with those that no stream has.
    #[cfg(test)]
    pub(crate) fn slots(&self) -> &[S] {
        &self.slots
    }
}
