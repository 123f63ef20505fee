//! Natives that stay upstream's, each behind leases on the objects that it works on.
//!
//! The lists below this module say, for every such native, what its arguments are: which are handles,
//! and of what class. For each line the macro writes a native of the right name, which takes the
//! leases and then calls upstream's. That one is compiled under another name: the build makes
//! `#define`s of the names that stand in these files. So a native here does what upstream's does, in
//! upstream's words, but for a closed object, which it refuses.
//!
//! A line is `fn <symbol>(<argument>: <what>, ...) -> <result> throws;`, where `throws` says that Java
//! declares `RocksDBException`, and an argument is
//!
//! | | |
//! |---|---|
//! | `[RocksDb]` | the handle of such an object |
//! | `[ReadOptions or 0]` | the same, or 0 where upstream has something to say to that, or a default |
//! | `[RocksDb; long]` | the same, in a call that may last as long as RocksDB's own work, and ends with it |
//! | `[ColumnFamilyHandle; many]` | a `long[]` of such handles, or null |
//! | `[RocksIterator at "key"]` | an iterator that has to be at an entry, for its key |
//! | `[Snapshot under RocksDb]` | an object that is refused with the one that it belongs to |
//! | `jint`, `object`, ... | no handle, or one of a class that has no leases |
//!
//! A result is plain, too, or `[new Kind]`, a new handle; `[new Kind under argument]`, one that is refused
//! once that argument's object is closed; `[new Kind in argument by destructor]`, one that is destroyed
//! with that database at the latest; `[all Kind in argument by destructor]`, a `long[]` of such; `[open on Plain]` and `[open families on Plain]`, a database, with the
//! handles of its column families, that the registry takes over; `[unseen Snapshot]`, one that ends
//! without our knowledge.
//!
//! A column family handle of another database than the one before it is refused.
//!
//! Cargo does not have upstream's natives, which need headers that `javac` makes: it compiles all this,
//! and links none of it.

mod arguments;
mod backups;
mod column_family_options;
mod compactions;
mod databases;
mod db_options;
mod disposers;
mod iterators;
mod macros;
mod options;
mod retired;
mod rocks_db;
mod settings;
mod shared;
mod slices;
mod snapshots;
mod transactions;
mod unseen_snapshots;
mod write_batches;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_native_is_listed_twice_nor_ours() {
        let lists = [
            backups::NAMES,
            column_family_options::NAMES,
            compactions::NAMES,
            databases::NAMES,
            db_options::NAMES,
            disposers::NAMES,
            iterators::NAMES,
            options::NAMES,
            retired::NAMES,
            rocks_db::NAMES,
            settings::NAMES,
            shared::NAMES,
            slices::NAMES,
            snapshots::NAMES,
            transactions::NAMES,
            write_batches::NAMES,
        ];
        let mut all: Vec<&str> = lists.concat();
        all.extend(crate::NATIVES);
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
