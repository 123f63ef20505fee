//! Which handles are live: the objects of RocksDB that Java holds pointers to.
//!
//! A handle is the object's address, as in RocksJava, so that upstream's natives work on the same
//! objects. This table knows, for every address that was ever a handle of ours, whether it still is
//! one and of what class. So a use after close is an error and not a use of freed memory, closing
//! twice is harmless, and a close waits for the uses under way.
//!
//! This is the scheme of hazard pointers (M. Michael, 2004) with an asymmetric fence. A thread publishes
//! the handle that it uses in a slot of its own (`hazard_slots.rs`). A closer marks the handle and then
//! reads all slots. The fence between the two steps is free for users, and costs closers a system call
//! (`barrier.rs`). Unlike there, nobody defers the destruction: a closer waits for the uses to end.
//!
//! An address says nothing once the allocator has given it to another object. Closed objects are
//! therefore destroyed where they are, and their memory is kept from the allocator for a while
//! ([`quarantine`]), in which a stale handle is known to be one. A handle that is unknown, or was closed
//! longer ago, is refused if only our natives make that class ([`Kind::only_ours`]); else an upstream
//! native made it, and it is taken as it is.
// #[HotPath]

mod barrier;
pub mod callback;
mod close;
mod dependents;
mod hazard_slots;
mod kind;
mod lease;
mod quarantine;
mod register;
mod table;
mod thread_id;

pub(crate) use crate::handles::barrier::{heavy, light};
pub use crate::handles::close::{
    any_in_use, close, destroyed, give_back, retire, shut_and_see, wait_unused,
};
pub(crate) use crate::handles::close::{destroyed_with, leave_to_callbacks, uses, with_callbacks};
pub use crate::handles::dependents::Dependents;
pub use crate::handles::kind::{Closed, Destroy, Free, Kind, Owner};
pub use crate::handles::lease::{Lease, OwnerThreadLease};
pub use crate::handles::register::{
    consumed, database_of, is_live, parent_of, register, register_owned, register_under,
};
pub(crate) use crate::handles::register::{
    forget_second, is_closed, register_for, register_second,
};

/// Makes ready for uses and closes. To be called when the library is loaded, before there is a
/// handle; without it a use costs a fence.
pub fn start() {
    barrier::decide();
}

#[cfg(test)]
mod tests;
