//! The one list of natives that are ours.
//!
//! The build renames upstream's definition of each (`-D<name>=upstream_<name>` when its C++ is
//! compiled), so that the linker finds one of each. A native that is missing here is defined twice;
//! one that is too many is defined nowhere, and does not compile below.

use jni::objects::{JByteArray, JClass, JLongArray, JObjectArray, JString};
use jni::sys::{jboolean, jlong, jlongArray};
use jni::EnvUnowned as Env;

use crate::column_family_handle::*;
use crate::rocks_db::*;

macro_rules! natives {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?,)+) => {
        /// The exact symbol names.
        pub const NATIVES: &[&str] = &[$(stringify!($name)),+];

        // The arguments that the JVM passes, by the Java declarations in RocksDB.java and
        // ColumnFamilyHandle.java.
        $(const _: for<'l> extern "system" fn($($argument),*) $(-> $result)? = $name;)+

        #[cfg(test)]
        mod linked {
            // By their names, as the linker knows them.
            extern "C" {
                $(fn $name();)+
            }

            pub(super) fn addresses() -> Vec<usize> {
                vec![$($name as *const () as usize),+]
            }
        }

        #[cfg(test)]
        fn defined() -> Vec<usize> {
            vec![$($name as *const () as usize),+]
        }
    };
}

type Names<'l> = JObjectArray<'l, JByteArray<'l>>;

natives! {
    Java_org_rocksdb_ColumnFamilyHandle_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksDB_closeDatabase:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksDB_destroyDB:
        fn(Env<'l>, JClass<'l>, JString<'l>, jlong),
    Java_org_rocksdb_RocksDB_disposeInternalJni:
        fn(Env<'l>, JClass<'l>, jlong),
    Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2Z:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, jboolean) -> jlong,
    Java_org_rocksdb_RocksDB_openROnly__JLjava_lang_String_2_3_3B_3JZ:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, Names<'l>, JLongArray<'l>, jboolean)
            -> jlongArray,
    Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>) -> jlong,
    Java_org_rocksdb_RocksDB_open__JLjava_lang_String_2_3_3B_3J:
        fn(Env<'l>, JClass<'l>, jlong, JString<'l>, Names<'l>, JLongArray<'l>) -> jlongArray,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_native_is_linked_under_its_name() {
        assert_eq!(linked::addresses(), defined());
    }

    #[test]
    fn the_list_is_sorted_and_has_no_repeats() {
        assert!(
            NATIVES.windows(2).all(|pair| pair[0] < pair[1]),
            "{NATIVES:?}"
        );
    }
}
