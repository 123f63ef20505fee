//! What a client may send beside calls.
//!
//! HTTP/2 lets a client make a server work without asking for anything: PING, SETTINGS, PRIORITY,
//! WINDOW_UPDATE, empty DATA, calls that are reset at once (CVE-2019-9511 to 9518, CVE-2023-44487).
//! h2 answers them one by one and for ever. So every connection has a credit: such a frame costs
//! one, a call, an answer and time bring some back, and who has none left is hung up on. Only heads
//! of frames are looked at, nothing is kept of them.
//!
//! The credits are such that no client that reads ever runs short. Per call it sends a few: a
//! WINDOW_UPDATE or two for each frame that it receives, a PING for each to measure the line, an
//! acknowledged SETTINGS. Cancelled calls count by themselves: a client that sends each call twice
//! and cancels the slower one resets half of them, and one whose patience ends resets all that are
//! open, at once.
// #[HotPath]

use std::time::Instant;

/// Credits at the start, and at most: a burst that costs a millisecond or two.
const CONTROL_CREDITS: u32 = 10_000;
/// Credits for each call: what clients send beside one, and as much again.
const CONTROL_PER_CALL: u32 = 8;
/// Bytes sent that bring a credit. A client acknowledges a frame of an answer, 16 KiB, by two
/// WINDOW_UPDATEs; this allows one and a half times as many.
const BYTES_PER_CREDIT: usize = 4 * 1024;
/// Credits for each second: that many frames take no noticeable part of a core.
const CONTROL_PER_SECOND: u32 = 1_000;
/// Cancelled calls for each second, beside those that calls allow.
const RESETS_PER_SECOND: u32 = 100;

const FRAME_HEADER: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

/// Why a client is hung up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flood {
    /// It sends frames that ask for nothing.
    #[error("the client floods the connection with frames beside calls")]
    Control,
    /// It cancels nearly all of its calls.
    #[error("the client cancels its calls as fast as it makes them")]
    Resets,
}

/// Counts the frames of one connection.
#[derive(Debug)]
pub struct FrameMeter {
    /// The head of the next frame, as far as it is here.
    header: [u8; FRAME_HEADER],
    filled: usize,
    /// Bytes left of the frame before it.
    payload: usize,
    control: u32,
    /// In halves: a reset costs two, a call brings one.
    resets: u32,
    most_resets: u32,
    sent: usize,
    /// When time last brought credits.
    refilled: Instant,
}

impl FrameMeter {
    /// A connection that may have `streams` calls in flight, and cancel them all, twice.
    pub fn new(streams: u32) -> FrameMeter {
        let most_resets = streams.saturating_mul(4).max(1000);
        FrameMeter {
            header: [0; FRAME_HEADER],
            filled: 0,
            payload: 0,
            control: CONTROL_CREDITS,
            resets: most_resets,
            most_resets,
            sent: 0,
            refilled: Instant::now(),
        }
    }

    /// Looks at the next bytes that the client sent; the preface is none of them.
    pub fn received(&mut self, mut bytes: &[u8]) -> Result<(), Flood> {
        loop {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return Ok(());
            }
            let wanted = (FRAME_HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + wanted].copy_from_slice(&bytes[..wanted]);
            self.filled += wanted;
            bytes = &bytes[wanted..];
            if self.filled == FRAME_HEADER {
                self.filled = 0;
                self.frame()?;
            }
        }
    }

    /// Counts bytes that were sent to the client.
    #[inline]
    pub fn sent(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent >= BYTES_PER_CREDIT {
            let credits = u32::try_from(self.sent / BYTES_PER_CREDIT).unwrap_or(u32::MAX);
            self.sent %= BYTES_PER_CREDIT;
            self.control = self.control.saturating_add(credits).min(CONTROL_CREDITS);
        }
    }

    fn frame(&mut self) -> Result<(), Flood> {
        let [length @ .., kind, flags, _, _, _, _] = self.header;
        self.payload = length
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        match kind {
            HEADERS => {
                self.control = (self.control + CONTROL_PER_CALL).min(CONTROL_CREDITS);
                self.resets = (self.resets + 1).min(self.most_resets);
                Ok(())
            }
            // h2 has limits of its own for these.
            CONTINUATION => Ok(()),
            DATA if self.payload > 0 || flags & END_STREAM != 0 => Ok(()),
            RST_STREAM => {
                if self.resets < 2 {
                    self.refill();
                }
                self.resets = self.resets.checked_sub(2).ok_or(Flood::Resets)?;
                Ok(())
            }
            _ => {
                if self.control == 0 {
                    self.refill();
                }
                self.control = self.control.checked_sub(1).ok_or(Flood::Control)?;
                Ok(())
            }
        }
    }

    /// Only who has run out makes anyone look at the clock.
    fn refill(&mut self) {
        let millis = self.refilled.elapsed().as_millis();
        let credits = |per_second: u32| {
            u32::try_from(millis * u128::from(per_second) / 1000).unwrap_or(u32::MAX)
        };
        if millis > 0 {
            self.refilled = Instant::now();
        }
        self.control = self
            .control
            .saturating_add(credits(CONTROL_PER_SECOND))
            .min(CONTROL_CREDITS);
        self.resets = self
            .resets
            .saturating_add(credits(2 * RESETS_PER_SECOND))
            .min(self.most_resets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: u8 = 6;
    const WINDOW_UPDATE: u8 = 8;

    fn frame(kind: u8, flags: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![
            0,
            (length >> 8) as u8,
            length as u8,
            kind,
            flags,
            0,
            0,
            0,
            1,
        ];
        frame.resize(FRAME_HEADER + length, 0xFF);
        frame
    }

    /// Sends a frame until the connection ends; returns how many were taken.
    fn flood(meter: &mut FrameMeter, frame: &[u8]) -> (u32, Flood) {
        // Time brings credits as well, but not a hundred seconds' worth.
        (0..200_000)
            .find_map(|count| meter.received(frame).err().map(|flood| (count, flood)))
            .expect("the flood is noticed")
    }

    #[test]
    fn floods_end() {
        for (kind, length) in [
            (PING, 8),
            (4, 0),
            (2, 5),
            (WINDOW_UPDATE, 4),
            (DATA, 0),
            (99, 3),
        ] {
            let mut meter = FrameMeter::new(100);
            let (count, why) = flood(&mut meter, &frame(kind, 0, length));
            assert!(count >= CONTROL_CREDITS, "{kind}: {count}");
            assert_eq!(why, Flood::Control);
        }
    }

    #[test]
    fn calls_that_are_cancelled_at_once_end() {
        let mut meter = FrameMeter::new(1000);
        let call = [frame(HEADERS, 5, 20), frame(RST_STREAM, 0, 4)].concat();
        let (count, why) = flood(&mut meter, &call);
        // All that may be open, twice over, and as many again by the calls themselves.
        assert!(count >= 3999, "{count}");
        assert_eq!(why, Flood::Resets);
    }

    #[test]
    fn clients_that_read_never_run_short() {
        let mut meter = FrameMeter::new(100);
        for call in 0..100_000 {
            meter.received(&frame(HEADERS, 4, 30)).unwrap();
            meter.received(&frame(DATA, 1, 300)).unwrap();
            for _ in 0..3 {
                meter.received(&frame(WINDOW_UPDATE, 0, 4)).unwrap();
            }
            meter.received(&frame(PING, 0, 8)).unwrap();
            meter.sent(200);
            // Every second one is cancelled.
            if call % 2 == 0 {
                meter.received(&frame(RST_STREAM, 0, 4)).unwrap();
            }
        }
    }

    #[test]
    fn large_answers_pay_for_their_window_updates() {
        let mut meter = FrameMeter::new(100);
        for _ in 0..100_000 {
            meter.sent(16 * 1024);
            meter
                .received(&frame(WINDOW_UPDATE, 0, 4).repeat(3))
                .unwrap();
        }
    }

    #[test]
    fn frames_are_told_apart_wherever_they_are_cut() {
        let frames = [
            frame(HEADERS, 4, 30),
            frame(DATA, 0, 0),
            frame(DATA, 1, 70),
            frame(PING, 0, 8),
            frame(RST_STREAM, 0, 4),
        ]
        .concat();
        let mut whole = FrameMeter::new(100);
        whole.received(&frames).unwrap();
        for step in 1..40 {
            let mut pieces = FrameMeter::new(100);
            for piece in frames.chunks(step) {
                pieces.received(piece).unwrap();
            }
            assert_eq!(
                (pieces.control, pieces.resets),
                (whole.control, whole.resets)
            );
        }
        assert_eq!(whole.control, CONTROL_CREDITS - 2);
        assert_eq!(whole.resets, whole.most_resets - 2);
    }
}
