//! Which of many events are looked at: by chance, as events that take turns would else have always the
//! same one of them looked at.
// #[HotPath]

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Draws events: one of so many, on average. Each thread has its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance {
    /// Events until the next one that is drawn.
    left: u32,
    /// Those that were left when one was drawn out of turn; 0 if none was.
    kept: u32,
    random: u64,
}

impl Chance {
    /// The next event is drawn.
    pub(crate) const fn new() -> Chance {
        Chance {
            left: 1,
            kept: 0,
            random: 0,
        }
    }

    /// Whether this event is drawn.
    #[inline]
    pub(crate) fn comes(&mut self) -> bool {
        self.left -= 1;
        self.left == 0
    }

    /// After an event that was drawn: how many pass until the next one, `mean` on average. Returns other
    /// random bits.
    pub(crate) fn draw(&mut self, mean: u32) -> u32 {
        if self.random == 0 {
            // Of each thread another; any will do.
            self.random = RandomState::new().hash_one(mean);
        }
        // Knuth's MMIX generator. Its high bits are the good ones.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.left = 1 + (self.random >> 40) as u32 % (2 * mean - 1);
        (self.random >> 33) as u32
    }

    /// Draws the next event out of turn; behind it comes [`Chance::resume`].
    pub(crate) fn hasten(&mut self) {
        if self.kept == 0 {
            self.kept = self.left;
        }
        self.left = 1;
    }

    /// After an event that was drawn: whether it was so out of turn. Then chance goes on as before it.
    #[inline]
    pub(crate) fn resume(&mut self) -> bool {
        let kept = std::mem::take(&mut self.kept);
        if kept != 0 {
            self.left = kept;
        }
        kept != 0
    }

    /// Both: whether this event is drawn, of `mean` on average.
    pub(crate) fn hits(&mut self, mean: u32) -> bool {
        let comes = self.comes();
        if comes {
            self.draw(mean);
        }
        comes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_of_so_many_is_drawn() {
        let mut chance = Chance::new();
        assert!(chance.hits(16), "the first one is");
        let drawn = (0..160_000).filter(|_| chance.hits(16)).count();
        // With a deviation of about 57.
        assert!(drawn.abs_diff(10_000) < 1000, "{drawn}");
        let mut all = Chance::new();
        assert!((0..100).all(|_| all.hits(1)));
    }
}
