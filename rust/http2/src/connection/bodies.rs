//! DATA: bodies of requests.

use std::ops::Range;

use crate::call::{BodyAt, Event};
use crate::connection::Connection;
use crate::error::{Ending, ErrorCode};
use crate::frame::{FrameHead, END_STREAM};
use crate::hpack::field::Vocabulary;
use crate::state::Mark;
use crate::streams::KEPT_BUFFER;

/// Bodies that come in pieces have room for so many bytes, or a multiple.
const BODY_ROOM: usize = 4096;

impl<V: Vocabulary> Connection<V> {
    pub(super) fn data(&mut self, head: FrameHead, payload: Range<usize>) -> Result<(), Ending> {
        if head.stream == 0 {
            return Err(Ending::protocol("DATA on the connection"));
        }
        let body = self.unpadded(head, payload)?;
        self.state.take(head.length)?;
        let held = self.body(head, body)?;
        self.state.give_back(head.length - held);
        Ok(())
    }

    /// Takes a piece of a body in. Returns how much of it is held: that is given back when somebody takes it, so
    /// that the window of the connection bounds what is held.
    fn body(&mut self, head: FrameHead, body: Range<usize>) -> Result<usize, Ending> {
        let id = head.stream;
        let ends = head.has(END_STREAM);
        if body.is_empty() && !ends {
            self.state.flood.control()?;
        }
        if self.state.crossed(id) {
            return Ok(0);
        }
        let held = self.state.held + body.len();
        let most = self.state.limits.held_bytes;
        let window = self.state.limits.stream_window as usize;
        if self.state.streams.look(id).is_none() {
            self.enter_call(id);
        }
        let Some(stream) = self.state.streams.get(id) else {
            return self.on_closed(id).map(|()| 0);
        };
        if stream.remote_closed {
            return self.broken(id, ErrorCode::STREAM_CLOSED).map(|()| 0);
        }
        if !stream.receive.take(head.length) {
            return self.broken(id, ErrorCode::FLOW_CONTROL_ERROR).map(|()| 0);
        }
        stream.received += body.len() as u64;
        let said = stream.head.content_length();
        if said.is_some_and(|said| stream.received > said) {
            return self.broken(id, ErrorCode::PROTOCOL_ERROR).map(|()| 0);
        }
        if ends && !stream.streams && stream.body.is_empty() {
            // Where it came, it can stay.
            stream.remote_closed = true;
            stream.handed_out = true;
            if said.is_some_and(|said| said != stream.received) {
                return self.broken(id, ErrorCode::PROTOCOL_ERROR).map(|()| 0);
            }
            let head = stream.head;
            self.push(id, head, BodyAt::input(&body), Mark::Entered);
            return Ok(0);
        }
        // What makes a body whole leaves with it.
        let stays = !ends || stream.streams;
        if stays && !stream.permitted && held > most {
            self.state.flood.control()?;
            self.state.reset(id, ErrorCode::REFUSED_STREAM);
            return Ok(0);
        }
        let padding = head.length - body.len();
        let bytes = body.len();
        // Not room for twice as much: thousands of bodies may be here that do not end.
        let before = stream.body.len();
        if stream.body.capacity() - before < bytes {
            let room = (before + bytes.max(before / 4)).next_multiple_of(BODY_ROOM);
            stream.body.reserve_exact(room - before);
        }
        stream.body.extend_from_slice(&self.input[body]);
        let (permitted, streams) = (stream.permitted, stream.streams);
        if !permitted {
            self.state.held = held;
        }
        if padding > 0 {
            self.give_back(id, padding, ends);
        }
        if streams && bytes > 0 {
            self.tell(id);
        }
        let counted = if permitted { 0 } else { bytes };
        if ends {
            self.request_ended(id)?;
            return Ok(counted);
        }
        let left = self.stream(id).map_or(0, |stream| stream.receive.left());
        if !streams && left < (window / 2) as i64 {
            self.tell_large(id);
        }
        Ok(counted)
    }

    /// The padding of a body is nothing that anybody takes.
    #[cold]
    fn give_back(&mut self, id: u32, bytes: usize, ends: bool) {
        let Some(stream) = self.state.streams.get(id) else {
            return;
        };
        if let Some(more) = stream.receive.give_back(bytes).filter(|_| !ends) {
            crate::frame::put_window_update(&mut self.state.out, id, more);
        }
    }

    /// Says that there is more of a body, once in a turn.
    pub(super) fn tell(&mut self, id: u32) {
        let turn = Some(self.state.turn);
        if let Some(stream) = self.state.streams.get(id) {
            if std::mem::replace(&mut stream.told, turn) != turn {
                self.events.push(Event::Data(id));
            }
        }
    }

    fn tell_large(&mut self, id: u32) {
        if let Some(stream) = self.state.streams.get(id) {
            if !std::mem::replace(&mut stream.large, true) {
                self.events.push(Event::Large(id));
            }
        }
    }

    /// A request came to its end, in pieces or by trailers.
    pub(super) fn request_ended(&mut self, id: u32) -> Result<(), Ending> {
        let Some(stream) = self.state.streams.get(id) else {
            return Ok(());
        };
        stream.remote_closed = true;
        let said = stream.head.content_length();
        if said.is_some_and(|said| said != stream.received) {
            return self.broken(id, ErrorCode::PROTOCOL_ERROR);
        }
        if stream.streams {
            self.events.push(Event::Ended(id));
            return Ok(());
        }
        stream.handed_out = true;
        let head = stream.head;
        let bytes = stream.body.len();
        let held = if stream.permitted { 0 } else { bytes };
        let at = if bytes <= KEPT_BUFFER {
            let at = self.gathered.len() as u32;
            self.gathered.extend_from_slice(&stream.body);
            stream.body.clear();
            BodyAt::Gathered {
                at,
                length: bytes as u32,
            }
        } else {
            self.large.push(std::mem::take(&mut stream.body));
            BodyAt::Large(self.large.len() as u32 - 1)
        };
        self.state.release(held);
        self.push(id, head, at, Mark::Entered);
        Ok(())
    }
}
