//! All stores of a catalog, immutable: who changes one makes another table, which shares with the one before what did
//! not change.
//!
//! A tree of two levels by hashes of names, 64 wide: of the most stores that there may be a dozen are in one leaf. So a
//! change copies some 140 pointers, however many stores there are, and a look-up follows three.

use std::array;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use crate::store::Store;

/// How many parts a level has: a power of two.
const WIDTH: usize = 64;

/// Stores by their names.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    branches: Arc<[Arc<Branch>; WIDTH]>,
    len: usize,
    bytes: usize,
    hashes: RandomState,
}

type Branch = [Leaf; WIDTH];
type Leaf = Arc<Vec<Entry>>;

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    store: Arc<Store>,
    /// What it is counted with.
    bytes: usize,
}

impl Default for Table {
    fn default() -> Table {
        let leaf = Leaf::default();
        let branch: Arc<Branch> = Arc::new(array::from_fn(|_| leaf.clone()));
        Table {
            branches: Arc::new(array::from_fn(|_| branch.clone())),
            len: 0,
            bytes: 0,
            hashes: RandomState::new(),
        }
    }
}

impl Table {
    /// The store of that name.
    pub(crate) fn store(&self, name: &str) -> Option<&Arc<Store>> {
        self.entry(name).map(|entry| &entry.store)
    }

    /// Bytes that the store of that name was counted with.
    pub(crate) fn bytes_of(&self, name: &str) -> Option<usize> {
        self.entry(name).map(|entry| entry.bytes)
    }

    /// How many stores there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of all.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// All stores, in no order.
    pub(crate) fn stores(&self) -> impl Iterator<Item = &Arc<Store>> {
        let leaves = self.branches.iter().flat_map(|branch| branch.iter());
        leaves.flat_map(|leaf| leaf.iter().map(|entry| &entry.store))
    }

    /// Puts a store in, or in the place of the one of its name. It counts with `bytes`.
    pub(crate) fn put(&mut self, store: Store, bytes: usize) {
        self.remove(&store.name);
        let hash = self.hashes.hash_one(&*store.name);
        let store = Arc::new(store);
        self.leaf_mut(hash).push(Entry { hash, store, bytes });
        self.len += 1;
        self.bytes += bytes;
    }

    /// Takes a store out; `false` if it was not there, and then nothing is copied.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let hash = self.hashes.hash_one(name);
        let is_it = |entry: &Entry| entry.hash == hash && entry.store.name == name;
        let Some(at) = self.leaf(hash).iter().position(is_it) else {
            return false;
        };
        let gone = self.leaf_mut(hash).swap_remove(at);
        self.len -= 1;
        self.bytes -= gone.bytes;
        true
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let hash = self.hashes.hash_one(name);
        let is_it = |entry: &&Entry| entry.hash == hash && entry.store.name == name;
        self.leaf(hash).iter().find(is_it)
    }

    fn leaf(&self, hash: u64) -> &Leaf {
        let (branch, leaf) = place(hash);
        &self.branches[branch][leaf]
    }

    /// The leaf of a hash, which no other table has: it is copied if one has, and what leads to it.
    fn leaf_mut(&mut self, hash: u64) -> &mut Vec<Entry> {
        let (branch, leaf) = place(hash);
        let branches = Arc::make_mut(&mut self.branches);
        Arc::make_mut(&mut Arc::make_mut(&mut branches[branch])[leaf])
    }
}

fn place(hash: u64) -> (usize, usize) {
    // Remainders, which are below the width.
    let (branch, leaf) = (hash % WIDTH as u64, hash / WIDTH as u64 % WIDTH as u64);
    (branch as usize, leaf as usize)
}

#[cfg(test)]
impl Table {
    /// The same stores, counted as having so many bytes.
    pub(crate) fn counted_as(&self, bytes: usize) -> Table {
        Table {
            bytes,
            ..self.clone()
        }
    }

    /// Branches and leaves that `other` does not share with this table, and the most stores of a leaf.
    pub(crate) fn unlike(&self, other: &Table) -> (usize, usize, usize) {
        let (mut branches, mut leaves, mut largest) = (0, 0, 0);
        for (one, two) in self.branches.iter().zip(other.branches.iter()) {
            branches += usize::from(!Arc::ptr_eq(one, two));
            for (one, two) in one.iter().zip(two.iter()) {
                leaves += usize::from(!Arc::ptr_eq(one, two));
                largest = largest.max(one.len()).max(two.len());
            }
        }
        (branches, leaves, largest)
    }
}
