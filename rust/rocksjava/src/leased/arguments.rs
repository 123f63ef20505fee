//! Leases on what a native's arguments stand for.
// #[HotPath]

use jni::sys::{jlong, jobject};
use venice_engine::handles::{self, Destroy, Kind, Lease, OwnerThreadLease};
use venice_engine::Registry;

use crate::classes::rocks_db::{database, LongUse};
use crate::jvm::env::Jvm;
use crate::jvm::failure::Failure;
use crate::leased::unseen_snapshots;
use crate::objects::ffi::{self, Iterator};

/// A use of an object, in the way that is faster for it.
pub(super) enum Use {
    /// By the thread that made it.
    Makers {
        /// Held.
        _lease: OwnerThreadLease,
    },
    /// By any thread.
    Any {
        /// Held.
        _lease: Lease,
    },
}

/// Starts the uses of one call, argument after argument.
pub(super) struct Uses<'local> {
    jvm: Jvm<'local>,
    /// The database among them; 0 for none.
    database: usize,
}

impl<'local> Uses<'local> {
    #[inline]
    pub(super) fn new(jvm: Jvm<'local>) -> Uses<'local> {
        Uses { jvm, database: 0 }
    }

    /// The object behind a handle. Fails if that is closed, or a column family of another database.
    ///
    /// Inlined, as the kind decides at compile time whether there is a faster way.
    #[inline(always)]
    pub(super) fn object(&mut self, kind: Kind, handle: jlong) -> Result<Use, Failure> {
        if matches!(kind, Kind::RocksIterator | Kind::SstFileReaderIterator) {
            // None for 0, which is nobody's handle.
            if let Some(lease) = OwnerThreadLease::new(kind, handle as usize) {
                return Ok(Use::Makers { _lease: lease });
            }
        }
        self.of_any_thread(kind, handle)
    }

    #[inline(never)]
    fn of_any_thread(&mut self, kind: Kind, handle: jlong) -> Result<Use, Failure> {
        if handle == 0 {
            return Err(Failure::null(kind.class()));
        }
        let handle = handle as usize;
        let lease = Lease::new(kind, handle)?;
        match kind {
            Kind::RocksDb => self.database = handle,
            Kind::ColumnFamilyHandle => self.check_family(&lease)?,
            _ => {}
        }
        Ok(Use::Any { _lease: lease })
    }

    /// As [`Uses::object`]; the handle 0 is left to upstream.
    #[inline]
    pub(super) fn optional(&mut self, kind: Kind, handle: jlong) -> Result<Option<Use>, Failure> {
        if handle == 0 {
            return Ok(None);
        }
        self.object(kind, handle).map(Some)
    }

    /// As [`Uses::object`], for a database in a call that a close ends before it waits for it.
    pub(super) fn long(&mut self, handle: jlong) -> Result<LongUse, Failure> {
        self.database = handle as usize;
        LongUse::of(database(handle)?)
    }

    /// As [`Uses::optional`], for each handle of a `long[]`; null is left to upstream.
    pub(super) fn many(&mut self, kind: Kind, handles: jobject) -> Result<Vec<Use>, Failure> {
        if handles.is_null() {
            return Ok(Vec::new());
        }
        let mut uses = Vec::new();
        for handle in self.jvm.longs(handles)? {
            uses.extend(self.optional(kind, handle)?);
        }
        Ok(uses)
    }

    /// As [`Uses::object`], for an iterator that has to be at an entry: upstream's behaviour is
    /// undefined at none.
    #[inline(always)]
    pub(super) fn at_entry(
        &mut self,
        kind: Kind,
        handle: jlong,
        otherwise: &'static str,
    ) -> Result<Use, Failure> {
        let object = self.object(kind, handle)?;
        // SAFETY: rule 1; both kinds are of this C++ class.
        if unsafe { ffi::venice_iterator_valid(handle as usize as *mut Iterator) } == 0 {
            return Err(Failure::illegal_state(otherwise));
        }
        Ok(object)
    }

    /// As [`Uses::optional`], for an object that belongs to another, which must be open too, where it is
    /// known.
    pub(super) fn under(
        &mut self,
        kind: Kind,
        handle: jlong,
        parent_kind: Kind,
    ) -> Result<Option<(Lease, Option<Lease>)>, Failure> {
        if handle == 0 {
            return Ok(None);
        }
        let lease = match Lease::new(kind, handle as usize) {
            Ok(lease) => lease,
            Err(_) if kind == Kind::Snapshot && unseen_snapshots::may_be_unknown() => {
                return Ok(None)
            }
            Err(closed) => return Err(closed.into()),
        };
        let parent = match lease.parent() {
            0 => None,
            parent => Some(Lease::new(parent_kind, parent).map_err(|_| Failure::closed(kind))?),
        };
        Ok(Some((lease, parent)))
    }

    #[inline]
    fn check_family(&self, family: &Lease) -> Result<(), Failure> {
        let owner = family.parent();
        if owner != 0
            && self.database != 0
            && owner != self.database
            && owner != handles::database_of(self.database)
        {
            return Err(Failure::of_another_database(
                Kind::ColumnFamilyHandle.class(),
            ));
        }
        Ok(())
    }
}

/// Makes the object that a native of upstream returned a live handle; none for 0. One that is live
/// already has been returned before, for example an old transaction that is begun again.
pub(super) fn made(kind: Kind, handle: jlong, parent: jlong) {
    if handle != 0 && !handles::is_live(kind, handle as usize) {
        let parent = handles::database_of(parent as usize);
        handles::register_under(kind, handle as usize, parent);
    }
}

/// As [`made`], for an object that is destroyed with its database at the latest.
///
/// # Safety
/// The database is in use; the object was made for it with plain `new`, and `destroy` is its destructor.
pub(super) unsafe fn adopted(kind: Kind, handle: jlong, database: jlong, destroy: Destroy) {
    if handle != 0 && !handles::is_live(kind, handle as usize) {
        let database = database as usize as *mut venice_engine::Db;
        // SAFETY: guaranteed by the caller.
        unsafe { Registry::global().adopt(database, kind, handle as usize, destroy) };
    }
}
