//! Looks after the memory while somebody waits for it: who has to end, and what the system gets back.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{sleep, Instant};

use super::state::State;
use super::ClientMemory;
use crate::memory::holding::Holding;

/// Between two looks at who has to end, while somebody waits.
const LOOK_PAUSE: Duration = Duration::from_millis(250);
/// Connections that have to end at one look, at most.
pub(super) const ENDED_AT_ONCE: usize = 2;
/// Looks after the last one at which somebody waited: those who have to end free their memory.
const QUIET_LOOKS: usize = 40;
/// Freed memory is given back to the system once so much of the bound was freed, an eighth,
const GIVEN_BACK: usize = 8;
/// and no sooner than so long after the last time.
const GIVE_BACK_PAUSE: Duration = Duration::from_secs(1);

impl ClientMemory {
    /// Looks, while somebody waits for room or is refused, for unused room, and for connections that
    /// have to end: those for which bytes wait that they do not move. Such a client would hold up the
    /// others without limit. It is judged by the last second: at the pace of that second, all that waits
    /// for it would have to be gone within half a minute. Those that hold most go first, a few
    /// at a time.
    ///
    /// Where all room is taken by calls for which nothing waits, open and idle, those give way who hold most of it
    /// and use it least, to who is refused and holds less than half as much. So a client with a few idle calls stays. Who is refused is
    /// remembered for a while, as it may come again by another connection.
    ///
    /// Cancel safety: nothing is lost.
    pub async fn watch(&self) {
        loop {
            self.pressed.notified().await;
            let mut quiet = 0;
            while quiet < QUIET_LOOKS {
                sleep(LOOK_PAUSE).await;
                let waits = self.look(Instant::now());
                quiet = if waits { 0 } else { quiet + 1 };
                if self.has_freed_much(Instant::now()) {
                    // It takes a while, and no thread of the server has that.
                    drop(spawn_blocking(venice_engine::give_back_freed_memory).await);
                }
            }
        }
    }

    /// Whether so much was freed that the system should have it back. The allocator keeps what is freed
    /// between what is not, in each of its arenas; clients that come, take much, are hung up on and come
    /// again would make the process hold a multiple of the bound.
    pub(super) fn has_freed_much(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        let lately = state.gave_back.is_some_and(|at| now - at < GIVE_BACK_PAUSE);
        if lately || state.most.saturating_sub(state.given) < state.parts.total / GIVEN_BACK {
            return false;
        }
        (state.most, state.gave_back) = (state.given, Some(now));
        true
    }

    /// One look. Returns whether somebody still waits.
    pub(super) fn look(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        state.sweep();
        self.serve(&mut state);
        let wanted = state.find_wanted(now);
        let (mut waits, mut presses) = (wanted.is_some(), wanted.is_some());
        for member in state.members.values_mut() {
            let pressed = std::mem::take(&mut member.refused) || member.is_waiting();
            member.judge(now);
            waits |= pressed;
            presses |= pressed && !member.holds_up();
        }
        if !waits {
            for member in state.members.values_mut() {
                (member.mark, member.moves, member.rests) = (None, None, false);
            }
            return false;
        }
        if !presses {
            return true;
        }
        // Those with a permit first, which one message of others needs, then those that hold most. A few at a
        // time: who is hung up on comes again, and costs the processor what it did at first.
        let stalled = state.members.values().filter(|member| member.is_stalled());
        let mut stalled: Vec<_> = stalled
            .map(|member| {
                let has_permit = member.permits.contains(&true);
                (has_permit, member.holding.owed(), &member.holding)
            })
            .collect();
        stalled.sort_unstable_by_key(|(has_permit, owed, _)| (!has_permit, usize::MAX - owed));
        let mut leave: Vec<_> = stalled.into_iter().map(|(_, _, holding)| holding).collect();
        if leave.is_empty() {
            leave = wanted.map_or(Vec::new(), |wanted| state.idle(wanted.held));
        }
        leave.truncate(ENDED_AT_ONCE);
        for holding in &leave {
            holding.end();
        }
        if !leave.is_empty() {
            state.wanted = None;
        }
        true
    }
}

impl State {
    /// Those who have calls that they do not use, and give way to who is refused and holds `held` bytes: first
    /// who holds most.
    fn idle(&self, held: usize) -> Vec<&Arc<Holding>> {
        let idle = self.members.values();
        let idle = idle.filter(|member| member.gives_way_to(held));
        let mut idle: Vec<_> = idle.map(|member| &member.holding).collect();
        idle.sort_by_cached_key(|holding| usize::MAX - holding.used());
        idle
    }
}
