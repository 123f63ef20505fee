//! Frames of the connection, and those of a stream that carry no message.

use crate::error::{Ending, ErrorCode};
use crate::frame::{self, number, put_head, FrameHead, ACK, MAX_31, SETTINGS};
use crate::ids::Fate;
use crate::outgoing::take_settings;
use crate::state::{Mark, State};

/// What is left to do behind a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    Pong([u8; 8]),
    GoAwayHeard,
    /// The peer reset this stream.
    Reset(u32, ErrorCode),
    /// This one breaks a rule.
    Broken(u32, ErrorCode),
}

impl State {
    pub(crate) fn settings(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Ending> {
        if head.stream != 0 {
            return Err(Ending::protocol("SETTINGS on a stream"));
        }
        self.flood.acknowledges()?;
        if head.has(ACK) {
            if !payload.is_empty() {
                return Err(Ending::size(
                    "an acknowledgement of SETTINGS with a payload",
                ));
            }
            return Ok(());
        }
        let State {
            peer,
            streams,
            encoder,
            queue,
            ..
        } = self;
        take_settings(peer, payload, streams, encoder, queue)?;
        put_head(&mut self.out, 0, SETTINGS, ACK, 0);
        Ok(())
    }

    pub(crate) fn ping(&mut self, head: FrameHead, payload: &[u8]) -> Result<Then, Ending> {
        let payload = frame::ping(head, payload)?;
        self.flood.acknowledges()?;
        if !head.has(ACK) {
            self.pong(payload);
            return Ok(Then::Nothing);
        }
        if self.hears(payload) {
            return Ok(Then::GoAwayHeard);
        }
        Ok(Then::Pong(payload))
    }

    pub(crate) fn goaway(&mut self, head: FrameHead, payload: &[u8]) -> Result<(), Ending> {
        frame::goaway(head, payload)?;
        self.flood.control()?;
        self.peer_leaves = true;
        Ok(())
    }

    pub(crate) fn priority(&mut self, head: FrameHead, payload: &[u8]) -> Result<Then, Ending> {
        if head.stream == 0 {
            return Err(Ending::protocol("PRIORITY on the connection"));
        }
        self.flood.control()?;
        let code = if payload.len() != 5 {
            ErrorCode::FRAME_SIZE_ERROR
        } else if number(payload) & MAX_31 == head.stream {
            ErrorCode::PROTOCOL_ERROR
        } else {
            return Ok(Then::Nothing);
        };
        match self.ids.fate(head.stream) {
            // RST_STREAM may not be sent on it.
            Fate::Idle => Err(Ending::new(
                code,
                "a PRIORITY that is wrong, on an idle stream",
            )),
            fate if fate == Fate::Begun || self.streams.look(head.stream).is_some() => {
                Ok(Then::Broken(head.stream, code))
            }
            _ => Ok(Then::Nothing),
        }
    }

    pub(crate) fn window_update(
        &mut self,
        head: FrameHead,
        payload: &[u8],
        number_of: impl FnOnce(u32) -> Option<usize>,
    ) -> Result<Then, Ending> {
        if payload.len() != 4 {
            return Err(Ending::size("WINDOW_UPDATE that has not 4 bytes"));
        }
        self.flood.acknowledges()?;
        let more = number(payload) & MAX_31;
        if head.stream == 0 {
            if more == 0 {
                return Err(Ending::protocol("WINDOW_UPDATE of nothing"));
            }
            if !self.send.change(i64::from(more)) {
                return Err(Ending::new(
                    ErrorCode::FLOW_CONTROL_ERROR,
                    "WINDOW_UPDATE makes the connection's window larger than 2^31-1",
                ));
            }
            return Ok(Then::Nothing);
        }
        if self.crossed(head.stream) {
            return Ok(Then::Nothing);
        }
        if self.ids.fate(head.stream) == Fate::Idle {
            return Err(Ending::protocol("WINDOW_UPDATE on an idle stream"));
        }
        if let Some(number) = number_of(head.stream) {
            // Of a call of this turn, whose answer is still to come.
            if self.marks.get(number) == Some(&Mark::Direct) {
                self.enter(head.stream, number);
            }
        }
        let Some(stream) = self.streams.get(head.stream) else {
            return Ok(Then::Nothing);
        };
        if more == 0 {
            return Ok(Then::Broken(head.stream, ErrorCode::PROTOCOL_ERROR));
        }
        if !stream.outgoing.window.change(i64::from(more)) {
            return Ok(Then::Broken(head.stream, ErrorCode::FLOW_CONTROL_ERROR));
        }
        self.queue_if_ready(head.stream);
        Ok(Then::Nothing)
    }

    pub(crate) fn rst_stream(&mut self, head: FrameHead, payload: &[u8]) -> Result<Then, Ending> {
        if payload.len() != 4 {
            return Err(Ending::size("RST_STREAM that has not 4 bytes"));
        }
        if head.stream == 0 {
            return Err(Ending::protocol("RST_STREAM on the connection"));
        }
        if self.crossed(head.stream) {
            self.flood.reset()?;
            return Ok(Then::Nothing);
        }
        let code = ErrorCode(number(payload));
        // One that is open may be older than what is remembered of others.
        let open = self.streams.look(head.stream).is_some();
        match self.ids.fate(head.stream) {
            Fate::Idle => Err(Ending::protocol("RST_STREAM on an idle stream")),
            fate if open || fate == Fate::Begun => {
                self.flood.reset()?;
                Ok(Then::Reset(head.stream, code))
            }
            // Netty answers each DATA that was on its way with one when it has cancelled a call.
            _ => {
                self.flood.acknowledges()?;
                Ok(Then::Nothing)
            }
        }
    }
}
