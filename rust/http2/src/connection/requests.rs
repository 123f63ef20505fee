//! HEADERS and CONTINUATION: requests, and what becomes of their streams.

use std::ops::Range;

use crate::call::{Bodies, BodyAt, Call, Event};
use crate::connection::{Block, Connection};
use crate::error::{Ending, ErrorCode};
use crate::frame::{
    number, unpadded, FrameHead, DATA, END_HEADERS, END_STREAM, HAS_PRIORITY, HEAD_BYTES, MAX_31,
    PADDED,
};
use crate::hpack::decoder::Fault;
use crate::hpack::encoder::Field;
use crate::hpack::field::Head;
use crate::hpack::field::{Exceeded, Vocabulary, Wanted};
use crate::ids::Fate;
use crate::protocol::{Limits, Protocol};
use crate::state::Mark;

/// Frames that a block of fields may have.
const BLOCK_FRAMES: u32 = 32;
/// A block may be so many times as long as its fields, and no call may have fields of that many times the
/// limit: the connection ends.
const FAR_TOO_LARGE: u32 = 4;
/// Length of the priority in HEADERS.
const PRIORITY_BYTES: usize = 5;
/// The answer to a request whose fields are too large (RFC 6585, 5).
const FIELDS_TOO_LARGE: u16 = 431;

/// Calls whose bodies are waited for; more are handed out as they are. Nobody counts the memory of those that wait.
const MAX_UNSURE: usize = 32;

/// A call that was not handed out has no place among those of its turn.
const NO_NUMBER: u32 = u32::MAX;

impl<V: Vocabulary> Connection<V> {
    /// Takes the padding off a payload (RFC 9113, 6.1).
    pub(super) fn unpadded(
        &self,
        head: FrameHead,
        payload: Range<usize>,
    ) -> Result<Range<usize>, Ending> {
        let within = unpadded(head, &self.input[payload.clone()])?;
        Ok(payload.start + within.start..payload.start + within.end)
    }

    #[inline]
    pub(super) fn headers(&mut self, head: FrameHead, payload: Range<usize>) -> Result<(), Ending> {
        if head.stream.is_multiple_of(2) {
            return Err(Ending::protocol(
                "HEADERS on a stream that no client begins",
            ));
        }
        let mut block = self.unpadded(head, payload)?;
        let mut depends_on_itself = false;
        if head.has(HAS_PRIORITY) {
            if block.len() < PRIORITY_BYTES {
                return Err(Ending::size("HEADERS that are shorter than their priority"));
            }
            let on = number(&self.input[block.clone()]) & MAX_31;
            depends_on_itself = on == head.stream;
            block.start += PRIORITY_BYTES;
        }
        let begun = Block {
            stream: head.stream,
            ends: head.has(END_STREAM),
            depends_on_itself,
            frames: 1,
        };
        if !head.has(END_HEADERS) {
            self.fragments.clear();
            self.fragments.extend_from_slice(&self.input[block]);
            self.block = Some(begun);
            return Ok(());
        }
        let protocol = &*self.protocol;
        let most = FAR_TOO_LARGE * protocol.limits.header_bytes;
        let fields = self.decoder.decode(
            &self.input[block],
            &protocol.statics,
            &protocol.vocabulary,
            most,
        );
        let fields = fields.map_err(|fault| ending(protocol, fault))?;
        if fields.has_text() {
            let fields = self.keep_path(fields);
            return self.fields(begun, fields);
        }
        self.fields(begun, fields)
    }

    /// Keeps the text of a path until the end of the turn.
    #[cold]
    fn keep_path(&mut self, mut fields: Head) -> Head {
        let path = self.decoder.text();
        let begin = self.paths.len();
        self.paths.extend_from_slice(path);
        fields.put_text(begin..begin + path.len());
        fields
    }

    pub(super) fn continuation(
        &mut self,
        mut block: Block,
        head: FrameHead,
        payload: Range<usize>,
    ) -> Result<(), Ending> {
        block.frames += 1;
        let most = FAR_TOO_LARGE * self.protocol.limits.header_bytes;
        let length = self.fragments.len() + payload.len();
        if block.frames > BLOCK_FRAMES || length > most as usize {
            self.protocol.vocabulary.refused(Exceeded::HeaderBytes);
            return Err(Ending::new(
                ErrorCode::ENHANCE_YOUR_CALM,
                "a block of fields in too many frames, or too long",
            ));
        }
        self.fragments.extend_from_slice(&self.input[payload]);
        if !head.has(END_HEADERS) {
            self.block = Some(block);
            return Ok(());
        }
        self.block = None;
        let protocol = &*self.protocol;
        let fields = self.decoder.decode(
            &self.fragments,
            &protocol.statics,
            &protocol.vocabulary,
            most,
        );
        self.fragments = Vec::new();
        let mut fields = fields.map_err(|fault| ending(protocol, fault))?;
        if fields.has_text() {
            fields = self.keep_path(fields);
        }
        self.fields(block, fields)
    }

    /// A block of fields is whole.
    #[inline]
    fn fields(&mut self, block: Block, fields: Head) -> Result<(), Ending> {
        if self.state.crossed(block.stream) {
            self.state.count_late(block.stream);
            return Ok(());
        }
        if block.stream <= self.state.ids.last() {
            return self.further_fields(block, fields);
        }
        self.state.flood.call();
        self.state.begin(block.stream);
        let stream = block.stream;
        if self.state.open() + self.calls.len() >= self.state.limits.streams as usize {
            // What was not begun may come again: no fault of the client's, until it read SETTINGS.
            self.protocol.vocabulary.refused(Exceeded::Streams);
            self.state.flood.control()?;
            self.state.reset(stream, ErrorCode::REFUSED_STREAM);
            return Ok(());
        }
        if fields.size() > self.state.limits.header_bytes {
            return self.too_large(stream, block.ends);
        }
        if !fields.is_request() || block.depends_on_itself {
            return self.broken(stream, ErrorCode::PROTOCOL_ERROR);
        }
        if block.ends {
            if fields.content_length().unwrap_or(0) != 0 {
                return self.broken(stream, ErrorCode::PROTOCOL_ERROR);
            }
            if self.protocol.vocabulary.wanted(&fields) != Wanted::AsItComes {
                self.push(stream, fields, BodyAt::NOTHING, Mark::Direct);
                return Ok(());
            }
        } else if let Some(body) = self.body_behind(stream, &fields)? {
            self.push(stream, fields, BodyAt::input(&body), Mark::Direct);
            return Ok(());
        }
        self.open_stream(stream, fields, block.ends);
        Ok(())
    }

    /// The body of a call, if all of it is in the next frame, and is wanted whole. The frame is then read.
    #[inline]
    fn body_behind(&mut self, stream: u32, fields: &Head) -> Result<Option<Range<usize>>, Ending> {
        let bytes = &self.input[self.at..self.filled];
        let Some(head) = FrameHead::read(bytes) else {
            return Ok(None);
        };
        let whole = head.kind == DATA
            && head.stream == stream
            && head.flags & (END_STREAM | PADDED) == END_STREAM
            && bytes.len() >= HEAD_BYTES + head.length
            && head.length <= self.state.limits.stream_window as usize
            && head.length <= self.state.limits.frame_bytes as usize;
        let length = head.length as u64;
        let as_said = fields.content_length().is_none_or(|said| said == length);
        let streams = || self.protocol.vocabulary.wanted(fields) == Wanted::AsItComes;
        if !whole || !as_said || streams() {
            return Ok(None);
        }
        let body = self.at + HEAD_BYTES..self.at + HEAD_BYTES + head.length;
        self.at = body.end;
        self.state.receive(head.length)?;
        Ok(Some(body))
    }

    #[inline]
    pub(super) fn push(&mut self, stream: u32, head: Head, body: BodyAt, mark: Mark) {
        let bytes = match body {
            BodyAt::Input { length, .. } | BodyAt::Gathered { length, .. } => length as usize,
            BodyAt::Large(number) => self.large.get(number as usize).map_or(0, Vec::len),
        };
        self.bodies += bytes.saturating_sub(Limits::SMALL_BODY);
        let call = Call {
            stream,
            head,
            body,
            number: self.calls.len() as u32,
            turn: self.state.turn,
        };
        let bodies = Bodies {
            input: &self.input,
            gathered: &self.gathered,
            large: &self.large,
            paths: &[],
        };
        let weight = self.protocol.vocabulary.weight(&head, bodies.of(&call));
        self.weight += weight.max(1);
        self.calls.push(call);
        self.state.marks.push(mark);
    }

    fn open_stream(&mut self, id: u32, head: Head, ends: bool) {
        let (send, receive) = (
            self.state.peer.initial_window,
            self.state.limits.stream_window,
        );
        let stream = self.state.streams.insert(id, send, receive);
        let wanted = self.protocol.vocabulary.wanted(&head);
        stream.head = match wanted {
            Wanted::Whole | Wanted::Soon => head.without_text(),
            Wanted::Now | Wanted::AsItComes => head,
        };
        match wanted {
            Wanted::Whole => {}
            Wanted::Soon => {
                self.unsure.push(id);
                self.late |= self.unsure.len() >= MAX_UNSURE;
            }
            Wanted::Now | Wanted::AsItComes => {
                stream.remote_closed = ends;
                self.hand_out(id);
                if ends {
                    self.events.push(Event::Ended(id));
                }
            }
        }
    }

    /// Hands a call out whose body comes in pieces.
    pub(super) fn hand_out(&mut self, id: u32) {
        let Some(stream) = self.state.streams.get(id) else {
            return;
        };
        stream.streams = true;
        stream.handed_out = true;
        self.events.push(Event::Opened(Call {
            stream: id,
            head: stream.head,
            body: BodyAt::NOTHING,
            number: NO_NUMBER,
            turn: self.state.turn,
        }));
    }

    /// Hands out the calls whose bodies did not come soon.
    #[cold]
    pub(super) fn open_unsure(&mut self) {
        let mut unsure = std::mem::take(&mut self.unsure);
        for id in unsure.drain(..) {
            let Some(stream) = self.state.streams.look(id).filter(|at| !at.handed_out) else {
                continue;
            };
            let has_some = !stream.body.is_empty();
            self.hand_out(id);
            if has_some {
                self.tell(id);
            }
        }
        self.unsure = unsure;
    }

    /// Refuses a call for the size of its fields.
    #[cold]
    fn too_large(&mut self, stream: u32, ends: bool) -> Result<(), Ending> {
        self.protocol.vocabulary.refused(Exceeded::HeaderBytes);
        self.state.flood.reset()?;
        let fields = [Field::Status(FIELDS_TOO_LARGE)];
        self.state
            .block(stream, END_STREAM, &fields, &self.protocol.taught);
        if !ends {
            self.state.reset(stream, ErrorCode::NO_ERROR);
        }
        Ok(())
    }

    /// Fields of a stream that was begun: trailers, or what may not be.
    #[cold]
    fn further_fields(&mut self, block: Block, fields: Head) -> Result<(), Ending> {
        let id = block.stream;
        let Some(stream) = self.stream(id) else {
            return self.on_closed(id);
        };
        if stream.remote_closed {
            return self.broken(id, ErrorCode::STREAM_CLOSED);
        }
        let large = fields.size() > self.protocol.limits.header_bytes;
        if large {
            self.protocol.vocabulary.refused(Exceeded::HeaderBytes);
        }
        if !block.ends || !fields.is_trailers() || large || block.depends_on_itself {
            return self.broken(id, ErrorCode::PROTOCOL_ERROR);
        }
        self.request_ended(id)
    }

    /// A stream that is open; a call of this turn that was not entered is now.
    pub(super) fn stream(&mut self, id: u32) -> Option<&mut crate::streams::Stream> {
        if self.state.streams.look(id).is_none() {
            self.enter_call(id);
        }
        self.state.streams.get(id)
    }

    /// Enters a call of this turn, if `id` is one that was not.
    pub(super) fn enter_call(&mut self, id: u32) {
        let number = self.calls.iter().rposition(|call| call.stream == id);
        if let Some(number) = number {
            if self.state.marks.get(number) == Some(&Mark::Direct) {
                self.state.enter(id, number);
            }
        }
    }

    /// A frame of a message came on a stream that is not open.
    pub(super) fn on_closed(&mut self, id: u32) -> Result<(), Ending> {
        match self.state.ids.fate(id) {
            Fate::Idle => Err(Ending::protocol("DATA on an idle stream")),
            Fate::Skipped => Err(Ending::protocol("a stream below one that was begun")),
            Fate::Begun => Err(Ending::new(
                ErrorCode::STREAM_CLOSED,
                "a frame behind the end of its stream",
            )),
            Fate::ResetByPeer => self.broken(id, ErrorCode::STREAM_CLOSED),
            // Was on its way.
            Fate::ResetByUs | Fate::Forgotten => self.state.flood.control(),
        }
    }

    /// Ends a stream for what its client did.
    #[cold]
    pub(super) fn broken(&mut self, id: u32, code: ErrorCode) -> Result<(), Ending> {
        self.state.flood.reset()?;
        self.forget(id, code);
        self.state.reset(id, code);
        Ok(())
    }

    pub(super) fn reset_by_peer(&mut self, id: u32, code: ErrorCode) {
        self.forget(id, code);
        self.state.ids.reset_by_peer(id);
        self.state.close(id);
    }

    /// Takes a call out of those of this turn, and says that it is over if it was handed out.
    fn forget(&mut self, id: u32, code: ErrorCode) {
        let number = self.calls.iter().rposition(|call| call.stream == id);
        if let Some(mark) = number.and_then(|number| self.state.marks.get_mut(number)) {
            *mark = Mark::Over;
        }
        let handed_out = self
            .state
            .streams
            .look(id)
            .is_some_and(|stream| stream.handed_out);
        if number.is_some() || handed_out {
            self.events.push(Event::Reset(id, code));
        }
    }
}

#[cold]
fn ending<V: Vocabulary>(protocol: &Protocol<V>, fault: Fault) -> Ending {
    match fault {
        Fault::Wrong(reason) => Ending::new(ErrorCode::COMPRESSION_ERROR, reason),
        Fault::TooLarge => {
            protocol.vocabulary.refused(Exceeded::HeaderBytes);
            Ending::new(
                ErrorCode::ENHANCE_YOUR_CALM,
                "fields of more than four times SETTINGS_MAX_HEADER_LIST_SIZE",
            )
        }
    }
}
