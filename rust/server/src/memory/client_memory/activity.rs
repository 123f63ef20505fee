//! What clients are doing, over all of their connections.

use std::sync::atomic::Ordering;

use super::ClientMemory;

impl ClientMemory {
    /// Calls that are open: begun, and not answered and sent to their end.
    pub fn calls(&self) -> usize {
        let state = self.state.lock();
        state.members.values().map(|m| m.holding.calls()).sum()
    }

    /// A number that changes whenever a client that is connected takes bytes of answers or brings some
    /// of a large request. While it stays, nobody reads.
    pub fn moved(&self) -> u64 {
        let state = self.state.lock();
        let moved = state.members.values().map(|m| m.holding.moved());
        moved.fold(0, u64::wrapping_add)
    }

    /// Notes that the time of a drain is up: what is open now is broken off. The first note holds.
    pub(crate) fn note_cut(&self) {
        // One more than the calls, so that 0 means that nothing was noted.
        let cut = self.calls() + 1;
        let _ = self
            .cut
            .compare_exchange(0, cut, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Calls that were broken off when the time of the drain was up.
    pub fn calls_cut(&self) -> usize {
        self.cut.load(Ordering::Relaxed).saturating_sub(1)
    }
}
