//! The stores that are known.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use venice_wire::echoed::Echoed;

use crate::error::CatalogError;
use crate::limits::{CATALOG_BYTES, STORES};
use crate::store::Store;

/// The latest description of each store.
///
/// Readers take no lock: one load finds the table, one the store. Those who describe stores take turns. A store that is
/// described again is replaced where it is; the table is copied for stores that come or go alone.
#[derive(Debug, Default)]
pub struct Catalog {
    table: ArcSwap<Table>,
    writing: Mutex<Books>,
}

type Table = HashMap<Arc<str>, Arc<ArcSwap<Store>>>;

/// What those who describe stores have to know.
#[derive(Debug, Default)]
struct Books {
    /// Bytes that each store was counted with.
    counted: HashMap<Arc<str>, usize>,
    /// Their sum.
    bytes: usize,
    /// The Helix groups that came last; equal ones are held once.
    groups: Arc<BTreeMap<Arc<str>, i32>>,
}

impl Catalog {
    /// What is known of a store, as it was described last.
    pub fn store(&self, name: &str) -> Option<Arc<Store>> {
        self.table.load().get(name).map(|store| store.load_full())
    }

    /// Puts a store in, or in the place of what was known of it.
    ///
    /// # Errors
    ///
    /// If there are too many stores, or too many bytes in them; what was known before stays.
    pub fn put(&self, mut store: Store) -> Result<(), CatalogError> {
        let mut books = self.books();
        let bytes = counted(&mut store, &books.groups);
        let known = self.table.load_full();
        let slot = known.get(store.name.as_str());
        if slot.is_none() && known.len() >= STORES {
            return Err(CatalogError::ManyStores {
                store: Echoed::new(&store.name),
                limit: STORES,
            });
        }
        let before = books.counted.get(store.name.as_str());
        let all = books.bytes - before.copied().unwrap_or(0) + bytes;
        if all > CATALOG_BYTES {
            return Err(CatalogError::Full {
                store: Echoed::new(&store.name),
                bytes: all,
                limit: CATALOG_BYTES,
            });
        }
        let name: Arc<str> = store.name.as_str().into();
        books.groups = store.routing.helix_groups.clone();
        books.counted.insert(name.clone(), bytes);
        books.bytes = all;
        match slot {
            Some(slot) => slot.store(Arc::new(store)),
            None => {
                let mut table = Table::clone(&known);
                table.insert(name, Arc::new(ArcSwap::from_pointee(store)));
                self.table.store(Arc::new(table));
            }
        }
        Ok(())
    }

    /// Puts all of these in, and forgets those named `gone`, at once: the table is copied once, however many there are. A
    /// name that is in both stays.
    ///
    /// # Errors
    ///
    /// As [`Catalog::put`], of the first store that has no room; then nothing has changed.
    pub fn replace<'a>(
        &self,
        gone: impl IntoIterator<Item = &'a str>,
        mut stores: Vec<Store>,
    ) -> Result<(), CatalogError> {
        let mut books = self.books();
        let (mut sizes, mut all) = (books.counted.clone(), books.bytes);
        let mut table = Table::clone(&self.table.load());
        for name in gone {
            all -= sizes.remove(name).unwrap_or(0);
            table.remove(name);
        }
        let mut groups = books.groups.clone();
        for store in &mut stores {
            let bytes = counted(store, &groups);
            groups = store.routing.helix_groups.clone();
            let before = sizes.insert(store.name.as_str().into(), bytes);
            all = all - before.unwrap_or(0) + bytes;
            if sizes.len() > STORES {
                return Err(CatalogError::ManyStores {
                    store: Echoed::new(&store.name),
                    limit: STORES,
                });
            }
            if all > CATALOG_BYTES {
                return Err(CatalogError::Full {
                    store: Echoed::new(&store.name),
                    bytes: all,
                    limit: CATALOG_BYTES,
                });
            }
        }
        let known = self.table.load_full();
        for store in stores {
            let name: Arc<str> = store.name.as_str().into();
            match known.get(&name) {
                Some(slot) => {
                    slot.store(Arc::new(store));
                    table.insert(name, slot.clone());
                }
                None => drop(table.insert(name, Arc::new(ArcSwap::from_pointee(store)))),
            }
        }
        self.table.store(Arc::new(table));
        *books = Books {
            counted: sizes,
            bytes: all,
            groups,
        };
        Ok(())
    }

    /// Forgets a store; `false` if it was not known.
    pub fn remove(&self, name: &str) -> bool {
        let mut books = self.books();
        let known = self.table.load_full();
        if !known.contains_key(name) {
            return false;
        }
        let mut table = Table::clone(&known);
        table.remove(name);
        self.table.store(Arc::new(table));
        books.bytes -= books.counted.remove(name).unwrap_or(0);
        if books.counted.is_empty() {
            *books = Books::default();
        }
        true
    }

    /// The names of all stores, in order.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.table.load().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// All stores, in the order of their names.
    pub fn stores(&self) -> Vec<Arc<Store>> {
        let table = self.table.load();
        let mut stores: Vec<Arc<Store>> = table.values().map(|slot| slot.load_full()).collect();
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
        self.books().bytes
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // They are changed after all that could fail.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a store. It gets the groups that are held already, if they are equal, and they count once.
fn counted(store: &mut Store, groups: &Arc<BTreeMap<Arc<str>, i32>>) -> usize {
    let mut bytes = store.bytes();
    if *groups == store.routing.helix_groups {
        store.routing.helix_groups = groups.clone();
        bytes -= store.routing.group_bytes();
    }
    bytes
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

        catalog.books().bytes = CATALOG_BYTES - 10;
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
        catalog.books().bytes = CATALOG_BYTES;
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
