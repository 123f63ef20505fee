//! What streams have to send, and windows do not let pass yet.

use std::collections::VecDeque;

use crate::error::{Ending, ErrorCode};
use crate::frame::{put_head, DATA};
use crate::hpack::encoder::Encoder;
use crate::settings::PeerSettings;
use crate::slots::{Slot, Slots};
use crate::windows::SendWindow;

/// What a stream sends before the next has its turn.
const TURN_BYTES: usize = 16 * 1024;

/// What one stream has to send.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) window: SendWindow,
    /// From `sent` on.
    bytes: Vec<u8>,
    sent: usize,
    /// It waits in the queue of those that send.
    queued: bool,
}

/// A stream that sends.
pub(crate) trait Sends: Slot {
    fn outgoing(&mut self) -> &mut Outgoing;
}

impl Outgoing {
    /// Nothing, and no window.
    pub(crate) fn nothing() -> Outgoing {
        Outgoing {
            window: SendWindow::new(0),
            bytes: Vec::new(),
            sent: 0,
            queued: false,
        }
    }

    /// Begins anew, with the buffer that was here, as far as it is no larger than `kept` bytes.
    #[inline]
    pub(crate) fn begin(&mut self, window: u32, kept: usize) {
        self.window = SendWindow::new(window);
        self.sent = 0;
        self.queued = false;
        self.bytes.clear();
        if self.bytes.capacity() > kept {
            self.bytes.shrink_to(kept);
        }
    }

    /// Where to add what has to wait.
    pub(crate) fn more(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Bytes that wait.
    pub(crate) fn unsent(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Bytes of its buffer.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Writes as much as `connection` and its own window allow of one turn, in a frame of `most` bytes at most. That has the
    /// flags `last` if nothing is left. Returns how much it was, and whether nothing is left; `None` if nothing may go.
    pub(crate) fn put(
        &mut self,
        stream: u32,
        connection: &mut SendWindow,
        most: usize,
        last: u8,
        out: &mut Vec<u8>,
    ) -> Option<(usize, bool)> {
        let window = self.window.left().min(connection.left());
        let bytes = self.unsent().min(window).min(TURN_BYTES.min(most));
        if bytes == 0 {
            return None;
        }
        let (from, to) = (self.sent, self.sent + bytes);
        let is_all = to == self.bytes.len();
        put_head(out, bytes, DATA, if is_all { last } else { 0 }, stream);
        out.extend_from_slice(&self.bytes[from..to]);
        self.sent = to;
        self.window.take(bytes);
        connection.take(bytes);
        if is_all {
            self.bytes.clear();
            self.sent = 0;
        }
        Some((bytes, is_all))
    }
}

/// Streams that have something to send and a window for it, the first to send first.
#[derive(Debug, Default)]
pub(crate) struct Queue(VecDeque<u32>);

impl Queue {
    /// Lets a stream send, if it has something to send and its window allows some of it.
    #[inline]
    pub(crate) fn add(&mut self, stream: &mut impl Sends) {
        let id = stream.id();
        let outgoing = stream.outgoing();
        if !outgoing.queued && outgoing.unsent() > 0 && outgoing.window.left() > 0 {
            outgoing.queued = true;
            self.0.push_back(id);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next one, which is not in it any more. Its stream may be over.
    pub(crate) fn next<'s, S: Sends>(&mut self, streams: &'s mut Slots<S>) -> Option<&'s mut S> {
        let stream = streams.get(self.0.pop_front()?)?;
        stream.outgoing().queued = false;
        Some(stream)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Takes in the payload of SETTINGS. The windows of all streams change with the one that streams begin with
/// (RFC 9113, 6.9.2), and those may send then that had to wait for it.
///
/// Streams are walked once for the largest window, which each size is held against, and once for the last size: not for
/// each of the thousands that a frame may have.
pub(crate) fn take_settings<S: Sends>(
    peer: &mut PeerSettings,
    payload: &[u8],
    streams: &mut Slots<S>,
    encoder: &mut Encoder,
    queue: &mut Queue,
) -> Result<(), Ending> {
    let before = i64::from(peer.initial_window);
    let mut largest = None;
    peer.take(payload, |now| {
        encoder.resize(now.header_table);
        let change = i64::from(now.initial_window) - before;
        if change == 0 {
            return Ok(());
        }
        let windows = || streams.all().map(|stream| stream.outgoing().window).max();
        // Below zero is allowed.
        if largest
            .get_or_insert_with(windows)
            .is_some_and(|mut window| !window.change(change))
        {
            return Err(Ending::new(
                ErrorCode::FLOW_CONTROL_ERROR,
                "SETTINGS_INITIAL_WINDOW_SIZE makes a window larger than 2^31-1",
            ));
        }
        Ok(())
    })?;
    let change = i64::from(peer.initial_window) - before;
    if change == 0 {
        return Ok(());
    }
    for stream in streams.all() {
        stream.outgoing().window.change(change);
        if change > 0 {
            queue.add(stream);
        }
    }
    Ok(())
}
