//! What single gets are counted by, and those that wait to be counted together.
// #[HotPath]

use venice_engine::StoreNumber;
use venice_metrics::Moment;

use crate::observe::facts::Facts;

/// Gets that wait to be counted, at most.
pub(super) const MOST: u16 = 64;

/// Answered gets that wait to be counted.
pub(super) struct Waiting {
    /// When the first of them began.
    pub(super) began: Moment,
    pub(super) gets: u16,
    /// In the order in which the first of them was answered.
    pub(super) alike: Vec<Alike>,
}

impl Waiting {
    pub(super) fn new() -> Waiting {
        Waiting {
            began: Moment::now(),
            gets: 0,
            alike: Vec::with_capacity(MOST.into()),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.gets == 0
    }
}

/// Gets that were answered alike.
#[derive(Clone, Copy)]
pub(super) struct Alike {
    pub(super) store: StoreNumber,
    pub(super) answer: Answer,
    pub(super) times: u16,
}

/// What a get is counted by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// Of the key, the request, the answer and the value that was found, in bytes.
    pub(super) sizes: [u32; 4],
    pub(super) is_missing: bool,
}

impl Answer {
    /// Of a get that was answered by so many bytes.
    #[inline]
    pub(super) fn of(facts: &Facts, response_bytes: u32) -> Answer {
        Answer {
            sizes: [
                facts.key_bytes,
                facts.request_bytes,
                response_bytes,
                facts.value_bytes,
            ],
            is_missing: facts.missing > 0,
        }
    }

    /// What it was made of.
    pub(super) fn facts(self, store: StoreNumber) -> Facts {
        let [key_bytes, request_bytes, _, value_bytes] = self.sizes;
        Facts {
            store: Some(store),
            keys: 1,
            missing: self.is_missing.into(),
            key_bytes,
            request_bytes,
            value_bytes,
            ..Facts::default()
        }
    }
}
