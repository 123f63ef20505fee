//! Large answers, which lie where they were encoded until they are sent.
//!
//! h2 shows the socket slices of an answer, and forgets the answer once all are taken. So that a slice
//! need not be copied to wait for the end of the turn, its answer is found by its address, and kept
//! instead.
// #[HotPath]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Weak};

use bytes::Bytes;

use crate::memory::account::Charge;
use crate::memory::buffer_pool::PooledBuffer;

thread_local! {
    /// The answers of this thread's connections that h2 has still to show, by the addresses of their
    /// first bytes.
    static ANSWERS: RefCell<BTreeMap<usize, Weak<SharedResponse>>> = const { RefCell::new(BTreeMap::new()) };
}

/// An encoded answer. When the last of it was sent, its memory is free.
#[derive(Debug)]
pub(crate) struct SharedResponse {
    buffer: PooledBuffer,
    from: usize,
    _charge: Option<Charge>,
}

/// Bytes of an answer, which they keep.
#[derive(Debug)]
pub(crate) struct ResponseSlice {
    answer: Arc<SharedResponse>,
    range: Range<usize>,
}

/// What h2 has: while it lives, slices of the answer may come.
struct Exposed(Arc<SharedResponse>);

impl SharedResponse {
    /// What `buffer` has from `from` on.
    pub(crate) fn new(buffer: PooledBuffer, from: usize, charge: Option<Charge>) -> SharedResponse {
        SharedResponse {
            buffer,
            from,
            _charge: charge,
        }
    }

    /// The answer for h2. On this thread [`ResponseSlice::of`] knows its slices until the last of the result is
    /// dropped; on others they are bytes like any.
    pub(crate) fn into_bytes(self) -> Bytes {
        let answer = Arc::new(self);
        // A thread that ends shows nothing.
        let _ = ANSWERS.try_with(|answers| {
            let address = answer.bytes().as_ptr().addr();
            answers
                .borrow_mut()
                .insert(address, Arc::downgrade(&answer));
        });
        Bytes::from_owner(Exposed(answer))
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[self.from..]
    }
}

impl ResponseSlice {
    /// The bytes of an answer that `slice` is; `None` if they are of none that is known here.
    pub(crate) fn of(slice: &[u8]) -> Option<ResponseSlice> {
        let address = slice.as_ptr().addr();
        ANSWERS
            .try_with(|answers| {
                let answers = answers.borrow();
                let (&begin, answer) = answers.range(..=address).next_back()?;
                // Gone if another thread dropped it; then the bytes there are others.
                let answer = answer.upgrade()?;
                let at = address - begin;
                let range = at..at.checked_add(slice.len())?;
                (range.end <= answer.bytes().len()).then_some(ResponseSlice { answer, range })
            })
            .ok()
            .flatten()
    }

    /// Forgets so many bytes at the front, which it has.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.range.start += bytes;
    }
}

impl AsRef<[u8]> for ResponseSlice {
    fn as_ref(&self) -> &[u8] {
        &self.answer.bytes()[self.range.clone()]
    }
}

impl AsRef<[u8]> for Exposed {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl Drop for Exposed {
    fn drop(&mut self) {
        let _ = ANSWERS.try_with(|answers| {
            answers.borrow_mut().remove(&self.0.bytes().as_ptr().addr());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &[u8]) -> SharedResponse {
        let mut buffer = PooledBuffer::with_capacity(text.len() + 1);
        buffer.push(b'-');
        buffer.extend_from_slice(text);
        SharedResponse::new(buffer, 1, None)
    }

    #[test]
    fn slices_keep_their_answer_when_h2_has_forgotten_it() {
        let first = answer(b"first answer").into_bytes();
        let second = answer(b"second answer").into_bytes();
        assert_eq!(first, b"first answer"[..]);
        let pieces = [&first[..5], &second[7..], &first[6..], &second[..0]].map(|slice| {
            let piece = ResponseSlice::of(slice).expect("a slice of an answer");
            assert_eq!(piece.as_ref().as_ptr(), slice.as_ptr(), "it was copied");
            piece
        });
        let weak = Arc::downgrade(&pieces[0].answer);
        drop((first, second));
        let [a, b, c, d] = &pieces;
        assert_eq!(
            [a.as_ref(), b.as_ref(), c.as_ref(), d.as_ref()],
            [&b"first"[..], b"answer", b"answer", b""]
        );
        drop(pieces);
        assert!(weak.upgrade().is_none(), "its memory is free");
    }

    #[test]
    fn other_bytes_are_of_no_answer() {
        let shown = answer(b"an answer").into_bytes();
        let mut longer = Vec::with_capacity(100);
        longer.extend_from_slice(&shown);
        assert!(ResponseSlice::of(&longer).is_none());
        assert!(ResponseSlice::of(b"static").is_none());
        assert!(ResponseSlice::of(&[]).is_none());

        let known = ANSWERS.with(|answers| answers.borrow().len());
        let elsewhere = std::thread::spawn(move || (ResponseSlice::of(&shown).is_none(), shown));
        let (unknown, shown) = elsewhere.join().unwrap();
        assert!(unknown, "another thread's connections never show it");
        drop(shown);
        assert_eq!(ANSWERS.with(|answers| answers.borrow().len()), known - 1);
    }

    #[test]
    fn an_answer_that_another_thread_dropped_is_not_found() {
        let shown = answer(b"an answer").into_bytes();
        let address = shown.as_ptr().addr();
        std::thread::spawn(move || drop(shown)).join().unwrap();
        let left = ANSWERS.with(|answers| answers.borrow().get(&address).cloned());
        assert!(left.expect("it is known by name only").upgrade().is_none());
    }
}
