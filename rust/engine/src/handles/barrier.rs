//! The asymmetric fence between a use and a close: free for users, a system call for closers.
//!
//! A user writes the handle into a slot, then reads whether the handle is live. A closer marks the
//! handle, then reads the slots. One of the two sees the other if a full barrier stands between the
//! two steps on both sides. Users are many and closers few, so a closer has the kernel put a barrier
//! into all threads at once (`membarrier`, private expedited), and users leave theirs out.
//!
//! # The decision
//!
//! [`decide`] makes it when the library is loaded, before there is a handle. Until then, and where
//! the kernel cannot do it, users have a fence of their own and closers need nothing but theirs.
//!
//! # When the kernel fails later
//!
//! It may: a sandbox that the process enters, a process that was restored from a checkpoint and so
//! lost its registration, no memory. The closer registers again, and tries again. If that does not
//! help, users go back to fences for good ([`Barriers::fall_back`]). A user that still leaves its
//! fence out must then not be missed, neither by this closer nor by a later one that relies on
//! fences:
//!
//! 1. `users_rely` becomes false.
//! 2. All threads pass one barrier B, by another way of the kernel.
//! 3. `closers_owe` becomes false: only from here on do closers rely on fences alone.
//!
//! A user writes its slot *before* it reads `users_rely`. If it read true, it did so before B reached
//! its thread, as 1 comes before B. So its slot was written before B too, and whoever reads the slots
//! after B sees it: this closer, and every one that finds `closers_owe` false. If it read false, it
//! has a fence. A closer that comes between 1 and 3 finds `closers_owe` true, fails as the first did,
//! and waits for the lock that is held throughout.
//!
//! If the kernel has no B either, the closer waits for a second instead, once in the process's life.
//! What has to happen meanwhile is that each thread's store buffer is written to its cache: of a
//! thread that runs, that takes a processor microseconds; one that does not run passed the
//! scheduler's barrier when it was stopped.
// #[HotPath]
// except locks: which barrier the system has is decided once.
// except formatting: one line in the log, when there is no such barrier.
// except system calls: of the heavy side, which closes pay.

use std::sync::atomic::{compiler_fence, fence, AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// Far longer than a processor keeps a store to itself.
const SETTLED: Duration = Duration::from_secs(1);

/// What the operating system can do, and a test can have fail.
pub(crate) trait System {
    /// Makes ready for [`System::barrier`].
    fn register(&self) -> bool;
    /// Has all threads of the process pass a full barrier, quickly. False if that was refused.
    fn barrier(&self) -> bool;
    /// The same, slowly: for systems that refuse the other.
    fn slow_barrier(&self) -> bool;
    /// Waits until what threads wrote before is in their caches.
    fn settle(&self);
}

/// The operating system that we run on.
pub(crate) struct Native;

#[cfg(target_os = "linux")]
impl System for Native {
    fn register(&self) -> bool {
        use rustix::thread::{membarrier, MembarrierCommand};
        membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    fn barrier(&self) -> bool {
        use rustix::thread::{membarrier, MembarrierCommand};
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }

    fn slow_barrier(&self) -> bool {
        use rustix::thread::{membarrier, MembarrierCommand};
        membarrier(MembarrierCommand::Global).is_ok()
    }

    fn settle(&self) {
        std::thread::sleep(SETTLED);
    }
}

#[cfg(not(target_os = "linux"))]
impl System for Native {
    fn register(&self) -> bool {
        false
    }

    fn barrier(&self) -> bool {
        false
    }

    fn slow_barrier(&self) -> bool {
        false
    }

    fn settle(&self) {
        std::thread::sleep(SETTLED);
    }
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Nobody asked yet: users.
    None,
    /// Closers.
    Closers,
    /// Users, for good.
    Users,
}

pub(crate) struct Barriers {
    /// Whether users leave their fence out.
    users_rely: AtomicBool,
    /// Whether closers have to put a barrier into all threads.
    closers_owe: AtomicBool,
    /// Held while either changes.
    decision: Mutex<Decision>,
}

/// Those of the process.
static BARRIERS: Barriers = Barriers::new();

impl Barriers {
    const fn new() -> Barriers {
        Barriers {
            users_rely: AtomicBool::new(false),
            closers_owe: AtomicBool::new(false),
            decision: Mutex::new(Decision::None),
        }
    }

    /// Has closers pay if the system lets them. Only the first call decides. Nobody uses a handle
    /// yet; or the processor keeps the order of loads (x86).
    fn decide(&self, system: &impl System) {
        let mut decision = self.decision.lock();
        if *decision != Decision::None {
            return;
        }
        // Not only registered: one has to have worked, or a sandbox may refuse each.
        if !system.register() || !system.barrier() {
            *decision = Decision::Users;
            return;
        }
        *decision = Decision::Closers;
        self.closers_owe.store(true, Ordering::SeqCst);
        self.users_rely.store(true, Ordering::SeqCst);
    }

    /// The user's half: stands between its writing of a slot and its reading of a state.
    #[inline(always)]
    fn light(&self) {
        // The slot is written before `users_rely` is read, as the fall back needs.
        compiler_fence(Ordering::SeqCst);
        if self.users_rely.load(Ordering::Relaxed) {
            compiler_fence(Ordering::SeqCst);
        } else {
            fenced();
        }
    }

    /// The closer's half: stands between its mark and its reading of slots.
    fn heavy(&self, system: &impl System) {
        fence(Ordering::SeqCst);
        if !self.closers_owe.load(Ordering::SeqCst) || system.barrier() {
            return;
        }
        if system.register() && system.barrier() {
            return;
        }
        self.fall_back(system);
    }

    /// Goes back to fences for good; see the module's head for why no user is missed.
    #[cold]
    fn fall_back(&self, system: &impl System) {
        let mut decision = self.decision.lock();
        // Another closer has been here meanwhile: its barrier came before now, and what users wrote
        // since is fenced.
        if *decision == Decision::Users {
            return;
        }
        self.users_rely.store(false, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if !system.slow_barrier() {
            system.settle();
        }
        self.closers_owe.store(false, Ordering::SeqCst);
        *decision = Decision::Users;
        tracing::warn!(
            "the kernel refuses membarrier, which it granted when the library was loaded: each use \
             of an object of org.rocksdb has a fence of its own from now on"
        );
    }
}

#[cold]
#[inline(never)]
fn fenced() {
    fence(Ordering::SeqCst);
}

/// Decides once for the process who pays. To be called when the library is loaded, before there is a
/// handle; without it users do.
pub(crate) fn decide() {
    BARRIERS.decide(&Native);
}

/// The user's half of the barrier: nothing but an order for the compiler where closers do the rest.
#[inline(always)]
pub(crate) fn light() {
    BARRIERS.light();
}

/// The heavy side of the asymmetric fence, for closers; it pairs with [`light`]. After it, every use that
/// did not see what the caller wrote before is visible to the caller.
pub(crate) fn heavy() {
    BARRIERS.heavy(&Native);
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// Grants what it is told to, and notes what was asked.
    #[derive(Default)]
    struct Injected {
        registers: Cell<bool>,
        /// How many barriers it still grants.
        barriers: Cell<u32>,
        slow: Cell<bool>,
        asked: RefCell<Vec<&'static str>>,
    }

    impl Injected {
        fn granting(barriers: u32) -> Injected {
            let system = Injected::default();
            system.registers.set(true);
            system.barriers.set(barriers);
            system
        }

        fn asked(&self) -> Vec<&'static str> {
            self.asked.take()
        }
    }

    impl System for Injected {
        fn register(&self) -> bool {
            self.asked.borrow_mut().push("register");
            self.registers.get()
        }

        fn barrier(&self) -> bool {
            self.asked.borrow_mut().push("barrier");
            let left = self.barriers.get();
            self.barriers.set(left.saturating_sub(1));
            left > 0
        }

        fn slow_barrier(&self) -> bool {
            self.asked.borrow_mut().push("slow");
            self.slow.get()
        }

        fn settle(&self) {
            self.asked.borrow_mut().push("settle");
        }
    }

    fn state(barriers: &Barriers) -> (bool, bool) {
        (
            barriers.users_rely.load(Ordering::SeqCst),
            barriers.closers_owe.load(Ordering::SeqCst),
        )
    }

    #[test]
    fn users_have_fences_before_the_decision() {
        let barriers = Barriers::new();
        let system = Injected::granting(9);
        assert_eq!(state(&barriers), (false, false));
        barriers.light();
        barriers.heavy(&system);
        assert_eq!(system.asked(), [""; 0]);
        assert_eq!(state(&barriers), (false, false));
    }

    #[test]
    fn closers_pay_where_the_system_lets_them() {
        let barriers = Barriers::new();
        let system = Injected::granting(3);
        barriers.decide(&system);
        assert_eq!(system.asked(), ["register", "barrier"]);
        assert_eq!(state(&barriers), (true, true));
        barriers.heavy(&system);
        barriers.heavy(&system);
        assert_eq!(system.asked(), ["barrier", "barrier"]);
        assert_eq!(state(&barriers), (true, true));
    }

    #[test]
    fn a_system_that_refuses_at_the_start_is_not_asked_again() {
        for (registers, barriers_granted) in [(false, 9), (true, 0)] {
            let barriers = Barriers::new();
            let system = Injected::granting(barriers_granted);
            system.registers.set(registers);
            barriers.decide(&system);
            assert_eq!(state(&barriers), (false, false));
            system.registers.set(true);
            system.barriers.set(9);
            system.asked();
            barriers.decide(&system);
            barriers.heavy(&system);
            assert_eq!(system.asked(), [""; 0]);
        }
    }

    #[test]
    fn a_lost_registration_is_made_again() {
        let barriers = Barriers::new();
        let system = Injected::granting(1);
        barriers.decide(&system);
        system.asked();
        // Refused once, granted behind the registration.
        struct Once<'a>(&'a Injected, Cell<bool>);
        impl System for Once<'_> {
            fn register(&self) -> bool {
                self.0.register()
            }
            fn barrier(&self) -> bool {
                let first = !self.1.replace(true);
                self.0.barrier() || !first
            }
            fn slow_barrier(&self) -> bool {
                self.0.slow_barrier()
            }
            fn settle(&self) {
                self.0.settle();
            }
        }
        barriers.heavy(&Once(&system, Cell::new(false)));
        assert_eq!(system.asked(), ["barrier", "register", "barrier"]);
        assert_eq!(state(&barriers), (true, true));
    }

    #[test]
    fn a_failure_falls_back_for_good_behind_one_barrier() {
        for (slow, last) in [(true, "slow"), (false, "settle")] {
            let barriers = Barriers::new();
            let system = Injected::granting(1);
            system.slow.set(slow);
            barriers.decide(&system);
            system.asked();
            barriers.heavy(&system);
            let asked = system.asked();
            assert_eq!(asked[..4], ["barrier", "register", "barrier", "slow"]);
            assert_eq!(asked.last(), Some(&last));
            assert_eq!(state(&barriers), (false, false));
            // Granted again, and not asked for.
            system.barriers.set(9);
            barriers.decide(&system);
            barriers.heavy(&system);
            assert_eq!(system.asked(), [""; 0]);
            assert_eq!(state(&barriers), (false, false));
        }
    }

    #[test]
    fn closers_rely_on_fences_only_behind_the_barrier_that_users_passed() {
        /// Looks at the flags when it is asked for the barrier of the fall back.
        struct Looking<'a>(&'a Barriers, Cell<Option<(bool, bool)>>);
        impl System for Looking<'_> {
            fn register(&self) -> bool {
                false
            }
            fn barrier(&self) -> bool {
                false
            }
            fn slow_barrier(&self) -> bool {
                self.1.set(Some(state(self.0)));
                true
            }
            fn settle(&self) {}
        }
        let barriers = Barriers::new();
        barriers.decide(&Injected::granting(1));
        let system = Looking(&barriers, Cell::new(None));
        barriers.heavy(&system);
        // Users fence already, closers still owe.
        assert_eq!(system.1.get(), Some((false, true)));
        assert_eq!(state(&barriers), (false, false));
    }

    #[test]
    fn users_and_closers_never_miss_each_other_while_the_system_fails() {
        use std::sync::atomic::AtomicUsize;
        use std::sync::Barrier;

        /// Grants real barriers, and stops doing so in the middle.
        struct Failing(AtomicUsize);
        impl System for Failing {
            fn register(&self) -> bool {
                self.0.load(Ordering::SeqCst) > 0 && Native.register()
            }
            fn barrier(&self) -> bool {
                let granted = self
                    .0
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(1)
                    });
                granted.is_ok() && Native.barrier()
            }
            fn slow_barrier(&self) -> bool {
                Native.slow_barrier()
            }
            fn settle(&self) {
                Native.settle();
            }
        }

        const ROUNDS: usize = 2000;
        let barriers = Barriers::new();
        let system = Failing(AtomicUsize::new(ROUNDS / 2));
        barriers.decide(&system);
        let (slot, mark) = (AtomicBool::new(false), AtomicBool::new(false));
        let start = Barrier::new(2);
        let missed = std::thread::scope(|threads| {
            let user = threads.spawn(|| {
                let mut saw = Vec::with_capacity(ROUNDS);
                for _ in 0..ROUNDS {
                    start.wait();
                    slot.store(true, Ordering::Relaxed);
                    barriers.light();
                    saw.push(mark.load(Ordering::Relaxed));
                    start.wait();
                }
                saw
            });
            let mut saw = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                slot.store(false, Ordering::SeqCst);
                mark.store(false, Ordering::SeqCst);
                start.wait();
                mark.store(true, Ordering::Relaxed);
                barriers.heavy(&system);
                saw.push(slot.load(Ordering::Relaxed));
                start.wait();
            }
            let users = user.join().unwrap();
            users
                .iter()
                .zip(&saw)
                .filter(|(user, closer)| !**user && !**closer)
                .count()
        });
        assert_eq!(missed, 0);
        assert_eq!(state(&barriers), (false, false));
    }
}
