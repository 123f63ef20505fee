//! Objects that die with another: iterators and column families of a database, iterators of a
//! reader.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Weak;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::handles::barrier;
use crate::handles::close;
use crate::handles::kind::{Destroy, Kind, Owner};
use crate::handles::register;
use crate::handles::table::{self, Entry};
use crate::handles::thread_id;

#[derive(Clone, Copy)]
struct Dependent {
    handle: usize,
    kind: Kind,
    destroy: Destroy,
}

/// The objects that depend on one parent. An object's entry in the table has its index here, so
/// that many, closed in the order in which they were made, are found one beside the other.
#[derive(Default)]
pub struct Dependents {
    live: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    slots: Vec<Option<Dependent>>,
    /// Indexes of free slots.
    vacant: Vec<u32>,
}

impl Slots {
    /// Replaces what was at the same address, if that was never taken out.
    fn insert(&mut self, dependent: Dependent) {
        self.remove(dependent.handle);
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // Four thousand millions of objects have no room in memory.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(free) = self.slots.get_mut(index as usize) {
            *free = Some(dependent);
        }
        Entry::of(dependent.handle).set_index(index);
    }

    /// None if it is not here: another one took it out, or it belongs to another parent.
    fn remove(&mut self, handle: usize) -> Option<Dependent> {
        let index = table::find(handle)?.index();
        let here = self.slots.get_mut(index as usize)?;
        let dependent = here.take_if(|dependent| dependent.handle == handle)?;
        self.vacant.push(index);
        Some(dependent)
    }

    fn iter(&self) -> impl Iterator<Item = &Dependent> {
        self.slots.iter().flatten()
    }
}

impl Dependents {
    /// Makes a new object of `parent` a live handle. The caller uses the parent, so the parent is not
    /// closed meanwhile.
    pub fn adopt(
        &self,
        kind: Kind,
        handle: usize,
        parent: usize,
        destroy: Destroy,
        owner: Weak<dyn Owner>,
    ) {
        let mut live = self.live.lock();
        live.insert(Dependent {
            handle,
            kind,
            destroy,
        });
        register::register_for(kind, handle, parent, Some(owner));
    }

    /// Destroys one object, once nobody uses it; if that takes longer than `patience`, it is
    /// destroyed with the parent. The parent is not closed meanwhile. Closing again is harmless.
    pub fn close(&self, handle: usize, patience: Duration) {
        // Who takes it out closes it.
        let taken = self.live.lock().remove(handle);
        let Some(dependent) = taken else {
            return;
        };
        close::shut(dependent.kind, handle);
        // What no other thread ever used needs no look at the others, and no barrier in all of them.
        let alone =
            table::find(handle).is_some_and(|entry| entry.only_used_by(thread_id::current()));
        if !alone {
            barrier::heavy();
        }
        let mine = table::used_here(handle);
        if mine || !(alone || close::wait_unused(&[handle], Instant::now() + patience)) {
            self.live.lock().insert(dependent);
            return;
        }
        dependent.destroy();
    }

    /// How many threads use objects of each kind. Only to tell people.
    pub fn uses(&self) -> Vec<(Kind, usize)> {
        let mut uses: Vec<(Kind, usize)> = Vec::new();
        for dependent in self.live.lock().iter() {
            let count = table::uses(dependent.handle);
            match uses.iter_mut().find(|(kind, _)| *kind == dependent.kind) {
                Some((_, sum)) => *sum += count,
                None => uses.push((dependent.kind, count)),
            }
        }
        uses.sort_unstable_by_key(|(kind, _)| kind.class());
        uses
    }

    /// Forgets an object that another one has taken over. The parent is not closed meanwhile.
    pub fn disown(&self, handle: usize) {
        self.live.lock().remove(handle);
    }

    /// Lets no new use of any dependent begin. Nobody uses the parent, so there will be no more of
    /// them.
    pub fn shut(&self) -> Vec<usize> {
        let live = self.live.lock();
        for dependent in live.iter() {
            close::shut(dependent.kind, dependent.handle);
        }
        barrier::heavy();
        live.iter().map(|dependent| dependent.handle).collect()
    }

    /// Destroys all. They are shut, and nobody uses any.
    pub fn destroy(&self) {
        // Locked throughout: a second closer of the parent waits here until they are gone.
        let mut live = self.live.lock();
        for dependent in std::mem::take(&mut *live).iter() {
            if let Some(object) = dependent.run_destructor() {
                close::destroyed_with_parent(dependent.kind, object);
            }
        }
    }
}

impl Dependent {
    fn destroy(self) {
        if let Some(object) = self.run_destructor() {
            close::destroyed(object);
        }
    }

    fn run_destructor(self) -> Option<NonNull<c_void>> {
        let object = NonNull::new(self.handle as *mut c_void)?;
        // SAFETY: the object's maker gave this destructor with it; whoever took it out of the list
        // destroys it, once, and nobody uses it.
        unsafe { (self.destroy)(object.as_ptr()) };
        Some(object)
    }
}
