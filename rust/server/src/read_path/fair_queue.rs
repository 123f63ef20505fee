//! A bounded queue that is shared fairly: those who wait in it have their turns one after the other,
//! whoever of them has put in how much, and who has put in most gives way when it is full.
//!
//! ```text
//!   turns:   7        3        9         (lanes that have something, the next one first)
//!            |        |        |
//!   lane 7: [a][b]   [c]      [d][e][f]  out come a, c, d, b, e, f
//! ```
//!
//! Each operation takes the same short time, whatever waits; only a newcomer to a full queue looks at
//! every lane. Nothing is allocated once the queue has been as full as it gets.

use std::collections::{HashMap, VecDeque};

/// No slot.
const NONE: usize = usize::MAX;

/// Items of several lanes; a lane's come out in the order in which they went in.
#[derive(Debug)]
pub(crate) struct FairQueue<T> {
    slots: Vec<Slot<T>>,
    /// The first free slot; each knows the next.
    free: usize,
    /// Those that have items.
    lanes: HashMap<u64, Lane>,
    /// The same, each once, in the order of their turns.
    turns: VecDeque<u64>,
    length: usize,
    capacity: usize,
    next_number: u64,
}

#[derive(Debug)]
struct Slot<T> {
    item: Option<T>,
    lane: u64,
    /// Tells an item from later ones in the same slot.
    number: u64,
    /// Neighbours in the lane.
    before: usize,
    behind: usize,
}

#[derive(Debug, Clone, Copy)]
struct Lane {
    first: usize,
    last: usize,
    length: usize,
}

/// Where an item is, while it is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    slot: usize,
    number: u64,
}

/// What became of an item that was to go in.
#[derive(Debug)]
pub(crate) enum Pushed<T> {
    /// It is in, and the item that gave way to it, if one had to, is not any more.
    In(Ticket, Option<T>),
    /// The queue is full, and its own lane has as much in it as any.
    Full(T),
}

impl<T> FairQueue<T> {
    /// Room for `capacity` items, at least one.
    pub(crate) fn new(capacity: usize) -> FairQueue<T> {
        FairQueue {
            slots: Vec::new(),
            free: NONE,
            lanes: HashMap::new(),
            turns: VecDeque::new(),
            length: 0,
            capacity: capacity.max(1),
            next_number: 0,
        }
    }

    /// Items in it.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Puts `item` behind the others of its lane. If there is no room, the last item of the lane that has most gives way,
    /// unless that lane would then have less than this one.
    pub(crate) fn push(&mut self, lane: u64, item: T) -> Pushed<T> {
        let mut gave_way = None;
        if self.length >= self.capacity {
            gave_way = self.unfair_item(lane).and_then(|at| self.take(at));
            if gave_way.is_none() {
                return Pushed::Full(item);
            }
        }
        Pushed::In(self.append(lane, item), gave_way)
    }

    /// Puts `item` behind the others of its lane, also where the queue is full: for who bounds by other means how many there
    /// are.
    pub(crate) fn put(&mut self, lane: u64, item: T) -> Ticket {
        self.append(lane, item)
    }

    /// The item whose turn it is, and its lane.
    pub(crate) fn pop(&mut self) -> Option<(u64, T)> {
        let lane = self.turns.pop_front()?;
        // Keeps its turn, which is the last now, until `take` finds that nothing is left of it.
        self.turns.push_back(lane);
        let first = self.lanes.get(&lane)?.first;
        Some((lane, self.take(first)?))
    }

    /// The lane whose turn it is.
    pub(crate) fn next_lane(&self) -> Option<u64> {
        self.turns.front().copied()
    }

    /// The lane whose turn it is has the last turn instead.
    pub(crate) fn pass(&mut self) {
        if !self.turns.is_empty() {
            self.turns.rotate_left(1);
        }
    }

    /// Takes an item out, wherever it stands. `None` if it is not in any more.
    pub(crate) fn remove(&mut self, ticket: Ticket) -> Option<T> {
        self.lane_of(ticket)?;
        self.take(ticket.slot)
    }

    /// The lane of an item that is in.
    pub(crate) fn lane_of(&self, ticket: Ticket) -> Option<u64> {
        let slot = self.slots.get(ticket.slot)?;
        (slot.number == ticket.number && slot.item.is_some()).then_some(slot.lane)
    }

    /// Drops all items.
    pub(crate) fn clear(&mut self) {
        *self = FairQueue {
            next_number: self.next_number,
            ..FairQueue::new(self.capacity)
        };
    }

    /// The item that has to give way to a further one of `lane` in a full queue.
    fn unfair_item(&self, lane: u64) -> Option<usize> {
        let own = self.lanes.get(&lane).map_or(0, |lane| lane.length);
        let share = self.capacity / (self.lanes.len() + usize::from(own == 0));
        // Who has its share need not look at the others: nearly all of those who fill a queue.
        if own > 0 && own >= share {
            return None;
        }
        let most = self.lanes.values().max_by_key(|lane| lane.length)?;
        (most.length > own + 1).then_some(most.last)
    }

    fn append(&mut self, lane: u64, item: T) -> Ticket {
        let number = self.next_number;
        self.next_number += 1;
        let before = self.lanes.get(&lane).map_or(NONE, |lane| lane.last);
        let new = Slot {
            item: Some(item),
            lane,
            number,
            before,
            behind: NONE,
        };
        let at = self.free;
        let at = match self.slots.get_mut(at) {
            Some(slot) => {
                self.free = slot.behind;
                *slot = new;
                at
            }
            None => {
                self.slots.push(new);
                self.slots.len() - 1
            }
        };
        if let Some(slot) = self.slots.get_mut(before) {
            slot.behind = at;
        }
        let known = self.lanes.entry(lane).or_insert_with(|| {
            self.turns.push_back(lane);
            Lane {
                first: at,
                last: at,
                length: 0,
            }
        });
        known.last = at;
        known.length += 1;
        self.length += 1;
        Ticket { slot: at, number }
    }

    /// Takes the item out of a slot that has one.
    fn take(&mut self, at: usize) -> Option<T> {
        let slot = self.slots.get_mut(at)?;
        let item = slot.item.take()?;
        let (lane, before, behind) = (slot.lane, slot.before, slot.behind);
        slot.behind = self.free;
        self.free = at;
        if let Some(slot) = self.slots.get_mut(before) {
            slot.behind = behind;
        }
        if let Some(slot) = self.slots.get_mut(behind) {
            slot.before = before;
        }
        self.length -= 1;
        if let Some(known) = self.lanes.get_mut(&lane) {
            known.length -= 1;
            if known.first == at {
                known.first = behind;
            }
            if known.last == at {
                known.last = before;
            }
            if known.length == 0 {
                self.lanes.remove(&lane);
                // The last, if it was just its turn.
                if let Some(turn) = self.turns.iter().rposition(|turn| *turn == lane) {
                    self.turns.remove(turn);
                }
            }
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn pushed<T>(queue: &mut FairQueue<T>, lane: u64, item: T) -> Ticket {
        match queue.push(lane, item) {
            Pushed::In(ticket, None) => ticket,
            _ => panic!("there is room"),
        }
    }

    fn all<T>(queue: &mut FairQueue<T>) -> Vec<T> {
        std::iter::from_fn(|| Some(queue.pop()?.1)).collect()
    }

    #[test]
    fn lanes_take_turns() {
        let mut queue = FairQueue::new(10);
        for (lane, item) in [(7, 'a'), (7, 'b'), (3, 'c'), (9, 'd'), (9, 'e'), (9, 'f')] {
            pushed(&mut queue, lane, item);
        }
        assert_eq!(queue.len(), 6);
        assert_eq!(all(&mut queue), ['a', 'c', 'd', 'b', 'e', 'f']);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_lane_that_is_passed_over_has_the_last_turn() {
        let mut queue = FairQueue::new(2);
        queue.pass();
        assert_eq!(queue.next_lane(), None);
        for (lane, item) in [(1, 10), (2, 20)] {
            pushed(&mut queue, lane, item);
        }
        queue.pass();
        assert_eq!(queue.next_lane(), Some(2));
        // It is full, and has one more.
        queue.put(3, 30);
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.pop(), Some((2, 20)));
        assert_eq!(all(&mut queue), [10, 30]);
    }

    #[test]
    fn who_has_most_gives_way() {
        let mut queue = FairQueue::new(4);
        for item in 0..4 {
            pushed(&mut queue, 1, item);
        }
        assert!(matches!(queue.push(1, 4), Pushed::Full(4)));
        assert!(matches!(queue.push(2, 10), Pushed::In(_, Some(3))));
        assert!(matches!(queue.push(3, 20), Pushed::In(_, Some(2))));
        // 2, 1 and 1: nobody has two more than lane 2, and lane 1 has its share.
        assert!(matches!(queue.push(2, 11), Pushed::Full(11)));
        assert!(matches!(queue.push(1, 5), Pushed::Full(5)));
        assert!(matches!(queue.push(4, 30), Pushed::In(_, Some(1))));
        // One each: a fifth has to come later.
        assert!(matches!(queue.push(5, 40), Pushed::Full(40)));
        assert_eq!(all(&mut queue), [0, 10, 20, 30]);
    }

    #[test]
    fn what_was_taken_out_does_not_come() {
        let mut queue = FairQueue::new(10);
        let tickets: Vec<Ticket> = (0..6)
            .map(|item| pushed(&mut queue, item % 2, item))
            .collect();
        assert_eq!(queue.remove(tickets[2]), Some(2));
        assert_eq!(queue.remove(tickets[2]), None);
        // In its slot stands another now.
        pushed(&mut queue, 1, 7);
        assert_eq!(queue.remove(tickets[2]), None);
        for ticket in [tickets[0], tickets[4]] {
            assert!(queue.remove(ticket).is_some());
        }
        assert_eq!(all(&mut queue), [1, 3, 5, 7]);
    }

    #[test]
    fn a_queue_that_was_cleared_is_as_new() {
        let mut queue = FairQueue::new(3);
        let ticket = pushed(&mut queue, 1, 'a');
        queue.clear();
        assert_eq!((queue.len(), queue.remove(ticket)), (0, None));
        pushed(&mut queue, 2, 'b');
        assert_eq!(queue.remove(ticket), None);
        assert_eq!(all(&mut queue), ['b']);
    }

    /// The same queue, made of what is simple.
    #[derive(Default)]
    struct Model {
        lanes: BTreeMap<u64, VecDeque<u32>>,
        turns: VecDeque<u64>,
    }

    impl Model {
        fn take(&mut self, lane: u64, at: usize) -> u32 {
            let items = self.lanes.get_mut(&lane).unwrap();
            let item = items.remove(at).unwrap();
            if items.is_empty() {
                self.lanes.remove(&lane);
                self.turns.retain(|turn| *turn != lane);
            }
            item
        }

        fn pop(&mut self) -> Option<(u64, u32)> {
            let lane = self.turns.pop_front()?;
            self.turns.push_back(lane);
            Some((lane, self.take(lane, 0)))
        }
    }

    proptest! {
        #[test]
        fn it_is_what_it_says(steps in prop::collection::vec((0..4u8, 0..5u64, 0..64usize), 0..200)) {
            const CAPACITY: usize = 12;
            let mut queue = FairQueue::new(CAPACITY);
            let mut model = Model::default();
            let mut tickets = Vec::new();
            for (item, (kind, lane, at)) in (0..).zip(steps) {
                match kind {
                    0 | 1 => match queue.push(lane, item) {
                        Pushed::Full(_) => {
                            let own = model.lanes.get(&lane).map_or(0, VecDeque::len);
                            let all = model.lanes.values().map(VecDeque::len);
                            prop_assert_eq!(all.clone().sum::<usize>(), CAPACITY);
                            // Nobody has much more than who was refused.
                            let share = CAPACITY / (model.lanes.len() + usize::from(own == 0));
                            prop_assert!(own >= share || all.max().unwrap() <= own + 1);
                        }
                        Pushed::In(ticket, gave_way) => {
                            if let Some(gone) = gave_way {
                                let own = model.lanes.get(&lane).map_or(0, VecDeque::len);
                                let most = model.lanes.values().map(VecDeque::len).max().unwrap();
                                let from = model.lanes.iter().find(|(_, items)| items.back() == Some(&gone));
                                let (from, length) = from.map(|(lane, items)| (*lane, items.len())).unwrap();
                                prop_assert_eq!(length, most);
                                prop_assert!(most > own + 1);
                                model.take(from, length - 1);
                            }
                            if !model.lanes.contains_key(&lane) {
                                model.turns.push_back(lane);
                            }
                            model.lanes.entry(lane).or_default().push_back(item);
                            tickets.push((ticket, lane, item));
                        }
                    },
                    2 => prop_assert_eq!(queue.pop(), model.pop()),
                    _ if tickets.is_empty() => {}
                    _ => {
                        let (ticket, lane, item) = tickets[at % tickets.len()];
                        let index = model.lanes.get(&lane).and_then(|items| items.iter().position(|i| *i == item));
                        let expected = index.map(|index| model.take(lane, index));
                        prop_assert_eq!(queue.remove(ticket), expected);
                    }
                }
                let length: usize = model.lanes.values().map(VecDeque::len).sum();
                prop_assert_eq!(queue.len(), length);
                prop_assert_eq!(queue.lanes.len(), queue.turns.len());
                prop_assert!(queue.slots.len() <= CAPACITY);
            }
            loop {
                let expected = model.pop();
                prop_assert_eq!(queue.pop(), expected);
                if expected.is_none() {
                    break;
                }
            }
        }
    }
}
