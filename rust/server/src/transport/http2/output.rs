//! How much a connection may have waiting to be written, and the memory that it is written into.
//!
//! A few small answers are free: most connections never have more, and counting them would cost each get something.
//! What is more is counted for the client before it is written (`max.client.bytes`), so that clients that do not read
//! hold what they may and no more, however many connections they have.
// #[HotPath]

use venice_http2::{Answers, Connection};

use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::pieces::Pieces;
use crate::transport::http2::spare::{self, keep, Spare, MEMBERS};

/// Bytes that a connection may have waiting to be written without their being counted.
const FREE: usize = 8 * 1024;
/// Room is taken in steps of so many bytes.
const STEP: usize = 64 * 1024;
/// An answer that is written at once has no more.
const MAX_ANSWER: usize = 64 * 1024;

thread_local! {
    /// The memory into which the last connections of this thread wrote.
    static SPARE: Spare = const { spare::nothing(MEMBERS) };
}

/// The room that a connection has for what it writes.
#[derive(Debug)]
pub(super) struct Output {
    /// Counts what may wait to be written.
    charge: Charge,
    /// Bytes of the largest answer that was written at once, or that had no room: the next one may have as many.
    largest: usize,
    /// Parts of large answers, which are written from where they are.
    pub(super) pieces: Pieces,
}

impl Output {
    pub(super) fn new(account: &Account) -> Output {
        Output {
            charge: account.nothing(),
            largest: 0,
            pieces: Pieces::default(),
        }
    }

    /// Bytes that may wait.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.charge.bytes().max(FREE)
    }

    /// Before anything is written.
    #[inline]
    pub(super) fn begin(&self, answers: &mut Answers<'_>) {
        answers.lend_out(|| spare::take(&SPARE));
        answers.set_room(self.room());
    }

    /// Bytes that the next answer may have, if it is written at once.
    #[inline]
    pub(super) fn of_next(&mut self, answers: &mut Answers<'_>) -> usize {
        let waiting = answers.waiting();
        self.grow(waiting + self.largest, answers);
        (self.room().saturating_sub(waiting)).min(MAX_ANSWER)
    }

    /// Takes room for `bytes` in all, if there is some.
    #[inline]
    fn grow(&mut self, bytes: usize, answers: &mut Answers<'_>) {
        if bytes > self.room() {
            let more = bytes.next_multiple_of(STEP);
            self.charge.try_set(Purpose::Outgoing, more);
            answers.set_room(self.room());
        }
    }

    /// Notes an answer of so many bytes, or that one was larger than there was room.
    #[inline]
    pub(super) fn note(&mut self, bytes: Option<usize>) {
        self.largest = self.largest.max(bytes.unwrap_or(MAX_ANSWER));
    }

    /// Before answers of earlier turns are sent.
    #[cold]
    pub(super) fn make_room(&mut self, answers: &mut Answers<'_>) {
        self.begin(answers);
        self.grow(answers.waiting() + STEP, answers);
    }

    /// What waits could not be written now: it is counted for as long as it waits.
    #[cold]
    pub(super) fn wait(&mut self, connection: &mut Connection<Fields>) {
        let waiting = connection.out().len();
        // What is not granted was written all the same: frames that answer frames, and texts of errors.
        let counted = if waiting > FREE { waiting } else { 0 };
        self.charge.try_set(Purpose::Outgoing, counted);
        self.charge.owe(waiting);
        connection.answers().set_room(self.room());
        if let Some(buffer) = connection.shrink_out() {
            keep(&SPARE, buffer);
        }
    }

    /// All is written.
    #[inline]
    pub(super) fn end(&mut self, connection: &mut Connection<Fields>) {
        self.charge.try_set(Purpose::Outgoing, 0);
        self.charge.owe(0);
        self.pieces.rest();
        // Most connections have nothing to write most of the time, and then hold no memory for it.
        if let Some(buffer) = connection.reclaim_out() {
            keep(&SPARE, buffer);
        }
    }
}
