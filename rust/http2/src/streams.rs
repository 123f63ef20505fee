//! The calls of a server's connection that are not over. Who comes late, because its answer was made at once, never enters.

use crate::hpack::field::Head;
use crate::outgoing::{Outgoing, Sends};
use crate::slots::{Slot, Slots};
use crate::windows::ReceiveWindow;

/// Buffers of closed streams that are kept for the next ones have no more than this.
pub(crate) const KEPT_BUFFER: usize = 4096;

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
    /// The body may have more bytes than all bodies together otherwise.
    pub(crate) permitted: bool,
    /// The user was told that the body is large.
    pub(crate) large: bool,
    pub(crate) receive: ReceiveWindow,
    /// Bytes of DATA that came.
    pub(crate) received: u64,
    /// Of a request that was entered before it was whole; else of any.
    pub(crate) head: Head,
    /// What came and is not handed out.
    pub(crate) body: Vec<u8>,
    /// What waits for windows.
    pub(crate) outgoing: Outgoing,
    /// The block behind it, which ends the stream; empty for an empty DATA frame.
    pub(crate) trailers: Vec<u8>,
}

impl Slot for Stream {
    fn free() -> Stream {
        Stream {
            id: 0,
            remote_closed: false,
            answered: false,
            finished: false,
            handed_out: false,
            streams: false,
            told: None,
            permitted: false,
            large: false,
            receive: ReceiveWindow::new(0),
            received: 0,
            head: Head::default(),
            body: Vec::new(),
            outgoing: Outgoing::nothing(),
            trailers: Vec::new(),
        }
    }

    fn id(&self) -> u32 {
        self.id
    }

    fn leave(&mut self) {
        self.id = 0;
    }

    fn capacity(&self) -> usize {
        self.body.capacity() + self.outgoing.capacity() + self.trailers.capacity()
    }
}

impl Sends for Stream {
    fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }
}

impl Stream {
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
        self.permitted = false;
        self.large = false;
        self.receive = ReceiveWindow::new(receive);
        self.received = 0;
        self.outgoing.begin(send, KEPT_BUFFER);
        for buffer in [&mut self.body, &mut self.trailers] {
            buffer.clear();
            if buffer.capacity() > KEPT_BUFFER {
                buffer.shrink_to(KEPT_BUFFER);
            }
        }
    }
}

pub(crate) type Streams = Slots<Stream>;

impl Streams {
    /// Adds a stream that is not there, with its windows.
    pub(crate) fn insert(&mut self, id: u32, send: u32, receive: u32) -> &mut Stream {
        let stream = self.place(id);
        stream.begin(id, send, receive);
        stream
    }

    /// Takes a stream out. Returns how many bytes of its body were held, and counted.
    pub(crate) fn remove(&mut self, id: u32) -> usize {
        let held = self.take_out(id, |stream| match stream.permitted {
            true => 0,
            false => stream.body.len(),
        });
        held.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slots::{KEPT_AT_REST, KEPT_BYTES};
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
        let (table, slots, _) = streams.memory();
        assert!(slots < 100 && table < 300);
        for id in ids {
            streams.remove(id);
        }
        streams.rest();
        let kept: usize = streams.slots().iter().map(Stream::capacity).sum();
        assert!(streams.memory().2 == kept && kept <= KEPT_BYTES);
        assert!(streams.slots().len() <= KEPT_AT_REST);
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
                let many = map.len().max(streams.slots().len());
                prop_assert!(streams.memory().0 <= 16.max(4 * many));
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
        assert_eq!((streams.len(), streams.memory()), (0, (0, 0, 0)));
    }
}
