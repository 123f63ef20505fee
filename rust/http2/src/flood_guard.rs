//! Flood protection: a token budget for frames that ask for nothing.
//!
//! HTTP/2 lets a client make a server work without asking for anything: PING, SETTINGS, PRIORITY,
//! WINDOW_UPDATE, empty DATA, calls that are reset at once or that make the server reset them
//! (CVE-2019-9511 to 9518, CVE-2023-44487, CVE-2025-8671). So a connection has credits: such a frame costs
//! one, a call and time bring some back, and who has none left is hung up on.
//!
//! What acknowledges this side's own frames costs nothing of that: clients answer each DATA with up to two
//! WINDOW_UPDATEs and a PING that measures the line, however small it is. So each frame that is written
//! entitles the client to what answers it. What answers the client's own frames entitles to nothing.
//!
//! Calls that are reset count by themselves: a client that sends each call twice and cancels the slower one
//! resets half of them, and one whose patience ends resets all that are open, at once.

use std::time::Duration;

use crate::error::Ending;

/// Credits at the start, and at most: a burst that costs a millisecond or two.
const CREDITS: u32 = 10_000;
/// Credits for each call: what clients send beside one, and as much again.
const PER_CALL: u32 = 8;
/// Credits for each second: that many frames take no noticeable part of a core.
const PER_SECOND: u32 = 1_000;
/// Resets for each second, beside those that calls allow.
const RESETS_PER_SECOND: u32 = 100;
/// Frames that may answer a DATA: WINDOW_UPDATEs of stream and connection, one more when the client waits
/// for a larger message, a PING.
const PER_DATA: u32 = 4;
/// Bytes of DATA that entitle to a further frame.
const BYTES_PER_ANSWER: usize = 4 * 1024;
/// Answers that may be outstanding.
const MAX_ANSWERS: u32 = 100_000;

/// The credits of one connection.
#[derive(Debug)]
pub(crate) struct FloodGuard {
    control: u32,
    /// Frames that the client may send because of ours.
    answers: u32,
    /// Bytes of DATA that have not entitled to a frame yet.
    bytes: usize,
    /// In halves: a reset costs two, a call brings one.
    resets: u32,
    most_resets: u32,
    /// The time of this turn, and when time last brought credits.
    now: Duration,
    refilled: Duration,
}

impl FloodGuard {
    /// A connection that may have `streams` calls in flight, and reset them all, twice.
    pub(crate) fn new(streams: u32) -> FloodGuard {
        let most_resets = streams.saturating_mul(4).max(1000);
        FloodGuard {
            control: CREDITS,
            answers: 0,
            bytes: 0,
            resets: most_resets,
            most_resets,
            now: Duration::ZERO,
            refilled: Duration::ZERO,
        }
    }

    /// The time since whatever the driver counts from.
    #[inline]
    pub(crate) fn at(&mut self, now: Duration) {
        self.now = now;
    }

    /// A call came.
    #[inline]
    pub(crate) fn call(&mut self) {
        self.control = (self.control + PER_CALL).min(CREDITS);
        self.resets = (self.resets + 1).min(self.most_resets);
    }

    /// A frame came that asks for nothing.
    pub(crate) fn control(&mut self) -> Result<(), Ending> {
        if self.control == 0 {
            self.refill();
        }
        self.control = self.control.checked_sub(1).ok_or(Ending::FLOOD_OF_FRAMES)?;
        Ok(())
    }

    /// A frame came that may answer one of ours: PING, SETTINGS, WINDOW_UPDATE.
    pub(crate) fn acknowledges(&mut self) -> Result<(), Ending> {
        if self.answers > 0 {
            self.answers -= 1;
            return Ok(());
        }
        self.control()
    }

    /// A call was reset, by the client or because of what it did.
    pub(crate) fn reset(&mut self) -> Result<(), Ending> {
        if self.resets < 2 {
            self.refill();
        }
        self.resets = self.resets.checked_sub(2).ok_or(Ending::FLOOD_OF_RESETS)?;
        Ok(())
    }

    /// A DATA of so many bytes is written.
    #[inline]
    pub(crate) fn wrote_data(&mut self, bytes: usize) {
        self.bytes += bytes;
        let further = self.bytes / BYTES_PER_ANSWER;
        self.bytes %= BYTES_PER_ANSWER;
        self.entitle(PER_DATA + further as u32);
    }

    /// HEADERS are written, or SETTINGS or PING that are no acknowledgement.
    #[inline]
    pub(crate) fn wrote(&mut self, frames: u32) {
        self.entitle(frames);
    }

    #[inline]
    fn entitle(&mut self, frames: u32) {
        self.answers = (self.answers + frames).min(MAX_ANSWERS);
    }

    fn refill(&mut self) {
        let millis = self.now.saturating_sub(self.refilled).as_millis();
        let credits = |per_second: u32| {
            u32::try_from(millis * u128::from(per_second) / 1000).unwrap_or(u32::MAX)
        };
        if millis > 0 {
            self.refilled = self.now;
        }
        self.control = self
            .control
            .saturating_add(credits(PER_SECOND))
            .min(CREDITS);
        self.resets = self
            .resets
            .saturating_add(credits(2 * RESETS_PER_SECOND))
            .min(self.most_resets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(mut frame: impl FnMut() -> Result<(), Ending>) -> (u32, Ending) {
        (0..300_000)
            .find_map(|count| frame().err().map(|ending| (count, ending)))
            .expect("the flood is noticed")
    }

    #[test]
    fn frames_that_ask_for_nothing_end() {
        let mut guard = FloodGuard::new(100);
        assert_eq!(
            flood(|| guard.control()),
            (CREDITS, Ending::FLOOD_OF_FRAMES)
        );
        // Time brings some.
        guard.at(Duration::from_secs(1));
        assert_eq!(
            flood(|| guard.control()),
            (PER_SECOND, Ending::FLOOD_OF_FRAMES)
        );
    }

    #[test]
    fn calls_that_are_reset_end() {
        let mut guard = FloodGuard::new(1000);
        let (count, ending) = flood(|| {
            guard.call();
            guard.reset()
        });
        assert_eq!((count, ending), (3999, Ending::FLOOD_OF_RESETS));
        guard.at(Duration::from_secs(1));
        assert_eq!(flood(|| guard.reset()).0, RESETS_PER_SECOND);
    }

    #[test]
    fn answers_that_were_saved_up_are_bounded() {
        let mut guard = FloodGuard::new(100);
        for _ in 0..1_000_000 {
            guard.wrote_data(20);
        }
        assert_eq!(flood(|| guard.acknowledges()).0, MAX_ANSWERS + CREDITS);
        guard.wrote_data(20);
        assert_eq!(
            guard.control(),
            Err(Ending::FLOOD_OF_FRAMES),
            "answers pay for nothing else"
        );
    }

    #[test]
    fn clients_that_read_never_run_short() {
        // What clients answer each DATA of a streamed answer with, at most; and the credits of calls.
        for shape in 1..=4 {
            let mut guard = FloodGuard::new(100);
            for _ in 0..100_000 {
                guard.wrote_data(20);
                for _ in 0..shape {
                    guard.acknowledges().unwrap();
                }
            }
            assert_eq!(guard.control, CREDITS);
        }
        let mut guard = FloodGuard::new(100);
        for call in 0..100_000 {
            guard.call();
            guard.control().unwrap();
            if call % 2 == 0 {
                guard.reset().unwrap();
            }
        }
    }

    #[test]
    fn large_answers_pay_for_their_window_updates() {
        for frame in [16 * 1024, 4 * 1024 * 1024] {
            let mut guard = FloodGuard::new(100);
            for _ in 0..(1 << 28) / frame {
                guard.wrote_data(frame);
                for _ in 0..3 * frame / (16 * 1024) {
                    guard.acknowledges().unwrap();
                }
            }
            assert_eq!(guard.control, CREDITS);
        }
    }
}
