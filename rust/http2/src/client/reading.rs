//! What comes from the server, frame by frame (RFC 9113, 6).

use std::ops::Range;

use crate::client::heard::Heard;
use crate::client::protocol::ResponseVocabulary;
use crate::client::Client;
use crate::error::{Ending, ErrorCode};
use crate::frame::{
    self, number, put_head, put_ping, put_window_update, unpadded, FrameHead, ACK, CONTINUATION,
    DATA, END_STREAM, GOAWAY, HEADERS, HEAD_BYTES, MAX_31, PING, PRIORITY, PUSH_PROMISE,
    RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use crate::ids::Fate;
use crate::outgoing::take_settings;

impl<W: ResponseVocabulary> Client<W> {
    /// Reads the next frame, which is here, or is longer than it may be.
    #[inline]
    pub(super) fn read_frame(&mut self, heard: &mut impl FnMut(Heard<'_>)) -> Result<(), Ending> {
        let Some(head) = FrameHead::read(&self.input[self.at..self.filled]) else {
            return Ok(());
        };
        if head.length > self.protocol.limits.frame_bytes as usize {
            return Err(Ending::size("a frame above SETTINGS_MAX_FRAME_SIZE"));
        }
        let payload = self.at + HEAD_BYTES..self.at + HEAD_BYTES + head.length;
        self.at = payload.end;
        if !self.begun {
            if head.kind != SETTINGS || head.has(ACK) {
                return Err(Ending::protocol("the first frame is not SETTINGS"));
            }
            self.begun = true;
        }
        if let Some(block) = self.block {
            if head.kind != CONTINUATION || head.stream != block.stream {
                return Err(Ending::protocol(
                    "a frame in the midst of a block of fields",
                ));
            }
            return self.continuation(block, head, payload, heard);
        }
        match head.kind {
            DATA => self.data(head, payload, heard),
            HEADERS => self.headers(head, payload, heard),
            RST_STREAM => self.rst_stream(head, payload, heard),
            SETTINGS => self.settings(head, payload),
            PING => self.pinged(head, payload, heard),
            GOAWAY => self.goaway(head, payload, heard),
            WINDOW_UPDATE => self.window_update(head, payload, heard),
            PRIORITY if head.stream == 0 => Err(Ending::protocol("PRIORITY on the connection")),
            PUSH_PROMISE => Err(Ending::protocol("PUSH_PROMISE, which is switched off")),
            CONTINUATION => Err(Ending::protocol("CONTINUATION without HEADERS")),
            // PRIORITY means nothing to a client; others are of an extension that is not known (RFC 9113, 5.5).
            _ => Ok(()),
        }
    }

    /// An error if the client did not begin this stream.
    pub(super) fn check_begun(&self, stream: u32, reason: &'static str) -> Result<(), Ending> {
        let is_ours = stream % 2 == 1 && self.ids.fate(stream) != Fate::Idle;
        is_ours.then_some(()).ok_or(Ending::protocol(reason))
    }

    /// A frame of a response came on a stream that is over: of one that this side gave up it was under way.
    #[cold]
    pub(super) fn on_closed(&self, stream: u32) -> Result<(), Ending> {
        match self.ids.fate(stream) {
            Fate::Begun | Fate::ResetByPeer => Err(Ending::new(
                ErrorCode::STREAM_CLOSED,
                "a frame of a response behind its end",
            )),
            _ => Ok(()),
        }
    }

    /// Takes the padding off a payload (RFC 9113, 6.1).
    pub(super) fn unpadded(
        &self,
        head: FrameHead,
        payload: Range<usize>,
    ) -> Result<Range<usize>, Ending> {
        let within = unpadded(head, &self.input[payload.clone()])?;
        Ok(payload.start + within.start..payload.start + within.end)
    }

    /// Gives a request up whose response breaks a rule.
    #[cold]
    pub(super) fn broken(&mut self, id: u32, fault: Ending, heard: &mut impl FnMut(Heard<'_>)) {
        if let Some(stream) = self.streams.look(id) {
            heard(Heard::Broken(stream.request(), fault));
            self.reset(id, fault.code);
        }
    }

    fn data(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        let id = head.stream;
        self.check_begun(id, "DATA on a stream that was not begun")?;
        let body = self.unpadded(head, payload)?;
        if !self.receive.take(head.length) {
            return Err(Ending::new(
                ErrorCode::FLOW_CONTROL_ERROR,
                "DATA above the connection's window",
            ));
        }
        let Some(stream) = self.streams.get(id) else {
            self.give_back(head.length);
            return self.on_closed(id);
        };
        stream.received += body.len() as u64;
        let most = self.protocol.limits.body_bytes as u64;
        let fault = match stream.head {
            _ if !stream.receive.take(head.length) => Some(Ending::new(
                ErrorCode::FLOW_CONTROL_ERROR,
                "DATA above the stream's window",
            )),
            None => Some(Ending::protocol("a body before its response")),
            Some(_) if stream.bodiless && !body.is_empty() => {
                Some(Ending::protocol("a response to HEAD with a body"))
            }
            Some(_) if !stream.streams && stream.received > most => Some(Ending::new(
                ErrorCode::CANCEL,
                "a body that is larger than this client takes",
            )),
            Some(_) => None,
        };
        if let Some(fault) = fault {
            self.give_back(head.length);
            self.broken(id, fault, heard);
            return Ok(());
        }
        let ends = head.has(END_STREAM);
        let response = stream.head.unwrap_or_default();
        if stream.streams {
            let padding = head.length - body.len();
            stream.untaken += body.len();
            let request = stream.request();
            let more = stream.receive.give_back(padding).filter(|_| !ends);
            if !body.is_empty() {
                heard(Heard::Data(request, &self.input[body]));
            }
            if let Some(more) = more {
                put_window_update(&mut self.out, id, more);
            }
            self.give_back(padding);
            if ends {
                self.ended(id, response, None, None, heard);
            }
            return Ok(());
        }
        // A body that is whole and in one piece stays where it came.
        if stream.body.is_empty() && stream.received == body.len() as u64 {
            self.give_back(head.length);
            if ends {
                self.ended(id, response, None, Some(body), heard);
                return Ok(());
            }
            if let Some(trailers) = self.trailers_behind(id)? {
                if trailers.is_trailers() {
                    self.ended(id, response, Some(trailers), Some(body), heard);
                } else {
                    let fault = "fields behind a response that are no trailers";
                    self.broken(id, Ending::protocol(fault), heard);
                }
                return Ok(());
            }
            self.gather(id, body, head.length);
            return Ok(());
        }
        self.give_back(head.length);
        self.gather(id, body, if ends { 0 } else { head.length });
        if ends {
            self.ended(id, response, None, None, heard);
        }
        Ok(())
    }

    /// Keeps a piece of a body that is wanted whole, and gives its bytes back to the stream's window.
    fn gather(&mut self, id: u32, body: Range<usize>, back: usize) {
        let Some(stream) = self.streams.get(id) else {
            return;
        };
        stream.body.extend_from_slice(&self.input[body]);
        if let Some(more) = stream.receive.give_back(back) {
            put_window_update(&mut self.out, id, more);
        }
    }

    fn rst_stream(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        if payload.len() != 4 {
            return Err(Ending::size("RST_STREAM that has not 4 bytes"));
        }
        let id = head.stream;
        self.check_begun(id, "RST_STREAM on a stream that was not begun")?;
        let Some(stream) = self.streams.look(id) else {
            return Ok(());
        };
        let request = stream.request();
        let code = ErrorCode(number(&self.input[payload]));
        heard(match code {
            ErrorCode::REFUSED_STREAM => Heard::Refused(request),
            code => Heard::Reset(request, code),
        });
        self.ids.reset_by_peer(id);
        self.over(id);
        Ok(())
    }

    fn settings(&mut self, head: FrameHead, payload: Range<usize>) -> Result<(), Ending> {
        if head.stream != 0 {
            return Err(Ending::protocol("SETTINGS on a stream"));
        }
        if head.has(ACK) {
            return match payload.is_empty() {
                true => Ok(()),
                false => Err(Ending::size(
                    "an acknowledgement of SETTINGS with a payload",
                )),
            };
        }
        let Client {
            peer,
            encoder,
            streams,
            queue,
            input,
            ..
        } = self;
        take_settings(peer, &input[payload], streams, encoder, queue)?;
        put_head(&mut self.out, 0, SETTINGS, ACK, 0);
        Ok(())
    }

    fn pinged(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        let payload = frame::ping(head, &self.input[payload])?;
        if head.has(ACK) {
            heard(Heard::Pong(payload));
        } else {
            put_ping(&mut self.out, ACK, payload);
        }
        Ok(())
    }

    fn goaway(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        let (last, code, text) = frame::goaway(head, &self.input[payload])?;
        // A later one may name an earlier stream, and none a later one (RFC 9113, 6.8).
        if self.last.is_some_and(|before| last > before) {
            return Err(Ending::protocol("a GOAWAY that takes the last one back"));
        }
        self.last = Some(last);
        heard(Heard::Leaving(code, text));
        let above = |id: &u32| *id > last;
        let refused: Vec<u32> = self.streams.all().map(|at| at.id).filter(above).collect();
        for id in refused {
            if let Some(stream) = self.streams.look(id) {
                heard(Heard::Refused(stream.request()));
            }
            // The server says nothing more of it, and is told nothing.
            self.ids.reset_by_us(id);
            self.over(id);
        }
        Ok(())
    }

    fn window_update(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        if payload.len() != 4 {
            return Err(Ending::size("WINDOW_UPDATE that has not 4 bytes"));
        }
        const TOO_LARGE: &str = "WINDOW_UPDATE makes a window larger than 2^31-1";
        const NOTHING: &str = "WINDOW_UPDATE of nothing";
        let more = number(&self.input[payload]) & MAX_31;
        if head.stream == 0 {
            if more == 0 {
                return Err(Ending::protocol(NOTHING));
            }
            return match self.send.change(i64::from(more)) {
                true => Ok(()),
                false => Err(Ending::new(ErrorCode::FLOW_CONTROL_ERROR, TOO_LARGE)),
            };
        }
        self.check_begun(head.stream, "WINDOW_UPDATE on a stream that was not begun")?;
        let Some(stream) = self.streams.get(head.stream) else {
            return Ok(());
        };
        let fault = match more {
            0 => Some(Ending::protocol(NOTHING)),
            more if stream.outgoing.window.change(i64::from(more)) => None,
            _ => Some(Ending::new(ErrorCode::FLOW_CONTROL_ERROR, TOO_LARGE)),
        };
        match fault {
            Some(fault) => self.broken(head.stream, fault, heard),
            None => self.queue_if_ready(head.stream),
        }
        Ok(())
    }
}
