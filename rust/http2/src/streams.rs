//! The calls that are not over: a table from ids to slots, and the slots.
//!
//! Ids of a client are odd and come in order, so they are scattered over the table (by a multiplication);
//! unscattered they stand in one long row, which each search of a missing one would walk. Who comes late,
//! because its answer was made at once, never enters.

use crate::hpack::field::Head;
use crate::windows::{ReceiveWindow, SendWindow};

/// Buffers of closed streams that are kept for the next ones have no more than this.
pub(crate) const KEPT_BUFFER: usize = 4096;
/// Slots that are kept when no stream is open.
const KEPT_SLOTS: usize = 128;
/// Slots that are kept by a connection that rests, however few streams are open.
const KEPT_AT_REST: usize = 32;
/// Bytes of buffers of closed streams that are kept by one that rests.
const KEPT_BYTES: usize = 8 * 1024;

/// A call.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: u32,
    /// The peer said its last.
    pub(crate) remote_closed: bool,
    /// The answer has begun.
    pub(crate) answered: bool,
    /// The answer's last frame is written, or waits behind `outgoing`.
    pub(crate) finished: bool,
    /// The user of the crate has it, or had it.
    pub(crate) handed_out: bool,
    /// The body is handed out as it comes.
    pub(crate) streams: bool,
    /// The turn in which the user was told that there is more.
    pub(crate) told: Option<u32>,
    /// It waits in the queue of those that send.
    pub(crate) queued: bool,
    /// The body may have more bytes than all bodies together otherwise.
    pub(crate) permitted: bool,
    /// The user was told that the body is large.
    pub(crate) large: bool,
    pub(crate) send: SendWindow,
    pub(crate) receive: ReceiveWindow,
    /// Bytes of DATA that came.
    pub(crate) received: u64,
    /// Of a request that was entered before it was whole; else of any.
    pub(crate) head: Head,
    /// What came and is not handed out.
    pub(crate) body: Vec<u8>,
    /// What waits for windows, from `sent` on.
    pub(crate) outgoing: Vec<u8>,
    pub(crate) sent: usize,
    /// The block behind it, which ends the stream; empty for an empty DATA frame.
    pub(crate) trailers: Vec<u8>,
}

impl Stream {
    fn new() -> Stream {
        Stream {
            id: 0,
            remote_closed: false,
            answered: false,
            finished: false,
            handed_out: false,
            streams: false,
            told: None,
            queued: false,
            permitted: false,
            large: false,
            send: SendWindow::new(0),
            receive: ReceiveWindow::new(0),
            received: 0,
            head: Head::default(),
            body: Vec::new(),
            outgoing: Vec::new(),
            sent: 0,
            trailers: Vec::new(),
        }
    }

    /// Begins anew, with the buffers of the stream that was here.
    #[inline]
    fn begin(&mut self, id: u32, send: u32, receive: u32) {
        self.id = id;
        self.remote_closed = false;
        self.answered = false;
        self.finished = false;
        self.handed_out = false;
        self.streams = false;
        self.told = None;
        self.queued = false;
        self.permitted = false;
        self.large = false;
        self.send = SendWindow::new(send);
        self.receive = ReceiveWindow::new(receive);
        self.received = 0;
        self.sent = 0;
        for buffer in [&mut self.body, &mut self.outgoing, &mut self.trailers] {
            buffer.clear();
            if buffer.capacity() > KEPT_BUFFER {
                buffer.shrink_to(KEPT_BUFFER);
            }
        }
    }

    /// Bytes of its buffers.
    fn capacity(&self) -> usize {
        self.body.capacity() + self.outgoing.capacity() + self.trailers.capacity()
    }

    /// Bytes that wait for windows.
    pub(crate) fn unsent(&self) -> usize {
        self.outgoing.len() - self.sent
    }
}

/// An entry of the table: id 0 is none.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    id: u32,
    slot: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// A power of two, at least twice as long as there are streams; or empty.
    table: Vec<Entry>,
    slots: Vec<Stream>,
    free: Vec<u32>,
    /// Bytes of the buffers of free slots.
    kept: usize,
}

impl Streams {
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
    pub(crate) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        let slot = self.table[self.find(id)?].slot;
        self.slots.get_mut(slot as usize)
    }

    pub(crate) fn look(&self, id: u32) -> Option<&Stream> {
        let slot = self.table[self.find(id)?].slot;
        self.slots.get(slot as usize)
    }

    /// Adds a stream that is not there, with its windows.
    pub(crate) fn insert(&mut self, id: u32, send: u32, receive: u32) -> &mut Stream {
        debug_assert!(self.find(id).is_none() && id != 0, "stream {id} is new");
        if 2 * (self.len() + 1) > self.table.len() {
            self.grow();
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Stream::new());
            self.slots.len() as u32 - 1
        });
        self.enter(Entry { id, slot });
        let stream = &mut self.slots[slot as usize];
        self.kept -= stream.capacity();
        stream.begin(id, send, receive);
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

    /// Takes a stream out. Its buffers stay for the next one. Returns how many bytes of its body were held, and
    /// counted.
    pub(crate) fn remove(&mut self, id: u32) -> usize {
        let Some(mut hole) = self.find(id) else {
            return 0;
        };
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
        stream.id = 0;
        let held = if stream.permitted {
            0
        } else {
            stream.body.len()
        };
        self.kept += stream.capacity();
        self.free.push(slot);
        if self.len() == 0 && self.slots.len() > KEPT_SLOTS {
            *self = Streams::default();
        }
        held
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
            if stream.id == 0 {
                continue;
            }
            if 2 * (self.slots.len() + 1) > self.table.len() {
                self.grow();
            }
            let slot = self.slots.len() as u32;
            self.enter(Entry {
                id: stream.id,
                slot,
            });
            self.slots.push(stream);
        }
    }

    /// All that are open.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.slots.iter_mut().filter(|stream| stream.id != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone)]
    enum Step {
        Open(u32),
        Close(usize),
        Look(u32),
        Change(usize, u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let id = prop_oneof![
            4 => (0u32..300).prop_map(|n| 2 * n + 1),
            1 => (0u32..50).prop_map(|n| 0x7fff_ffff - 2 * n),
            // The same start for all.
            1 => (0u32..20).prop_map(|n| (n << 16) | 1),
        ];
        prop_oneof![
            4 => id.clone().prop_map(Step::Open),
            3 => any::<usize>().prop_map(Step::Close),
            2 => id.prop_map(Step::Look),
            2 => (any::<usize>(), any::<u64>()).prop_map(|(at, n)| Step::Change(at, n)),
        ]
    }

    #[test]
    fn a_connection_that_rests_gives_back_what_many_streams_needed() {
        let mut streams = Streams::default();
        let ids: Vec<u32> = (0..1000).map(|n| 2 * n + 1).collect();
        for &id in &ids {
            streams.insert(id, 1, 1).body.extend_from_slice(&[1; 4096]);
        }
        for &id in ids.iter().filter(|&id| id % 100 != 1) {
            assert_eq!(streams.remove(id), 4096);
        }
        streams.rest();
        for &id in &ids {
            let found = streams.get(id).map(|stream| (stream.id, stream.body.len()));
            assert_eq!(found, (id % 100 == 1).then_some((id, 4096)));
        }
        assert_eq!(streams.len(), 20);
        assert!(streams.slots.capacity() < 100 && streams.table.len() < 300);
        for id in ids {
            streams.remove(id);
        }
        streams.rest();
        let kept: usize = streams.slots.iter().map(Stream::capacity).sum();
        assert!(streams.kept == kept && kept <= KEPT_BYTES);
        assert!(streams.slots.len() <= KEPT_AT_REST);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_what_a_map_would_be(steps in proptest::collection::vec(step(), 0..600)) {
            let mut streams = Streams::default();
            let mut map: BTreeMap<u32, u64> = BTreeMap::new();
            for step in steps {
                let nth = |map: &BTreeMap<u32, u64>, at: usize| {
                    map.keys().nth(at % map.len().max(1)).copied()
                };
                match step {
                    Step::Open(id) => {
                        if let std::collections::btree_map::Entry::Vacant(vacant) = map.entry(id) {
                            vacant.insert(0);
                            let stream = streams.insert(id, 7, 8);
                            // Nothing is left of the one that was here.
                            prop_assert_eq!(stream.received, 0);
                            prop_assert!(stream.body.is_empty() && !stream.handed_out);
                            stream.body.push(1);
                        }
                    }
                    Step::Close(at) => {
                        if let Some(id) = nth(&map, at) {
                            map.remove(&id);
                            streams.remove(id);
                        }
                    }
                    Step::Look(id) => {
                        let found = streams.look(id).map(|stream| stream.received);
                        prop_assert_eq!(found, map.get(&id).copied());
                    }
                    Step::Change(at, number) => {
                        if let Some(id) = nth(&map, at) {
                            map.insert(id, number);
                            streams.get(id).unwrap().received = number;
                        }
                    }
                }
                prop_assert_eq!(streams.len(), map.len());
                prop_assert!(streams.table.len() <= 16.max(4 * map.len().max(streams.slots.len())));
            }
            let mut all: Vec<(u32, u64)> = streams.all().map(|s| (s.id, s.received)).collect();
            all.sort_unstable();
            prop_assert_eq!(all, map.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn memory_of_a_crowd_is_given_back() {
        let mut streams = Streams::default();
        for id in (1..4000).step_by(2) {
            streams.insert(id, 1, 1);
        }
        for id in (1..4000).step_by(2) {
            streams.remove(id);
        }
        assert_eq!(
            (
                streams.len(),
                streams.slots.capacity(),
                streams.table.capacity()
            ),
            (0, 0, 0)
        );
    }
}
