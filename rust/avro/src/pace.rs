//! Work that may be long asks now and then whether it is still wanted.

use std::cell::Cell;

/// Work after which is asked, in units of about 10 ns: often enough to stop within a millisecond, and seldom enough to cost nothing.
const ASKED_AFTER: usize = 4096;

/// Asks whether work goes on. One thread's.
pub struct Pace<'a> {
    is_over: &'a dyn Fn() -> bool,
    done: Cell<usize>,
    /// What was answered last.
    over: Cell<bool>,
}

/// The work was not done: it is not wanted any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was given up, as nobody waits for it any more")]
pub struct Interrupted;

impl<'a> Pace<'a> {
    /// Work goes on until `is_over` says that it is not wanted any more.
    pub fn until(is_over: &'a dyn Fn() -> bool) -> Pace<'a> {
        Pace {
            is_over,
            done: Cell::new(0),
            over: Cell::new(false),
        }
    }

    /// So much more work was done: units of about 10 ns, or items of a list.
    #[inline]
    pub fn did(&self, work: usize) -> Result<(), Interrupted> {
        let done = self.done.get().saturating_add(work.max(1));
        self.done.set(done);
        match done >= ASKED_AFTER {
            true => self.ask(),
            false => Ok(()),
        }
    }

    #[cold]
    fn ask(&self) -> Result<(), Interrupted> {
        self.done.set(0);
        self.over.set(self.over.get() || (self.is_over)());
        match self.over.get() {
            true => Err(Interrupted),
            false => Ok(()),
        }
    }
}

impl Pace<'static> {
    /// Work is done to its end.
    pub fn to_the_end() -> Pace<'static> {
        Pace::until(&|| false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_now_and_then_until_work_is_over() {
        let asked = Cell::new(0);
        let is_over = || {
            asked.set(asked.get() + 1);
            asked.get() == 2
        };
        let pace = Pace::until(&is_over);
        for _ in 0..2 * ASKED_AFTER - 1 {
            assert_eq!(pace.did(1), Ok(()));
        }
        assert_eq!((asked.get(), pace.did(1)), (1, Err(Interrupted)));
        // It stays so, and work of any size is one step.
        assert_eq!(pace.did(usize::MAX), Err(Interrupted));
        assert_eq!(asked.get(), 2);
        assert_eq!(Pace::to_the_end().did(usize::MAX), Ok(()));
    }
}
