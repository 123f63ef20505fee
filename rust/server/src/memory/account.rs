//! The account of one connection: what it holds of the memory for clients.
//!
//! A [`Charge`] stands for bytes that are held, and goes where they go: with an open call, a request,
//! an answer until its last byte was sent. When it is dropped, the bytes are counted no more.
// #[HotPath]
// except awaits: room for what is large, and the end of a connection.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::memory::client_memory::{Client, ClientMemory, Grant, Purpose};
use crate::memory::holding::Holding;

/// The account of one connection; a clone is the same account.
#[derive(Debug, Clone)]
pub struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    memory: Arc<ClientMemory>,
    number: u64,
    holding: Arc<Holding>,
}

/// Bytes of an account.
#[derive(Debug)]
pub struct Charge {
    account: Account,
    /// Bytes used of the account's quanta. A message has at most `i32::MAX`.
    bytes: u32,
    /// Bytes that wait for the client.
    owed: u32,
    /// A large message has one instead.
    permit: Option<Purpose>,
    /// It is that of an open call.
    call: bool,
}

impl Account {
    /// A new account, of nobody in particular.
    pub fn new(memory: &Arc<ClientMemory>) -> Account {
        Account::joined(memory, None)
    }

    /// The account of a client that is told to operators.
    pub(crate) fn of_client(memory: &Arc<ClientMemory>, client: Client) -> Account {
        Account::joined(memory, Some(client))
    }

    fn joined(memory: &Arc<ClientMemory>, client: Option<Client>) -> Account {
        let (number, holding) = memory.join(client);
        Account(Arc::new(Inner {
            memory: Arc::clone(memory),
            number,
            holding,
        }))
    }

    /// The memory that it is a part of.
    pub(crate) fn memory(&self) -> &Arc<ClientMemory> {
        &self.0.memory
    }

    /// An empty charge, which can be made to hold something.
    pub(crate) fn nothing(&self) -> Charge {
        Charge {
            account: self.clone(),
            bytes: 0,
            permit: None,
            owed: 0,
            call: false,
        }
    }

    /// A charge of `bytes`, if there is room now.
    pub(crate) fn try_charge(&self, purpose: Purpose, bytes: usize) -> Option<Charge> {
        let mut charge = self.nothing();
        charge.try_set(purpose, bytes).then_some(charge)
    }

    /// A charge of `bytes` for a call, which is open until it is dropped.
    pub(crate) fn try_call(&self, bytes: usize) -> Option<Charge> {
        let mut charge = self.try_charge(Purpose::Call, bytes)?;
        self.0.holding.begin_call();
        charge.call = true;
        Some(charge)
    }

    /// A charge of nothing for a call, likewise: for one that is answered whether there is room or not.
    pub(crate) fn free_call(&self) -> Charge {
        let mut charge = self.nothing();
        self.0.holding.begin_call();
        charge.call = true;
        charge
    }

    /// Counts a call that was answered as it came: it was never open.
    #[inline]
    pub(crate) fn count_call(&self) {
        self.0.holding.count_call();
    }

    /// Calls that are open: answered, not sent whole, or not answered.
    #[inline]
    pub(crate) fn calls(&self) -> usize {
        self.0.holding.calls()
    }

    /// Waits for room for `bytes`.
    ///
    /// Cancel safety: nothing is held.
    pub(crate) async fn charge(&self, purpose: Purpose, bytes: usize) -> Charge {
        let mut charge = self.nothing();
        charge.set(purpose, bytes).await;
        charge
    }

    /// Whether requests of this account wait for room.
    #[inline]
    pub(crate) fn requests_wait(&self) -> bool {
        self.0.holding.requests_wait()
    }

    /// How many answers of this account wait for room.
    #[inline]
    pub(crate) fn answers_that_wait(&self) -> usize {
        self.0.holding.answers_that_wait()
    }

    /// Counts bytes that the client took.
    #[inline]
    pub(crate) fn taken(&self, bytes: usize) {
        self.0.holding.count_taken(bytes);
    }

    /// Counts bytes that it brought of a request that was waited for.
    pub(crate) fn brought(&self, bytes: usize) {
        self.0.holding.count_brought(bytes);
    }

    /// Waits until the connection has to end for the sake of others.
    pub(crate) async fn has_to_end(&self) {
        self.0.holding.ended().await;
    }

    /// Bytes that it holds or that wait for the client, whichever are more.
    pub(crate) fn held(&self) -> usize {
        let holding = &self.0.holding;
        holding.used().max(holding.owed())
    }

    fn release(&self, bytes: usize) {
        let unused = self.0.holding.release(bytes);
        if self.0.memory.wants_back(unused) || self.0.holding.is_waiting() {
            self.0.memory.take_back(self.0.number);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.memory.leave(self.number);
    }
}

impl Charge {
    /// The account that it is of.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Bytes that it holds, without those of a message that has a permit.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes as usize
    }

    /// Makes it hold `bytes` in all, if there is room. Fewer bytes than before are always granted.
    /// With a permit it holds one message of any length.
    #[inline]
    pub(crate) fn try_set(&mut self, purpose: Purpose, bytes: usize) -> bool {
        match self.more(bytes) {
            None => true,
            Some(more) if self.account.0.holding.try_use(more).is_ok() => {
                self.bytes += more as u32;
                true
            }
            Some(more) => self.try_get(purpose, more),
        }
    }

    #[cold]
    fn try_get(&mut self, purpose: Purpose, more: usize) -> bool {
        let Inner { memory, number, .. } = &*self.account.0;
        let grant = memory.try_get(*number, purpose, more);
        grant.map(|grant| self.add(grant)).is_some()
    }

    /// Bytes that are missing; what is too much is released.
    #[inline]
    fn more(&mut self, bytes: usize) -> Option<usize> {
        if self.permit.is_some() {
            return None;
        }
        if bytes > self.bytes() {
            return Some(bytes - self.bytes());
        }
        self.keep(bytes);
        None
    }

    fn add(&mut self, grant: Grant) {
        self.bytes += grant.bytes as u32;
        self.permit = grant.permit;
    }

    /// Waits until it can hold `bytes` in all.
    ///
    /// Cancel safety: it holds what it held before.
    pub(crate) async fn set(&mut self, purpose: Purpose, bytes: usize) {
        let Some(more) = self.more(bytes) else {
            return;
        };
        if self.account.0.holding.try_use(more).is_ok() {
            self.bytes += more as u32;
            return;
        }
        let Inner { memory, number, .. } = &*self.account.0;
        let grant = match memory.get_or_wait(*number, purpose, more) {
            Ok(grant) => grant,
            Err((waiter, room)) => {
                let mut waiting = Waiting {
                    account: &self.account,
                    waiter,
                    room: Some(room),
                };
                let granted = match &mut waiting.room {
                    Some(room) => room.await,
                    None => return,
                };
                waiting.room = None;
                match granted {
                    Ok(grant) => grant,
                    // The account is gone, and so is the connection.
                    Err(_) => return,
                }
            }
        };
        self.add(grant);
    }

    /// Holds what `other` holds as well.
    pub(crate) fn absorb(&mut self, mut other: Charge) {
        self.bytes += std::mem::take(&mut other.bytes);
        // One account has one permit of a kind, and this one had none.
        if let Some(permit) = other.permit.take() {
            self.permit = Some(permit);
        }
    }

    /// Splits off what it holds beyond `keep` bytes, with its permit.
    pub(crate) fn split(&mut self, keep: usize) -> Charge {
        let bytes = self.bytes().saturating_sub(keep) as u32;
        self.bytes -= bytes;
        Charge {
            account: self.account.clone(),
            bytes,
            permit: self.permit.take(),
            owed: 0,
            call: false,
        }
    }

    /// Gives up the permit, if it has one, and what it holds beyond `bytes`.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        if let Some(permit) = self.permit.take() {
            let Inner { memory, number, .. } = &*self.account.0;
            memory.return_permit(*number, permit);
        }
        self.keep(bytes);
    }

    /// Releases what is beyond `bytes`.
    #[inline]
    fn keep(&mut self, bytes: usize) {
        if bytes < self.bytes() {
            self.account.release(self.bytes() - bytes);
            self.bytes = bytes as u32;
        }
    }

    /// Says that `bytes` wait for the client, from now on and until it is dropped.
    #[inline]
    pub(crate) fn owe(&mut self, bytes: usize) {
        let holding = &self.account.0.holding;
        let owed = self.owed as usize;
        if bytes == owed {
            return;
        }
        if bytes > owed {
            holding.owe(bytes - owed);
        } else {
            holding.settle(owed - bytes);
        }
        self.owed = bytes as u32;
    }

    /// What `bytes` has from `from` on, which keeps it until the last of it is dropped.
    pub(crate) fn with(self, bytes: impl AsRef<[u8]> + Send + 'static, from: usize) -> Bytes {
        Bytes::from_owner(Held {
            bytes,
            from,
            _charge: self,
        })
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if self.owed > 0 {
            self.account.0.holding.settle(self.owed as usize);
        }
        if self.call {
            self.account.0.holding.end_call();
        }
        self.shrink(0);
    }
}

/// Bytes that are counted.
struct Held<B> {
    bytes: B,
    from: usize,
    _charge: Charge,
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Held<B> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes.as_ref()[self.from..]
    }
}

/// A charge that waits.
struct Waiting<'a> {
    account: &'a Account,
    waiter: u64,
    /// `None` once the room is there.
    room: Option<oneshot::Receiver<Grant>>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(mut room) = self.room.take() else {
            return;
        };
        let Inner { memory, number, .. } = &*self.account.0;
        memory.give_up(*number, self.waiter);
        // It came, and nobody wants it.
        if let Ok(grant) = room.try_recv() {
            let mut charge = self.account.nothing();
            charge.add(grant);
        }
    }
}
