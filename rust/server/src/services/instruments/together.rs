//! Single gets that were prepared for together and are answered one behind the other: they are counted together, when all of
//! them are answered. So the clock is read once, the bucket of their time is looked for once, and sizes that are the same are
//! counted by their number.
//!
//! All of them took the time from when the first began until then, as none is sent before. What was measured by itself, and
//! what is no get from memory, is counted by itself ([`super::answered`]), and what waits before it.
// #[HotPath]

use std::mem;

use venice_engine::StoreNumber;
use venice_metrics::Moment;

use crate::observe::facts::Facts;
use crate::observe::timeline::Timeline;
use crate::services::instruments::alike::{Alike, Answer, MOST};
use crate::services::instruments::method::Method;
use crate::services::instruments::reads::{new_store, StoreWriters};
use crate::services::instruments::{
    read_clock, with, Begun, Clock, Names, Writers, CLOCK, WRITERS,
};

/// Of how many of those that wait it is asked whether one more is alike: sizes take turns, as requests have a byte less where a
/// number is 0.
const LOOKED_AT: usize = 4;

/// As long as it is here, gets of this thread that may wait to be counted do; when it goes, they are counted.
pub(crate) struct Together(());

/// From now on gets are counted together. Nothing is awaited until that ends.
pub(crate) fn together() -> Together {
    if let Clock::Old = CLOCK.get() {
        read_clock();
    }
    Together(())
}

impl Drop for Together {
    fn drop(&mut self) {
        // At the end of a thread there is nothing left to count in; in a panic nothing may fail.
        let _ = WRITERS.try_with(|cell| {
            if let Ok(mut writers) = cell.try_borrow_mut() {
                if let Some(writers) = writers.as_mut().filter(|it| !it.waiting.is_empty()) {
                    writers.count_waiting(read_clock());
                }
            }
        });
    }
}

/// Store versions that are looked for when their gets are counted have been found before.
struct NoNames;

impl Names for NoNames {
    fn name_of(&self, _: StoreNumber) -> Option<String> {
        None
    }

    fn is_here(&self, _: &str) -> bool {
        false
    }
}

/// Has the answer to a call counted with those of the calls around it, which are made while somebody has [`Together`]. Whether it
/// is, or nothing is counted: else it is for [`super::answered`].
#[inline]
pub(crate) fn wait(begun: Begun, facts: &Facts, bytes: usize, names: &impl Names) -> bool {
    let Some(began) = begun.at else { return true };
    let (Some(store), Ok(bytes)) = (facts.store, u32::try_from(bytes)) else {
        return false;
    };
    let is_measured = facts.spent.time.is_some() || facts.queued.is_some();
    if begun.method != Method::Get || facts.is_batch || is_measured {
        return false;
    }
    let answer = Answer::of(facts, bytes);
    with(|writers| writers.wait(store, began, answer, names)).unwrap_or(true)
}

impl Writers {
    #[inline]
    fn wait(
        &mut self,
        store: StoreNumber,
        began: Moment,
        answer: Answer,
        names: &impl Names,
    ) -> bool {
        let waiting = &mut self.waiting;
        if waiting.began == began && waiting.gets < MOST {
            let last = waiting.alike.iter_mut().rev().take(LOOKED_AT);
            for alike in last {
                if alike.answer == answer && alike.store == store {
                    alike.times += 1;
                    waiting.gets += 1;
                    return true;
                }
            }
        }
        self.wait_as_another(store, began, answer, names)
    }

    #[inline(never)]
    fn wait_as_another(
        &mut self,
        store: StoreNumber,
        began: Moment,
        answer: Answer,
        names: &impl Names,
    ) -> bool {
        let index = store.index as usize;
        let known = self.stores.get(index).and_then(Option::as_ref);
        if known.is_none_or(|known| known.serial != store.serial) {
            // Gone since it was read, and its name with it.
            let Some(store_version) = names.name_of(store) else {
                return false;
            };
            // The index may be that of a version that went, whose gets wait.
            if !self.waiting.is_empty() {
                self.count_waiting(read_clock());
            }
            new_store(&mut self.stores, store, store_version);
        }
        let goes_with = self.waiting.began == began && self.waiting.gets < MOST;
        if !goes_with && !self.waiting.is_empty() {
            self.count_waiting(read_clock());
        }
        let waiting = &mut self.waiting;
        waiting.began = began;
        waiting.gets += 1;
        waiting.alike.push(Alike {
            store,
            answer,
            times: 1,
        });
        true
    }

    /// Counts the gets that wait: now all of them are answered.
    #[inline(never)]
    pub(super) fn count_waiting(&mut self, now: Moment) {
        // None waits any more, also should this panic: what goes then must not fail at them again.
        let mut alike = mem::take(&mut self.waiting.alike);
        let gets = mem::take(&mut self.waiting.gets);
        let took = now.since(self.waiting.began);
        let of_get = &self.calls[Method::Get as usize];
        for gets in alike.chunk_by(|one, other| one.store == other.store) {
            let number = gets[0].store;
            let known = self.stores.get_mut(number.index as usize);
            let store = match known.and_then(Option::as_mut) {
                Some(store) if store.serial == number.serial => store,
                _ => self.gone.get_or_insert_with(StoreWriters::of_nobody),
            };
            store.count_gets(&self.registry, self.layouts, &of_get.ok, took, gets);
        }
        of_get.started.add(self.layouts.started.1, gets.into());
        if self.slow.is_slow(took as f64) {
            self.keep_each(&alike, took);
        }
        alike.clear();
        self.waiting.alike = alike;
    }

    #[cold]
    fn keep_each(&self, gets: &[Alike], took: u64) {
        for alike in gets {
            let facts = alike.answer.facts(alike.store);
            for _ in 0..alike.times {
                let answer = Ok((&facts, alike.answer.sizes[2] as usize));
                let (why, mut timeline) = ((true, false), Timeline::default());
                // They have nothing to wait for: their answers go with the turn.
                drop(self.keep(Method::Get, answer, took, why, &mut timeline, &NoNames));
            }
        }
    }
}

#[cfg(test)]
mod tests;
