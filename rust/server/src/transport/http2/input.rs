//! How much a connection reads at a time, and the memory that it reads into.
//!
//! A connection holds memory for its input only while it has some that no turn has read, and for bodies that are not
//! whole or that nobody has taken. A few small requests are free; what is more is counted for the client before it is
//! read (`max.client.bytes`), or stays with the system, and so with the client.
// #[HotPath]
// except awaits: room for a frame that is large, or for more of a body, when there is none.

use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use venice_http2::Connection;

use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::transport::http2::fields::Fields;
use crate::transport::http2::spare::{self, keep, Spare};

/// Bytes that a connection may have without their being counted.
const FREE: usize = 8 * 1024;
/// What a connection reads at a time that has much to say.
const MUCH: usize = 64 * 1024;

thread_local! {
    /// The memory into which the last connection of this thread read: who waits, be it for others, keeps what it has not read alone.
    static SPARE: Spare = const { spare::nothing(0) };
}

/// The room that a connection has for what it reads.
pub(super) struct Input {
    account: Account,
    /// Counts what may be here.
    charge: Charge,
    /// A read took all that is free.
    has_much: bool,
    /// Bytes of it wait for their client.
    owes: bool,
    /// Something for which there is no room.
    wait: Option<Pin<Box<dyn Future<Output = Charge> + Send>>>,
}

impl Input {
    pub(super) fn new(account: &Account) -> Input {
        Input {
            account: account.clone(),
            charge: account.nothing(),
            has_much: false,
            owes: false,
            wait: None,
        }
    }

    /// Lends a buffer to a connection that has none.
    #[inline]
    pub(super) fn lend(connection: &mut Connection<Fields>) {
        if connection.needs_memory() {
            connection.lend(spare::take(&SPARE));
        }
    }

    /// Waits until something may be read, and returns how many bytes.
    #[inline]
    pub(super) fn poll_room(
        &mut self,
        context: &mut Context<'_>,
        connection: &Connection<Fields>,
    ) -> Poll<usize> {
        let frame = connection.next_frame();
        let held = connection.held();
        if self.has_much || held + frame > FREE {
            ready!(self.poll_more(context, held, frame));
        }
        let room = self.charge.bytes().max(FREE).saturating_sub(held);
        // A whole frame would have been read, so there is always something missing.
        Poll::Ready(room.max(frame).saturating_sub(connection.unread()).max(1))
    }

    /// Takes room for what comes beside the `held` bytes of bodies; waits for it if there are some, or if the frame
    /// that comes needs it.
    fn poll_more(&mut self, context: &mut Context<'_>, held: usize, frame: usize) -> Poll<()> {
        let much = held + MUCH.max(frame);
        if self.charge.try_set(Purpose::Outgoing, much) || held + frame <= FREE {
            return Poll::Ready(());
        }
        let least = held + frame.max(FREE);
        let has = self.charge.bytes();
        if least <= has {
            return Poll::Ready(());
        }
        let wait = self.wait.get_or_insert_with(|| {
            let account = self.account.clone();
            Box::pin(async move { account.charge(Purpose::Request, least - has).await })
        });
        let more = ready!(wait.as_mut().poll(context));
        self.charge.absorb(more);
        self.wait = None;
        Poll::Ready(())
    }

    /// Notes what a read brought.
    #[inline]
    pub(super) fn note_came(&self, bytes: usize) {
        if self.owes {
            self.account.brought(bytes);
        }
    }

    /// Notes that a read brought as many bytes as it might.
    #[inline]
    pub(super) fn note_full(&mut self) {
        self.has_much = true;
    }

    /// The connection reads no more turns.
    pub(super) fn end(&mut self, connection: &mut Connection<Fields>) {
        if let Some(spare) = connection.forget_input() {
            keep(&SPARE, spare);
        }
        self.charge.shrink(0);
        self.charge.owe(0);
        self.owes = false;
    }

    /// Others have their turn, and thousands may wait for theirs: the connection keeps what it has not read, and if that
    /// is so little that it is not counted, in memory of that size.
    #[inline]
    pub(super) fn pause(connection: &mut Connection<Fields>) {
        if connection.unread() <= FREE {
            Input::keep_unread(connection);
        }
    }

    fn keep_unread(connection: &mut Connection<Fields>) {
        let spare = match connection.unread() {
            0 => connection.reclaim(),
            _ => connection.shrink(),
        };
        if let Some(spare) = spare {
            keep(&SPARE, spare);
        }
    }

    /// The connection waits for its client: it keeps what it has not read, and nothing more.
    #[inline]
    pub(super) fn rest(&mut self, connection: &mut Connection<Fields>) {
        connection.rest();
        Input::keep_unread(connection);
        let unread = connection.unread();
        // A frame that has begun keeps the room that it was given.
        let of_input = match connection.next_frame() {
            frame if frame > FREE => frame,
            _ => unread,
        };
        let counted = match of_input + connection.held() {
            few if few <= FREE => 0,
            many => many,
        };
        if self.charge.bytes() > counted || counted == 0 {
            self.charge.shrink(counted);
        } else {
            self.charge.try_set(Purpose::Outgoing, counted);
        }
        self.charge.owe(counted);
        self.owes = counted > 0;
    }
}
