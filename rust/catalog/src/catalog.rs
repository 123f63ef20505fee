//! The stores that are known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use venice_wire::echoed::Echoed;

use crate::error::CatalogError;
use crate::limits::{CATALOG_BYTES, STORES};
use crate::store::Store;
use crate::table::Table;

/// The latest description of each store.
///
/// Readers take no lock, and wait for nobody: one load finds the table, which has the stores as they were at one moment.
/// Those who describe stores take turns; each makes the next table of the one before, of which it copies little.
#[derive(Debug, Default)]
pub struct Catalog {
    table: ArcSwap<Table>,
    /// Held by who describes.
    groups: Mutex<Groups>,
}

/// The Helix groups that came last; equal ones are held once.
type Groups = Arc<BTreeMap<Arc<str>, i32>>;

impl Catalog {
    /// What is known of a store, as it was described last.
    pub fn store(&self, name: &str) -> Option<Arc<Store>> {
        self.table.load().store(name).cloned()
    }

    /// Puts a store in, or in the place of what was known of it.
    ///
    /// # Errors
    ///
    /// If there are too many stores, or too many bytes in them; what was known before stays.
    pub fn put(&self, store: Store) -> Result<(), CatalogError> {
        self.replace([], vec![store])
    }

    /// Puts all of these in, and forgets those named `gone`, at once: who reads sees all of that or nothing of it. A name
    /// that is in both stays.
    ///
    /// # Errors
    ///
    /// As [`Catalog::put`], of the first store that has no room; then nothing has changed.
    pub fn replace<'a>(
        &self,
        gone: impl IntoIterator<Item = &'a str>,
        stores: Vec<Store>,
    ) -> Result<(), CatalogError> {
        let mut latest = self.groups();
        let mut groups = latest.clone();
        let mut table = Table::clone(&self.table.load());
        for name in gone {
            table.remove(name);
        }
        for store in stores {
            put(&mut table, &mut groups, store)?;
        }
        self.table.store(Arc::new(table));
        *latest = groups;
        Ok(())
    }

    /// Forgets a store; `false` if it was not known.
    pub fn remove(&self, name: &str) -> bool {
        let mut groups = self.groups();
        let mut table = Table::clone(&self.table.load());
        if !table.remove(name) {
            return false;
        }
        if table.len() == 0 {
            *groups = Groups::default();
        }
        self.table.store(Arc::new(table));
        true
    }

    /// The names of all stores, in order.
    pub fn names(&self) -> Vec<Arc<str>> {
        let stores = self.stores();
        stores.iter().map(|store| (*store.name).into()).collect()
    }

    /// All stores at one moment, in the order of their names.
    pub fn stores(&self) -> Vec<Arc<Store>> {
        let mut stores: Vec<Arc<Store>> = self.table.load().stores().cloned().collect();
        stores.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        stores
    }

    /// How many stores are known.
    pub fn len(&self) -> usize {
        self.table.load().len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all stores, nearly.
    pub fn bytes(&self) -> usize {
        self.table.load().bytes()
    }

    fn groups(&self) -> MutexGuard<'_, Groups> {
        // They are changed after all that could fail.
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a store into a table that nobody reads yet. It gets the Helix groups that are held already, if they are equal,
/// and they count once.
fn put(table: &mut Table, groups: &mut Groups, mut store: Store) -> Result<(), CatalogError> {
    let mut bytes = store.bytes();
    if *groups == store.routing.helix_groups {
        store.routing.helix_groups = groups.clone();
        bytes -= store.routing.group_bytes();
    }
    let before = table.bytes_of(&store.name);
    if before.is_none() && table.len() >= STORES {
        return Err(CatalogError::ManyStores {
            store: Echoed::new(&store.name),
            limit: STORES,
        });
    }
    let all = table.bytes() - before.unwrap_or(0) + bytes;
    if all > CATALOG_BYTES {
        return Err(CatalogError::Full {
            store: Echoed::new(&store.name),
            bytes: all,
            limit: CATALOG_BYTES,
        });
    }
    *groups = store.routing.helix_groups.clone();
    table.put(store, bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn store(name: &str, current: i32) -> Store {
        Store {
            current_version: current,
            ..Store::new(name)
        }
    }

    fn count_as(catalog: &Catalog, bytes: usize) {
        let table = catalog.table.load().counted_as(bytes);
        catalog.table.store(Arc::new(table));
    }

    #[test]
    fn what_a_change_copies_does_not_grow_with_the_stores() {
        let catalog = Catalog::default();
        let mut described = 0;
        for most in [10, 1_000, STORES - 1] {
            for number in described..most {
                catalog.put(store(&format!("store{number}"), 1)).unwrap();
            }
            described = most;
            let change = |change: &dyn Fn()| {
                let before = catalog.table.load_full();
                change();
                let (branches, leaves, largest) = before.unlike(&catalog.table.load());
                assert_eq!((branches, leaves), (1, 1), "of {most} stores");
                // A dozen is usual, and more than that many in one of 4096 leaves are not met in the age of the world.
                assert!(largest <= 64, "{largest} of {most} stores in a leaf");
            };
            change(&|| catalog.put(store("new", 1)).unwrap());
            change(&|| catalog.put(store("new", 2)).unwrap());
            change(&|| assert!(catalog.remove("new")));
            change(&|| catalog.put(store("store7", 2)).unwrap());
            assert_eq!(catalog.len(), most);
        }
        let names = catalog.names();
        assert_eq!(names.len(), STORES - 1);
        assert!(names.iter().all(|name| catalog.store(name).is_some()));
        catalog.put(store("last", 1)).unwrap();
        let error = catalog.put(store("more", 1)).unwrap_err().to_string();
        assert!(
            error.starts_with("store \"more\" is one more than the 50000"),
            "{error}"
        );
        catalog.put(store("last", 2)).unwrap();
    }

    /// Of two stores that are described together nobody sees one of before and one of after.
    #[test]
    fn readers_see_all_of_a_replacement_or_nothing() {
        let catalog = Catalog::default();
        let pair = |round| vec![store("a", round), store(&format!("b{}", round % 2), round)];
        catalog.replace([], pair(0)).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..2_000 {
                    let gone = format!("b{}", (round + 1) % 2);
                    catalog.replace([&*gone], pair(round)).unwrap();
                }
            });
            for _ in 0..2_000 {
                let stores = catalog.stores();
                let rounds: Vec<i32> = stores.iter().map(|store| store.current_version).collect();
                assert!(
                    matches!(rounds[..], [one, other] if one == other),
                    "{rounds:?}"
                );
            }
        });
    }

    #[test]
    fn stores_come_change_and_go() {
        let catalog = Catalog::default();
        assert!(catalog.is_empty());
        assert_eq!(catalog.store("a"), None);
        catalog.put(store("b", 1)).unwrap();
        catalog.put(store("a", 1)).unwrap();
        let held = catalog.store("a").unwrap();
        catalog.put(store("a", 2)).unwrap();
        assert_eq!(held.current_version, 1, "a request keeps what it has");
        assert_eq!(catalog.store("a").unwrap().current_version, 2);
        assert_eq!(catalog.len(), 2);
        assert_eq!(catalog.names(), [Arc::from("a"), Arc::from("b")]);
        assert_eq!(catalog.stores()[1].name, "b");
        assert!(catalog.remove("a"));
        assert!(!catalog.remove("a"));
        assert_eq!(catalog.store("a"), None);
        assert!(catalog.remove("b"));
        assert_eq!((catalog.len(), catalog.bytes()), (0, 0));
    }

    #[test]
    fn bytes_are_those_of_what_is_there() {
        let catalog = Catalog::default();
        catalog.put(store("a", 1)).unwrap();
        let small = catalog.bytes();
        let mut large = store("a", 1);
        large.value_schemas.insert(1, "x".repeat(1000).into());
        catalog.put(large).unwrap();
        assert!(catalog.bytes() >= small + 1000);
        catalog.put(store("a", 1)).unwrap();
        assert_eq!(catalog.bytes(), small);
    }

    #[test]
    fn equal_helix_groups_are_held_once() {
        let catalog = Catalog::default();
        let grouped = |name: &str| {
            let mut store = store(name, 1);
            let url = "https://host:1".into();
            store.routing.helix_groups = Arc::new(BTreeMap::from([(url, 7)]));
            store
        };
        catalog.put(grouped("a")).unwrap();
        let one = catalog.bytes();
        catalog.put(grouped("b")).unwrap();
        let (a, b) = (catalog.store("a").unwrap(), catalog.store("b").unwrap());
        assert!(Arc::ptr_eq(
            &a.routing.helix_groups,
            &b.routing.helix_groups
        ));
        assert!(catalog.bytes() < 2 * one);
        assert_eq!(b.routing.helix_groups["https://host:1"], 7);
    }

    #[test]
    fn many_are_replaced_at_once_or_not_at_all() {
        let catalog = Catalog::default();
        catalog.put(store("java", 1)).unwrap();
        let names = |catalog: &Catalog| catalog.names().join(" ");
        catalog
            .replace([], vec![store("a", 1), store("b", 1)])
            .unwrap();
        let held = catalog.store("b").unwrap();
        catalog
            .replace(["a", "b"], vec![store("b", 2), store("c", 1)])
            .unwrap();
        assert_eq!(names(&catalog), "b c java");
        assert_eq!((held.current_version, catalog.len()), (1, 3));
        assert_eq!(catalog.store("b").unwrap().current_version, 2);
        let alone = Catalog::default();
        for name in ["b", "c", "java"] {
            alone.put(store(name, 2)).unwrap();
        }
        assert_eq!(catalog.bytes(), alone.bytes());

        count_as(&catalog, CATALOG_BYTES - 10);
        let new = (0..100).map(|i| store(&format!("new{i}"), 1)).collect();
        let error = catalog.replace(["b", "c"], new).unwrap_err().to_string();
        assert!(
            error.contains("the descriptions of all stores have"),
            "{error}"
        );
        assert_eq!(names(&catalog), "b c java");
        assert_eq!(catalog.store("b").unwrap().current_version, 2);
        assert_eq!(catalog.bytes(), CATALOG_BYTES - 10);
    }

    #[test]
    fn too_many_bytes_are_refused_and_change_nothing() {
        let catalog = Catalog::default();
        catalog.put(store("a", 1)).unwrap();
        // What the texts are counted with is what matters; nobody has to have them.
        count_as(&catalog, CATALOG_BYTES);
        let error = catalog.put(store("b", 1)).unwrap_err().to_string();
        assert!(
            error.starts_with("with store \"b\" the descriptions of all stores have 2147483"),
            "{error}"
        );
        assert!(error.ends_with("may have 2147483648; forget stores that are not served here"));
        assert_eq!(catalog.len(), 1);
    }

    #[test]
    fn readers_see_whole_stores_while_others_write() {
        let catalog = Catalog::default();
        catalog.put(store("a", 0)).unwrap();
        thread::scope(|scope| {
            for writer in 0..2 {
                let catalog = &catalog;
                scope.spawn(move || {
                    for round in 0..500 {
                        let mut store = store("a", round);
                        store.batch_get_limit = round;
                        catalog.put(store).unwrap();
                        catalog.put(Store::new(&format!("w{writer}"))).unwrap();
                        catalog.remove(&format!("w{writer}"));
                    }
                });
            }
            for _ in 0..5_000 {
                let store = catalog.store("a").unwrap();
                let limit = store.batch_get_limit;
                assert!(limit == store.current_version || limit == 150);
            }
        });
        assert_eq!(catalog.names(), [Arc::from("a")]);
    }
}
