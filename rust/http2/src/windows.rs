//! Windows of flow control (RFC 9113, 5.2 and 6.9).

use crate::frame::MAX_31;

/// What may be sent. Below zero when SETTINGS made it smaller than what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SendWindow(i64);

impl SendWindow {
    pub(crate) fn new(bytes: u32) -> SendWindow {
        SendWindow(i64::from(bytes))
    }

    #[inline]
    pub(crate) fn left(self) -> usize {
        self.0.max(0) as usize
    }

    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) {
        self.0 -= bytes as i64;
    }

    /// Adds `change`. `false` if the window would be larger than any may be.
    pub(crate) fn change(&mut self, change: i64) -> bool {
        self.0 += change;
        self.0 <= i64::from(MAX_31)
    }
}

/// What the peer may send, and what it gets back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiveWindow {
    left: i64,
    /// Not said yet.
    owed: u32,
    /// Half of the window: less is not worth a frame.
    worth: u32,
}

impl ReceiveWindow {
    pub(crate) fn new(bytes: u32) -> ReceiveWindow {
        ReceiveWindow {
            left: i64::from(bytes),
            owed: 0,
            worth: (bytes / 2).max(1),
        }
    }

    /// Takes what came. `false` if it is more than was allowed.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        self.left -= bytes as i64;
        self.left >= 0
    }

    /// Gives bytes back, and returns what to tell the peer, if it is worth a frame.
    #[inline]
    pub(crate) fn give_back(&mut self, bytes: usize) -> Option<u32> {
        self.owed += bytes as u32;
        if self.owed < self.worth {
            return None;
        }
        let owed = std::mem::take(&mut self.owed);
        self.left += i64::from(owed);
        Some(owed)
    }

    /// Makes the window so large that `bytes` more may come, and returns what to tell the peer.
    pub(crate) fn raise(&mut self, bytes: u32) -> Option<u32> {
        let more = i64::from(bytes) - self.left;
        let more = more.min(i64::from(MAX_31) - self.left);
        if more <= 0 {
            return None;
        }
        self.left += more;
        Some(more as u32)
    }

    /// What may still come.
    pub(crate) fn left(self) -> i64 {
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_be_below_zero_and_not_above_the_largest() {
        let mut window = SendWindow::new(100);
        window.take(60);
        assert!(window.change(-100));
        assert_eq!(window.left(), 0);
        assert!(window.change(61));
        assert_eq!(window.left(), 1);
        assert!(window.change(i64::from(MAX_31) - 1));
        assert_eq!(window.left(), MAX_31 as usize);
        assert!(!window.change(1));
    }

    #[test]
    fn bytes_are_given_back_by_halves() {
        let mut window = ReceiveWindow::new(100);
        assert!(window.take(49));
        assert_eq!(window.give_back(49), None);
        assert!(window.take(51));
        assert_eq!(window.give_back(1), Some(50));
        assert_eq!(window.left(), 50);
        assert!(!window.take(51));
    }

    #[test]
    fn a_window_is_raised_for_what_is_to_come() {
        let mut window = ReceiveWindow::new(100);
        assert!(window.take(40));
        assert_eq!(window.raise(50), None);
        assert_eq!(window.raise(1000), Some(940));
        assert!(window.take(1000));
        assert_eq!(window.raise(MAX_31), Some(MAX_31));
        assert_eq!(window.raise(u32::MAX), None);
    }
}
