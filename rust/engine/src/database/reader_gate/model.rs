//! Every order in which two readers and a closer can take their steps, with the stores of readers as late in memory as a processor
//! may leave them: nobody is inside behind the wait, and the wait ends.
//!
//! The steps are those of `reader_gate.rs`, by hand: what is written there is to be written here. What a reader stores is in its
//! own buffer, of which the oldest store reaches memory at any time; the reader itself sees it at once. A closer's barrier empties all buffers.

use std::collections::{BTreeSet, HashSet};

const READERS: usize = 2;
/// How often they come.
const VISITS: [u8; READERS] = [2, 1];

/// What a reader does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Reader {
    LooksFirst,
    CountsIn,
    LooksAgain,
    IsInside,
    CountsOut {
        was_inside: bool,
    },
    LooksLast,
    /// It takes the lock, so its stores are in memory; and tells.
    Tells,
    Done,
}

/// What the closer does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Closer {
    Shuts,
    Barrier,
    /// Under the lock: looks at the cells, one after the other.
    Counts {
        cell: usize,
        found: bool,
    },
    /// Asleep until it is told.
    Waits,
    Closed,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    shut: bool,
    cells: [u8; READERS],
    /// Stores that are not in memory, the oldest first.
    buffers: [Vec<u8>; READERS],
    readers: [Reader; READERS],
    visits: [u8; READERS],
    inside: [bool; READERS],
    closer: Closer,
}

impl State {
    fn first() -> State {
        State {
            shut: false,
            cells: [0; READERS],
            buffers: Default::default(),
            readers: [Reader::LooksFirst; READERS],
            visits: VISITS,
            inside: [false; READERS],
            closer: Closer::Shuts,
        }
    }

    fn own(&self, reader: usize) -> u8 {
        *self.buffers[reader].last().unwrap_or(&self.cells[reader])
    }

    fn flush(&mut self, reader: usize) {
        if let Some(last) = self.buffers[reader].pop() {
            self.buffers[reader].clear();
            self.cells[reader] = last;
        }
    }

    /// Who holds the lock keeps others from telling.
    fn is_locked(&self) -> bool {
        matches!(self.closer, Closer::Counts { .. })
    }

    fn reader(&self, reader: usize) -> Option<State> {
        let mut next = self.clone();
        next.readers[reader] = match self.readers[reader] {
            Reader::LooksFirst if self.shut || self.visits[reader] == 0 => Reader::Done,
            Reader::LooksFirst => {
                next.visits[reader] -= 1;
                Reader::CountsIn
            }
            Reader::CountsIn => {
                next.buffers[reader].push(self.own(reader) + 1);
                Reader::LooksAgain
            }
            Reader::LooksAgain if self.shut => Reader::CountsOut { was_inside: false },
            Reader::LooksAgain => {
                next.inside[reader] = true;
                Reader::IsInside
            }
            Reader::IsInside => Reader::CountsOut { was_inside: true },
            Reader::CountsOut { was_inside } => {
                next.inside[reader] &= !was_inside;
                next.buffers[reader].push(self.own(reader) - 1);
                Reader::LooksLast
            }
            Reader::LooksLast if self.shut => Reader::Tells,
            Reader::LooksLast => Reader::LooksFirst,
            Reader::Tells if self.is_locked() => return None,
            Reader::Tells => {
                next.flush(reader);
                if self.closer == Closer::Waits {
                    next.closer = COUNTS;
                }
                Reader::LooksFirst
            }
            Reader::Done => return None,
        };
        Some(next)
    }

    fn closer(&self, has_barrier: bool) -> Option<State> {
        let mut next = self.clone();
        next.closer = match self.closer {
            Closer::Shuts => {
                next.shut = true;
                Closer::Barrier
            }
            Closer::Barrier => {
                if has_barrier {
                    (0..READERS).for_each(|reader| next.flush(reader));
                }
                COUNTS
            }
            Closer::Counts { cell, found } if cell < READERS => Closer::Counts {
                cell: cell + 1,
                found: found || self.cells[cell] != 0,
            },
            Closer::Counts { found: true, .. } => Closer::Waits,
            Closer::Counts { found: false, .. } => Closer::Closed,
            Closer::Waits | Closer::Closed => return None,
        };
        Some(next)
    }
}

const COUNTS: Closer = Closer::Counts {
    cell: 0,
    found: false,
};

const MISSED: &str = "a reader is inside behind the wait";
const FORGOTTEN: &str = "the closer waits for nobody";

/// How many states there are, and what is wrong in any.
fn explore(has_barrier: bool) -> (usize, BTreeSet<&'static str>) {
    let mut wrong = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut open = vec![State::first()];
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        if state.closer == Closer::Closed && state.inside.contains(&true) {
            wrong.insert(MISSED);
        }
        let mut next: Vec<State> = (0..READERS)
            .filter_map(|reader| state.reader(reader))
            .collect();
        next.extend(state.closer(has_barrier));
        for reader in 0..READERS {
            if !state.buffers[reader].is_empty() {
                let mut later = state.clone();
                later.cells[reader] = later.buffers[reader].remove(0);
                next.push(later);
            }
        }
        if next.is_empty() && state.closer != Closer::Closed {
            wrong.insert(FORGOTTEN);
        }
        open.extend(next);
    }
    (seen.len(), wrong)
}

#[test]
fn no_order_of_steps_lets_a_reader_be_missed() {
    let (states, wrong) = explore(true);
    assert!(states > 1000, "{states}");
    assert_eq!(wrong, BTreeSet::new());
}

#[test]
fn without_the_barrier_one_would_be() {
    let (_, wrong) = explore(false);
    assert_eq!(wrong, BTreeSet::from([MISSED, FORGOTTEN]));
}
