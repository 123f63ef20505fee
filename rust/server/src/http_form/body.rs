//! The body of a batch get, or of a request to compute, as the message that the same request is over gRPC.
//!
//! gRPC's prefix and the fields of `VeniceClientRequest`, or of `ReadComputeRequest`, are put in front of the body,
//! which is the last field and stays where it came. So a body is received, limited, timed and counted as any request
//! is. A prefix says how long its message is; a client that does not say how long its body is has it gathered first.

use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use venice_wire::message::LENGTH_DELIMITED;
use venice_wire::request::Request;
use venice_wire::varint::varint;

use crate::grpc::framing::FrameError;
use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::response::builder::ENVELOPE;

/// Bytes of a body of unknown length that are not counted beside its call.
const FREE_BYTES: usize = 1024;
/// Such a body gets room in steps of so many bytes at least.
const STEP: usize = 64 * 1024;
/// `keyBytes`, and `body` of `ReadComputeRequest`.
const KEY_BYTES: u8 = (3 << 3) | LENGTH_DELIMITED as u8;

/// Their tag, and their length as a varint of 64 bits.
const KEYS_HEAD: usize = 11;

/// The message of a single get, with gRPC's prefix.
pub(crate) fn single(request: &Request<'_>) -> Bytes {
    let mut message = vec![0; ENVELOPE];
    request.encode(&mut message);
    let length = (message.len() - ENVELOPE) as u32;
    message[1..ENVELOPE].copy_from_slice(&length.to_be_bytes());
    message.into()
}

/// The body of a request for many keys that becomes a message.
#[derive(Debug)]
pub(crate) struct Keys<B> {
    body: B,
    /// The fields of the message but for the keys.
    fields: Vec<u8>,
    state: State,
    /// Bytes that the body may have. Those that are put in front of it are the server's own, and count for nothing.
    limit: usize,
    account: Account,
}

#[derive(Debug)]
enum State {
    /// Nothing was handed out, and the body has so many bytes.
    Known(usize),
    /// The length is not known yet; what came, and what it is counted by.
    Gathers(BytesMut, Option<Charge>),
    /// The prefix is out.
    Begun,
    /// So is everything.
    Ended,
}

impl<B: Body<Data = Bytes> + Unpin> Keys<B> {
    /// The body of the message that has these fields, and no keys yet. `length` is what the client says that the body
    /// has; a body that is here says it itself.
    pub(crate) fn new(
        body: B,
        fields: Vec<u8>,
        length: Option<usize>,
        limit: usize,
        account: &Account,
    ) -> Keys<B> {
        let here = body.size_hint().exact().map(|bytes| bytes as usize);
        Keys {
            body,
            fields,
            state: match here.or(length) {
                Some(bytes) => State::Known(bytes),
                None => State::Gathers(BytesMut::new(), None),
            },
            limit,
            account: account.clone(),
        }
    }

    /// Bytes of the message beside its keys, at most.
    pub(crate) fn own_bytes(&self) -> u32 {
        // The fields are those of a head, which has a megabyte at most.
        u32::try_from(self.fields.len() + KEYS_HEAD).unwrap_or(u32::MAX)
    }

    fn too_large(&mut self, size: usize) -> FrameError {
        self.state = State::Ended;
        let limit = self.limit;
        FrameError::TooLarge { size, limit }
    }

    /// Prefix and fields in front of so many bytes of keys, with room for some of them.
    fn front(&self, keys: usize, room: usize) -> BytesMut {
        let mut head = Vec::with_capacity(KEYS_HEAD);
        head.push(KEY_BYTES);
        varint(&mut head, keys as u64);
        let message = (self.fields.len() + head.len()).saturating_add(keys);
        let mut front = BytesMut::with_capacity(ENVELOPE + self.fields.len() + head.len() + room);
        front.put_u8(0);
        // A prefix has no room for more than the limit of requests can be.
        front.put_u32(u32::try_from(message).unwrap_or(u32::MAX));
        front.extend_from_slice(&self.fields);
        front.extend_from_slice(&head);
        front
    }
}

impl<B> Body for Keys<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    type Data = Bytes;
    type Error = FrameError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, FrameError>>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Ended => return Poll::Ready(None),
                State::Known(length) => {
                    let length = *length;
                    if length > this.limit {
                        return Poll::Ready(Some(Err(this.too_large(length))));
                    }
                    this.state = State::Begun;
                    if this.body.is_end_stream() {
                        this.state = State::Ended;
                        let front = this.front(length, 0);
                        return Poll::Ready(Some(Ok(Frame::data(front.freeze()))));
                    }
                    // Most are here whole.
                    let front = match Pin::new(&mut this.body).poll_frame(context) {
                        Poll::Ready(Some(Ok(frame))) => {
                            let keys = frame.into_data().unwrap_or_default();
                            let mut front = this.front(length, keys.len());
                            front.extend_from_slice(&keys);
                            front
                        }
                        Poll::Ready(Some(Err(error))) => {
                            return Poll::Ready(Some(Err(error.into())));
                        }
                        Poll::Ready(None) => {
                            this.state = State::Ended;
                            this.front(length, 0)
                        }
                        Poll::Pending => this.front(length, 0),
                    };
                    return Poll::Ready(Some(Ok(Frame::data(front.freeze()))));
                }
                State::Begun => {
                    let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
                    return Poll::Ready(match frame {
                        Some(Ok(frame)) => {
                            Some(Ok(Frame::data(frame.into_data().unwrap_or_default())))
                        }
                        Some(Err(error)) => Some(Err(error.into())),
                        None => {
                            this.state = State::Ended;
                            None
                        }
                    });
                }
                State::Gathers(gathered, charge) => {
                    match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                        Some(Ok(frame)) => {
                            let data = frame.into_data().unwrap_or_default();
                            let bytes = gathered.len() + data.len();
                            if bytes > this.limit {
                                return Poll::Ready(Some(Err(this.too_large(bytes))));
                            }
                            if !has_room(&this.account, charge, bytes) {
                                return Poll::Ready(Some(Err(FrameError::NoRoom)));
                            }
                            gathered.extend_from_slice(&data);
                        }
                        Some(Err(error)) => {
                            return Poll::Ready(Some(Err(error.into())));
                        }
                        None => {
                            let gathered = std::mem::take(gathered);
                            let mut front = this.front(gathered.len(), gathered.len());
                            front.extend_from_slice(&gathered);
                            this.state = State::Ended;
                            return Poll::Ready(Some(Ok(Frame::data(front.freeze()))));
                        }
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Ended => true,
            State::Begun => self.body.is_end_stream(),
            State::Known(_) | State::Gathers(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Takes room for so many bytes in all. Nobody waits for it who has some already, so that none waits for the other.
fn has_room(account: &Account, charge: &mut Option<Charge>, bytes: usize) -> bool {
    if bytes <= FREE_BYTES {
        return true;
    }
    let charge = charge.get_or_insert_with(|| account.nothing());
    if bytes <= charge.bytes() {
        return true;
    }
    // A buffer grows to twice its size.
    charge.try_set(Purpose::Request, (2 * bytes).next_multiple_of(STEP))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::config::Config;
    use crate::grpc::frames::Frames;
    use crate::grpc::framing::receive;
    use crate::memory::client_memory::ClientMemory;
    use std::sync::Arc;

    fn request() -> Request<'static> {
        Request {
            resource_name: "store_v1".into(),
            is_batch: true,
            is_streaming: true,
            method: "GET",
            ..Request::default()
        }
    }

    fn fields() -> Vec<u8> {
        let mut fields = Vec::new();
        request().encode(&mut fields);
        fields
    }

    fn account() -> Account {
        Account::new(&Arc::new(ClientMemory::of(&Config::default())))
    }

    async fn received(
        pieces: &[&[u8]],
        length: Option<usize>,
        limit: usize,
    ) -> Result<Bytes, FrameError> {
        let account = account();
        let body = Keys::new(Frames::copied(pieces), fields(), length, limit, &account);
        let most = limit + body.own_bytes() as usize;
        receive(body, most, &account, &AtomicBool::new(false)).await
    }

    #[tokio::test]
    async fn a_body_becomes_the_message_of_a_batch_in_whatever_pieces_it_comes() {
        let keys: Vec<u8> = (0..5000u32).map(|byte| byte as u8).collect();
        for length in [0, 1, 127, 128, 1024, 1025, 5000] {
            let keys = &keys[..length];
            for size in [1, 7, 1000, 5000] {
                let pieces: Vec<&[u8]> = keys.chunks(size).collect();
                for said in [Some(length), None] {
                    let message = received(&pieces, said, 1 << 20).await.unwrap();
                    let decoded = Request::decode(&message).unwrap();
                    let expected = Request {
                        key_bytes: keys,
                        ..request()
                    };
                    assert_eq!(
                        decoded, expected,
                        "{length} bytes, {size} at a time, {said:?}"
                    );
                }
            }
        }
    }

    #[tokio::test]
    async fn a_body_of_exactly_the_limit_is_taken() {
        let keys = [7; 3000];
        for said in [Some(3000), None] {
            let message = received(&[&keys[..1000], &keys[1000..]], said, 3000).await;
            assert!(message.unwrap().len() > 3000, "with what is in front of it");
            let error = received(&[&keys[..1000], &keys[1000..]], said, 2999).await;
            let limit = 2999;
            assert_eq!(error, Err(FrameError::TooLarge { size: 3000, limit }));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused_as_soon_as_that_is_known() {
        for (pieces, said) in [
            (&[][..], Some(2000)),
            (&[], Some(usize::MAX)),
            (&[&[0; 600][..], &[0; 600], &[0; 600]], None),
        ] {
            let error = received(pieces, said, 1000).await.unwrap_err();
            assert!(
                matches!(error, FrameError::TooLarge { size, limit: 1000 } if size > 1000),
                "{error:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_body_that_is_shorter_or_longer_than_it_says_is_no_message() {
        let short = received(&[&[1; 10]], Some(11), 1000).await;
        assert!(
            matches!(short, Err(FrameError::Truncated { .. })),
            "{short:?}"
        );
        let long = received(&[&[1; 10]], Some(9), 1000).await;
        assert_eq!(long, Err(FrameError::TooManyMessages));
    }

    /// Room is taken as a body grows, and what there is none for ends it.
    #[tokio::test]
    async fn a_body_of_unknown_length_is_counted() {
        let account = account();
        let pieces = std::iter::repeat_n(Bytes::from(vec![0; 100_000]), 40);
        let mut body = Keys::new(Frames::new(pieces), fields(), None, 1 << 30, &account);
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let all = frame.await.unwrap().unwrap().into_data().unwrap();
        assert!(all.len() > 4_000_000);

        // One message of any length has a permit; beside it there is what a client may have.
        let mut large = account.nothing();
        assert!(large.try_set(Purpose::Request, 512 << 20));
        let pieces = std::iter::repeat_n(Bytes::from(vec![0; 1_000_000]), 1000);
        let mut body = Keys::new(Frames::new(pieces), fields(), None, 1 << 30, &account);
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let error = frame.await.unwrap().unwrap_err();
        assert!(matches!(error, FrameError::NoRoom), "{error}");
    }

    #[test]
    fn a_single_get_is_a_whole_message() {
        let request = Request {
            partition: -3,
            key_string: "a2V5?f=b64".into(),
            resource_name: "store_v1".into(),
            method: "GET",
            ..Request::default()
        };
        let message = single(&request);
        let length = u32::from_be_bytes(message[1..5].try_into().unwrap()) as usize;
        assert_eq!((message[0], length), (0, message.len() - ENVELOPE));
        assert_eq!(Request::decode(&message[ENVELOPE..]), Ok(request));
    }
}
