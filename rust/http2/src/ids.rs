//! What became of streams (RFC 9113, 5.1 and 5.1.1): which were begun, which were skipped, who reset them.
//!
//! Two bits for each of the last 1,024 ids of a client, however many calls there were.

/// Ids that are remembered: more than there may be open at once, as the rest is only for what is under way.
const REMEMBERED: u32 = 1024;
const IN_A_WORD: u32 = 32;

/// What became of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not begun yet.
    Idle,
    /// Closed without ever having been begun, as a later one was.
    Skipped,
    /// Begun; open, or closed by its end.
    Begun,
    /// This side reset it: what still comes of it is ignored.
    ResetByUs,
    ResetByPeer,
    /// So long ago that it is not known.
    Forgotten,
}

#[derive(Debug)]
pub(crate) struct Ids {
    last: u32,
    fates: [u64; (REMEMBERED / IN_A_WORD) as usize],
}

const BEGUN: u64 = 1;
const BY_US: u64 = 2;
const BY_PEER: u64 = 3;

impl Ids {
    pub(crate) fn new() -> Ids {
        Ids {
            last: 0,
            fates: [0; (REMEMBERED / IN_A_WORD) as usize],
        }
    }

    /// The latest that was begun.
    #[inline]
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// Begins `id`, which is later than all before it.
    #[inline]
    pub(crate) fn begin(&mut self, id: u32) {
        if id != self.last + 2 {
            self.skip_to(id);
        }
        self.last = id;
        self.set(id, BEGUN);
    }

    #[cold]
    fn skip_to(&mut self, id: u32) {
        if id - self.last >= 2 * REMEMBERED {
            self.fates = [0; (REMEMBERED / IN_A_WORD) as usize];
            return;
        }
        // Where another was remembered.
        let mut skipped = id;
        while skipped > self.last + 2 {
            skipped -= 2;
            self.set(skipped, 0);
        }
    }

    pub(crate) fn reset_by_us(&mut self, id: u32) {
        self.note(id, BY_US);
    }

    pub(crate) fn reset_by_peer(&mut self, id: u32) {
        self.note(id, BY_PEER);
    }

    fn note(&mut self, id: u32, fate: u64) {
        if id <= self.last && self.last - id < 2 * REMEMBERED {
            self.set(id, fate);
        }
    }

    pub(crate) fn fate(&self, id: u32) -> Fate {
        if id > self.last {
            return Fate::Idle;
        }
        if self.last - id >= 2 * REMEMBERED {
            return Fate::Forgotten;
        }
        let (word, shift) = locate(id);
        match self.fates[word] >> shift & 3 {
            BEGUN => Fate::Begun,
            BY_US => Fate::ResetByUs,
            BY_PEER => Fate::ResetByPeer,
            _ => Fate::Skipped,
        }
    }

    #[inline]
    fn set(&mut self, id: u32, fate: u64) {
        let (word, shift) = locate(id);
        let word = &mut self.fates[word];
        *word = *word & !(3 << shift) | fate << shift;
    }
}

#[inline]
fn locate(id: u32) -> (usize, u32) {
    let at = id / 2 % REMEMBERED;
    ((at / IN_A_WORD) as usize, 2 * (at % IN_A_WORD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn fates_are_those_of_a_map() {
        let mut ids = Ids::new();
        let mut map: BTreeMap<u32, Fate> = BTreeMap::new();
        let mut seed = 7u64;
        let mut draw = |most: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as u32 % most
        };
        // Ids are odd, so the first is 1: one before it would be -1.
        for step in 0..5000 {
            let skip = if draw(100) == 0 {
                draw(1500)
            } else {
                draw(3) / 2
            };
            let id = if ids.last() == 0 { 1 } else { ids.last() + 2 } + 2 * skip;
            ids.begin(id);
            map.insert(id, Fate::Begun);
            let other = id - 2 * draw(1200).min(id / 2);
            if map.contains_key(&other) && draw(2) == 0 {
                let (fate, known) = (draw(2), id - other < 2 * REMEMBERED);
                if fate == 0 {
                    ids.reset_by_us(other);
                } else {
                    ids.reset_by_peer(other);
                }
                if known {
                    map.insert(other, [Fate::ResetByUs, Fate::ResetByPeer][fate as usize]);
                }
            }
            let before = id - 2 * draw(1100).min(id / 2);
            let expected = if id - before >= 2 * REMEMBERED {
                Fate::Forgotten
            } else {
                map.get(&before).copied().unwrap_or(Fate::Skipped)
            };
            assert_eq!(ids.fate(before), expected, "step {step}: {before} of {id}");
            assert_eq!(ids.fate(id + 2), Fate::Idle);
        }
    }

    #[test]
    fn the_greatest_id_has_its_bit() {
        let mut ids = Ids::new();
        ids.begin(0x7fff_ffff);
        assert_eq!(ids.fate(0x7fff_ffff), Fate::Begun);
        assert_eq!(ids.fate(0x7fff_fffd), Fate::Skipped);
        assert_eq!(ids.fate(1), Fate::Forgotten);
    }
}
