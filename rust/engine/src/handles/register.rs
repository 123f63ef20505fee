//! Which addresses are handles, of what, and whose.

use std::sync::Weak;

use crate::handles::callback;
use crate::handles::kind::{Kind, Owner};
use crate::handles::table::{self, Entry, Phase};
use crate::handles::thread_id;

/// Makes the address of a new object a live handle.
pub fn register(kind: Kind, handle: usize) {
    register_for(kind, handle, 0, None);
}

/// As [`register`], for an object whose `owner` closes it, and wants to know of uses that end
/// meanwhile.
pub fn register_owned(kind: Kind, handle: usize, owner: Weak<dyn Owner>) {
    register_for(kind, handle, 0, Some(owner));
}

/// As [`register`], for an object of the database (or reader) `parent`.
pub(crate) fn register_for(
    kind: Kind,
    handle: usize,
    parent: usize,
    owner: Option<Weak<dyn Owner>>,
) {
    Entry::of(handle).reset_live(kind, thread_id::current(), parent, owner);
}

/// Whether `handle` is a live handle of this kind in the table. Tells nothing about later.
pub fn is_live(kind: Kind, handle: usize) -> bool {
    table::find(handle).is_some_and(|entry| entry.is(kind, Phase::Live))
}

/// Whether `handle` is known to be of this kind no more, or not for long.
pub(crate) fn is_closed(kind: Kind, handle: usize) -> bool {
    table::find(handle).is_some_and(|entry| {
        entry.phase() != Phase::Live && (entry.phase() != Phase::Gone || was_database(kind, entry))
    })
}

/// The database behind `handle`, of which that may be a second address; else `handle` itself.
pub fn database_of(handle: usize) -> usize {
    table::find(handle)
        .filter(|entry| is_database(entry) && entry.phase() != Phase::Gone)
        .map(Entry::parent)
        .filter(|&database| database != 0)
        .unwrap_or(handle)
}

/// Makes `handle` one more address of the database `parent`, whose `owner` is this too. The object there
/// is the database's own, and is destroyed and freed by it.
pub(crate) fn register_second(handle: usize, parent: usize, owner: Weak<dyn Owner>) {
    register_for(Kind::RocksDb, handle, parent, Some(owner));
}

/// Forgets such an address, which is shut and in use by nobody, before its object is freed: anything may
/// be there next.
pub(crate) fn forget_second(handle: usize) {
    if let Some(entry) = table::find(handle) {
        entry.change(Kind::RocksDb, Phase::Closing, Phase::Gone);
    }
}

fn is_database(entry: &Entry) -> bool {
    entry.kind() == Kind::RocksDb as usize
}

/// Whether a database was at this address, and none is known to be there now. Whoever opens databases
/// makes them known, so it is refused; but RocksDB tells listeners of one that is only being opened.
#[cold]
pub(super) fn was_database(kind: Kind, entry: &Entry) -> bool {
    kind == Kind::RocksDb && is_database(entry) && !callback::is_inside()
}

/// The parent that the live object behind `handle` was registered with; 0 for none.
pub fn parent_of(kind: Kind, handle: usize) -> usize {
    table::find(handle)
        .filter(|entry| entry.is(kind, Phase::Live))
        .map_or(0, Entry::parent)
}

/// Makes the address of a new object a live handle that is refused once `parent` is closed.
pub fn register_under(kind: Kind, handle: usize, parent: usize) {
    register_for(kind, handle, parent, None);
}

/// Forgets a handle whose object another one has consumed, for example a table factory that became
/// part of options. Its address may be that of a new object at any time.
pub fn consumed(kind: Kind, handle: usize) {
    if let Some(entry) = table::find(handle) {
        entry.change(kind, Phase::Live, Phase::Gone);
    }
}
