//! HEADERS and CONTINUATION: the fields of responses.

use std::ops::Range;

use crate::client::heard::{Heard, Response};
use crate::client::protocol::ResponseVocabulary;
use crate::client::{Block, Client};
use crate::error::{Ending, ErrorCode};
use crate::frame::{FrameHead, END_HEADERS, END_STREAM, HAS_PRIORITY, HEADERS, HEAD_BYTES, PADDED};
use crate::hpack::decoder::Fault;
use crate::hpack::field::Head;

/// Frames that a block of fields may have.
const BLOCK_FRAMES: u32 = 32;
/// Length of the priority in HEADERS.
const PRIORITY_BYTES: usize = 5;
/// Responses before the last one of a request (1xx).
const MAX_INTERIM: u32 = 32;

impl<W: ResponseVocabulary> Client<W> {
    #[inline]
    pub(super) fn headers(
        &mut self,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        self.check_begun(head.stream, "HEADERS on a stream that was not begun")?;
        let mut block = self.unpadded(head, payload)?;
        if head.has(HAS_PRIORITY) {
            if block.len() < PRIORITY_BYTES {
                return Err(Ending::size("HEADERS that are shorter than their priority"));
            }
            block.start += PRIORITY_BYTES;
        }
        let begun = Block {
            stream: head.stream,
            ends: head.has(END_STREAM),
            frames: 1,
        };
        if !head.has(END_HEADERS) {
            self.fragments.clear();
            self.fragments.extend_from_slice(&self.input[block]);
            self.block = Some(begun);
            return Ok(());
        }
        let fields = self.decode(block)?;
        self.fields(begun, fields, heard)
    }

    pub(super) fn continuation(
        &mut self,
        mut block: Block,
        head: FrameHead,
        payload: Range<usize>,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        block.frames += 1;
        let length = self.fragments.len() + payload.len();
        let most = self.protocol.limits.header_bytes as usize;
        if block.frames > BLOCK_FRAMES || length > most {
            return Err(TOO_LONG);
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
            protocol.limits.header_bytes,
        );
        self.fragments = Vec::new();
        self.fields(block, fields.map_err(ending)?, heard)
    }

    /// What a block in the input says.
    #[inline]
    fn decode(&mut self, block: Range<usize>) -> Result<Head, Ending> {
        let protocol = &*self.protocol;
        let fields = self.decoder.decode(
            &self.input[block],
            &protocol.statics,
            &protocol.vocabulary,
            protocol.limits.header_bytes,
        );
        fields.map_err(ending)
    }

    /// A block of fields is whole.
    #[inline]
    fn fields(
        &mut self,
        block: Block,
        fields: Head,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), Ending> {
        let id = block.stream;
        let Some(stream) = self.streams.get(id) else {
            return self.on_closed(id);
        };
        if let Some(head) = stream.head {
            if !block.ends || !fields.is_trailers() {
                let fault = "fields behind a response that are no trailers";
                self.broken(id, Ending::protocol(fault), heard);
                return Ok(());
            }
            self.ended(id, head, Some(fields), None, heard);
            return Ok(());
        }
        if !fields.is_response() {
            let fault = "a response whose fields are malformed";
            self.broken(id, Ending::protocol(fault), heard);
            return Ok(());
        }
        if fields.status() < 200 {
            stream.interim += 1;
            if block.ends || stream.interim > MAX_INTERIM {
                let fault = "a response before the response that ends it, or one of too many";
                self.broken(id, Ending::protocol(fault), heard);
            }
            return Ok(());
        }
        stream.head = Some(fields);
        let request = stream.request();
        if stream.streams {
            heard(Heard::Opened(request, fields));
        }
        if block.ends {
            self.ended(id, fields, None, None, heard);
        }
        Ok(())
    }

    /// The trailers of a response, if they are whole and right behind its DATA. Their frame is then read.
    #[inline]
    pub(super) fn trailers_behind(&mut self, stream: u32) -> Result<Option<Head>, Ending> {
        let bytes = &self.input[self.at..self.filled];
        let Some(head) = FrameHead::read(bytes) else {
            return Ok(None);
        };
        const WHOLE: u8 = END_STREAM | END_HEADERS;
        const ALL: u8 = WHOLE | PADDED | HAS_PRIORITY;
        let most = self.protocol.limits.frame_bytes as usize;
        let is_whole = head.kind == HEADERS
            && head.stream == stream
            && head.flags & ALL == WHOLE
            && head.length <= most
            && bytes.len() >= HEAD_BYTES + head.length;
        if !is_whole {
            return Ok(None);
        }
        let block = self.at + HEAD_BYTES..self.at + HEAD_BYTES + head.length;
        self.at = block.end;
        self.decode(block).map(Some)
    }

    /// A response is whole, whose trailers are these, or which has none. Its body is `body` of the input, or was
    /// gathered.
    #[inline]
    pub(super) fn ended(
        &mut self,
        id: u32,
        head: Head,
        trailers: Option<Head>,
        body: Option<Range<usize>>,
        heard: &mut impl FnMut(Heard<'_>),
    ) {
        let Some(stream) = self.streams.get(id) else {
            return;
        };
        if !stream.is_as_said() {
            let fault = "a body that is not as long as content-length says";
            return self.broken(id, Ending::protocol(fault), heard);
        }
        let request = stream.request();
        let is_alone = trailers.is_none() && stream.received == 0;
        let last = trailers.unwrap_or(if is_alone { head } else { Head::default() });
        let text = match last.has_text() {
            true => self.decoder.text(),
            false => &[],
        };
        if stream.streams {
            let trailers = trailers.or(is_alone.then_some(head));
            heard(Heard::Ended(request, trailers, text));
        } else {
            heard(Heard::Whole(Response {
                request,
                head,
                body: match body {
                    Some(body) => &self.input[body],
                    None => &stream.body,
                },
                trailers: last,
                text,
            }));
        }
        if stream.closed {
            self.over(id);
        } else {
            // The server does not want the rest of the request.
            self.reset(id, ErrorCode::CANCEL);
        }
    }
}

const TOO_LONG: Ending = Ending::new(
    ErrorCode::ENHANCE_YOUR_CALM,
    "a block of fields in too many frames, or longer than SETTINGS_MAX_HEADER_LIST_SIZE",
);

fn ending(fault: Fault) -> Ending {
    match fault {
        Fault::Wrong(reason) => Ending::new(ErrorCode::COMPRESSION_ERROR, reason),
        Fault::TooLarge => TOO_LONG,
    }
}
