//! The connections that there may be, and who has to go when there is no permit for one more.
//!
//! A server has so many permits, and the clients of one address at most a part of them. A connection
//! that asks for nothing keeps its permit only while nobody else wants it: when all are taken, the
//! oldest that has not spoken HTTP/2 yet gives way to a new one, and if all have, the oldest that never
//! made a call. So sockets that say nothing keep nobody out, however many there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The permits of one server.
#[derive(Debug, Clone)]
pub struct ConnectionLimit(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// These change under the lock of the state.
    most: AtomicUsize,
    most_of_address: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    next_number: u64,
    /// Those who have a permit.
    origins: HashMap<Origin, Guests>,
    /// Who may have to give way, in that order.
    quiet: BTreeMap<Turn, Arc<Seat>>,
}

/// The connections of one origin.
#[derive(Debug, Default)]
struct Guests {
    taken: usize,
    quiet: BTreeSet<Turn>,
}

/// When a quiet connection has to give way: by what it has done, then by its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    has_spoken: bool,
    number: u64,
}

/// Whose connections count together: an IPv4 address; of IPv6 a network of 64 bits, of which a single
/// machine has all addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    V4(u32),
    V6(u64),
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Origin {
        match address.to_canonical() {
            IpAddr::V4(address) => Origin::V4(address.to_bits()),
            IpAddr::V6(address) => Origin::V6((address.to_bits() >> 64) as u64),
        }
    }
}

/// What a connection and the permits share.
#[derive(Debug)]
struct Seat {
    origin: Origin,
    /// Its permit is another's now. Written under the lock.
    gone: AtomicBool,
    /// Tells the connection.
    gives_way: Notify,
}

/// The permit of one connection; free again when it is dropped.
#[derive(Debug)]
pub struct ConnectionPermit {
    limit: ConnectionLimit,
    seat: Arc<Seat>,
    number: u64,
    has_spoken: AtomicBool,
    has_called: AtomicBool,
    took_over: bool,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All are taken, by connections that had calls.
    Server,
    /// So are those that the clients of this address may have.
    Address,
}

impl ConnectionLimit {
    /// As many permits, of which an address may have some.
    pub fn new(most: usize, most_of_address: usize) -> ConnectionLimit {
        ConnectionLimit(Arc::new(Shared {
            most: AtomicUsize::new(most),
            most_of_address: AtomicUsize::new(most_of_address),
            state: Mutex::default(),
        }))
    }

    /// Has other numbers of permits from now on. Who has one keeps it, also beyond the number.
    pub fn set(&self, most: usize, most_of_address: usize) {
        let _state = self.0.state.lock();
        self.0.most.store(most, Ordering::Relaxed);
        self.0
            .most_of_address
            .store(most_of_address, Ordering::Relaxed);
    }

    /// Takes a permit; if need be, that of a connection that has asked for nothing.
    pub fn take(&self, address: IpAddr) -> Result<ConnectionPermit, Full> {
        let origin = Origin::from(address);
        let mut state = self.0.state.lock();
        let guests = state.origins.get(&origin);
        let first = if guests.is_some_and(|guests| guests.taken >= self.most_of_address()) {
            let first = guests.and_then(|guests| guests.quiet.first().copied());
            Some(first.ok_or(Full::Address)?)
        } else if state.taken >= self.most() {
            let first = state.quiet.keys().next().copied();
            Some(first.ok_or(Full::Server)?)
        } else {
            None
        };
        let gone = first.and_then(|turn| state.end(turn));
        let number = state.next_number;
        state.next_number += 1;
        let seat = Arc::new(Seat {
            origin,
            gone: AtomicBool::new(false),
            gives_way: Notify::new(),
        });
        state.taken += 1;
        state.origins.entry(origin).or_default().taken += 1;
        let turn = Turn {
            has_spoken: false,
            number,
        };
        state.add_quiet(turn, &seat);
        drop(state);
        if let Some(gone) = &gone {
            gone.gives_way.notify_one();
        }
        Ok(ConnectionPermit {
            limit: self.clone(),
            seat,
            number,
            has_spoken: AtomicBool::new(false),
            has_called: AtomicBool::new(false),
            took_over: gone.is_some(),
        })
    }

    /// Connections that have permits.
    pub fn taken(&self) -> usize {
        self.0.state.lock().taken
    }

    /// Connections that there may be.
    pub fn most(&self) -> usize {
        self.0.most.load(Ordering::Relaxed)
    }

    /// Connections that the clients of one address may have.
    pub fn most_of_address(&self) -> usize {
        self.0.most_of_address.load(Ordering::Relaxed)
    }

    /// The most connections that the clients of one address have.
    pub fn taken_of_address(&self) -> usize {
        let state = self.0.state.lock();
        let taken = state.origins.values().map(|guests| guests.taken);
        taken.max().unwrap_or(0)
    }
}

impl State {
    fn add_quiet(&mut self, turn: Turn, seat: &Arc<Seat>) {
        self.quiet.insert(turn, Arc::clone(seat));
        if let Some(guests) = self.origins.get_mut(&seat.origin) {
            guests.quiet.insert(turn);
        }
    }

    /// Takes a connection off the list of those that may have to give way, if it is on it.
    fn remove_quiet(&mut self, turn: Turn) -> Option<Arc<Seat>> {
        let seat = self.quiet.remove(&turn)?;
        if let Some(guests) = self.origins.get_mut(&seat.origin) {
            guests.quiet.remove(&turn);
        }
        Some(seat)
    }

    /// Ends a quiet connection: its permit is free from now on, whenever it notices.
    fn end(&mut self, turn: Turn) -> Option<Arc<Seat>> {
        let seat = self.remove_quiet(turn)?;
        seat.gone.store(true, Ordering::Release);
        self.release(seat.origin);
        Some(seat)
    }

    fn release(&mut self, origin: Origin) {
        self.taken -= 1;
        if let Some(guests) = self.origins.get_mut(&origin) {
            guests.taken -= 1;
            if guests.taken == 0 {
                self.origins.remove(&origin);
            }
        }
    }
}

impl ConnectionPermit {
    /// Whether another connection had to give way to this one.
    pub fn took_over(&self) -> bool {
        self.took_over
    }

    /// The connection speaks HTTP/2.
    pub fn spoke(&self) {
        let mut state = self.limit.0.state.lock();
        let turn = self.turn();
        // Who has to give way does so, whatever it says now.
        if state.remove_quiet(turn).is_some() {
            self.has_spoken.store(true, Ordering::Relaxed);
            state.add_quiet(self.turn(), &self.seat);
        }
    }

    /// The connection makes a call. Only the first one makes anyone wait.
    #[inline]
    pub fn called(&self) {
        if !self.has_called.load(Ordering::Relaxed) {
            self.has_called.store(true, Ordering::Relaxed);
            let mut state = self.limit.0.state.lock();
            drop(state.remove_quiet(self.turn()));
        }
    }

    /// Waits until the connection has to give way, which it may never have to.
    ///
    /// Cancel safety: nothing is lost.
    pub async fn given_away(&self) {
        if !self.seat.gone.load(Ordering::Acquire) {
            self.seat.gives_way.notified().await;
        }
    }

    fn turn(&self) -> Turn {
        Turn {
            has_spoken: self.has_spoken.load(Ordering::Relaxed),
            number: self.number,
        }
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut state = self.limit.0.state.lock();
        drop(state.remove_quiet(self.turn()));
        if !self.seat.gone.load(Ordering::Relaxed) {
            state.release(self.seat.origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    /// A connection that made a call.
    fn busy(limit: &ConnectionLimit, address: &str) -> ConnectionPermit {
        let permit = limit.take(ip(address)).unwrap();
        permit.spoke();
        permit.called();
        permit
    }

    fn is_gone(permit: &ConnectionPermit) -> bool {
        permit.seat.gone.load(Ordering::Relaxed)
    }

    #[test]
    fn places_come_back() {
        let limit = ConnectionLimit::new(2, 2);
        let held = [busy(&limit, "10.0.0.1"), busy(&limit, "10.0.0.2")];
        assert_eq!(limit.take(ip("10.0.0.3")).err(), Some(Full::Server));
        assert_eq!(limit.taken(), 2);
        drop(held);
        assert_eq!(limit.taken(), 0);
        assert!(limit.0.state.lock().origins.is_empty());
        assert!(limit.0.state.lock().quiet.is_empty());
        assert!(!busy(&limit, "10.0.0.3").took_over());
    }

    #[test]
    fn the_silent_give_way_first_and_the_oldest_of_them() {
        let limit = ConnectionLimit::new(4, 4);
        let idle = limit.take(ip("10.0.0.1")).unwrap();
        idle.spoke();
        let silent = [(); 2].map(|()| limit.take(ip("10.0.0.1")).unwrap());
        let _busy = busy(&limit, "10.0.0.1");
        for gone in [&silent[0], &silent[1], &idle] {
            assert!(!is_gone(gone));
            let new = busy(&limit, "10.0.0.2");
            assert!(new.took_over() && is_gone(gone));
            // It stays, so that the next one needs another permit.
            std::mem::forget(new);
        }
        assert_eq!(limit.take(ip("10.0.0.2")).err(), Some(Full::Server));
        // What they do now changes nothing, and neither does their end.
        silent[0].spoke();
        idle.called();
        drop((silent, idle));
        assert_eq!(limit.taken(), 4);
        assert_eq!(limit.take(ip("10.0.0.2")).err(), Some(Full::Server));
    }

    #[test]
    fn an_address_has_its_part() {
        let limit = ConnectionLimit::new(10, 2);
        let _busy = [busy(&limit, "10.0.0.1"), busy(&limit, "::ffff:10.0.0.1")];
        assert_eq!(limit.take(ip("10.0.0.1")).err(), Some(Full::Address));
        let silent = [(); 2].map(|()| limit.take(ip("10.0.0.2")).unwrap());
        // Its own gives way, not that of another address.
        assert!(busy(&limit, "10.0.0.2").took_over());
        assert!(is_gone(&silent[0]) && !is_gone(&silent[1]));
        // A network of IPv6 is one address.
        let _network = [busy(&limit, "2001:db8::1"), busy(&limit, "2001:db8::2:3")];
        assert_eq!(limit.take(ip("2001:db8::4")).err(), Some(Full::Address));
        assert!(limit.take(ip("2001:db8:0:1::4")).is_ok());
    }

    #[test]
    fn other_numbers_hold_for_those_who_come() {
        let limit = ConnectionLimit::new(2, 2);
        let held = [busy(&limit, "10.0.0.1"), busy(&limit, "10.0.0.1")];
        assert_eq!(limit.taken_of_address(), 2);
        limit.set(4, 3);
        let third = busy(&limit, "10.0.0.1");
        assert_eq!(limit.take(ip("10.0.0.1")).err(), Some(Full::Address));
        limit.set(1, 1);
        assert_eq!(limit.take(ip("10.0.0.2")).err(), Some(Full::Server));
        assert_eq!((limit.taken(), limit.most()), (3, 1));
        drop((held, third));
        assert!(!busy(&limit, "10.0.0.2").took_over());
    }

    #[tokio::test]
    async fn who_gives_way_is_told_whenever_it_asks() {
        let limit = ConnectionLimit::new(1, 1);
        let silent = limit.take(ip("10.0.0.1")).unwrap();
        let new = limit.take(ip("10.0.0.1")).unwrap();
        for _ in 0..2 {
            silent.given_away().await;
        }
        drop(silent);
        assert_eq!(limit.taken(), 1);
        let told = tokio::spawn(async move { new.given_away().await });
        let _newer = busy(&limit, "10.0.0.1");
        told.await.unwrap();
        assert_eq!(limit.taken(), 1);
    }
}
