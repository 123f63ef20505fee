"""What c_abi.py finds, on headers and declarations of a few lines."""

import unittest

import c_abi

HEADER = """
// void venice_not_here(int x) noexcept;
#define VENICE_TWO \\
  2
namespace rocksdb { class DB; }
extern "C" {
using venice_db = rocksdb::DB;
struct venice_slice {
  const uint8_t* data;
  size_t size;
};
struct venice_room { uint64_t room[16]; };
enum venice_kind : uint8_t { VENICE_A = 0, VENICE_B = 1 };
void venice_put(venice_db* db, const struct venice_slice* keys, struct venice_slice key, int count) noexcept;
const venice_db* const* venice_all(venice_db* const* dbs, void (*show)(void* context, uint8_t kind), struct venice_room* room) noexcept;
void venice_nothing(void) noexcept;
}
"""

RUST = """
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RawSlice {
    pub(crate) data: *const u8,
    pub(crate) size: usize,
}
pub type Room = MaybeUninit<[u64; 16]>;
pub(crate) type Show = unsafe extern "C" fn(*mut c_void, u8);
extern "C" {
    pub(crate) fn venice_put(db: *mut Db, keys: *const RawSlice, key: RawSlice, count: c_int);
    fn venice_all(dbs: *const *mut Db, show: Show, room: *mut Room) -> *const *const Db;
    fn venice_nothing();
}
"""


def faults(header=HEADER, rust=RUST, rocksdb=""):
    headers = c_abi.Headers()
    headers.read(header, "venice_")
    headers.read(rocksdb, "rocksdb_", ours=False)
    found, functions, structs = c_abi.faults(headers, c_abi.Sources({"a.rs": rust}))
    return found or [functions, structs]


class Agreement(unittest.TestCase):
    def test_what_agrees(self):
        self.assertEqual(faults(), [3, 2])

    def test_what_does_not(self):
        put = "fn venice_put(db: *mut Db, keys: *const RawSlice, key: RawSlice, count: c_int)"
        for other in (
            put.replace("c_int", "i64"),
            put.replace("c_int", "usize"),
            put.replace(", count: c_int", ""),
            put.replace("count: c_int", "count: c_int, more: u8"),
            put.replace("keys: *const", "keys: *mut"),
            put.replace("key: RawSlice", "key: *const RawSlice"),
            put + " -> u8",
        ):
            (found,) = faults(rust=RUST.replace(put, other))
            self.assertIn("a.rs: venice_put is fn(", found)
        for c, other in (("uint8_t kind", "uint32_t kind"), ("const venice_db* const* venice_all", "venice_db* const* venice_all")):
            (found,) = faults(header=HEADER.replace(c, other))
            self.assertIn("a.rs: venice_all is fn(", found)

    def test_another_object(self):
        (found,) = faults(rust=RUST.replace("dbs: *const *mut Db", "dbs: *const *mut Options"))
        self.assertIn("venice_all", found)

    def test_fields(self):
        for c, other in (("const uint8_t* data;\n  size_t size;", "size_t size;\n  const uint8_t* data;"), ("size_t size;", "uint32_t size;")):
            (found,) = faults(header=HEADER.replace(c, other))
            self.assertRegex(found, "venice_slice")
        (found,) = faults(header=HEADER.replace("room[16]", "room[15]"))
        self.assertRegex(found, "Room is room for")

    def test_what_throws(self):
        self.assertEqual(faults(header=HEADER.replace("int count) noexcept", "int count)")), ["venice_put is not noexcept"])

    def test_what_one_side_lacks(self):
        (found,) = faults(header=HEADER.replace("void venice_nothing(void) noexcept;", ""))
        self.assertEqual(found, "a.rs: venice_nothing is declared in no header")
        (found,) = faults(rust=RUST.replace("fn venice_nothing();", ""))
        self.assertEqual(found, "venice_nothing is in a header, and Rust neither calls nor defines it")

    def test_what_cannot_be_read(self):
        (found,) = faults(rust=RUST + 'macro_rules! more { ($f:ident) => { extern "C" { fn $f(); } }; }')
        self.assertIn("c_abi.py has to know it", found)
        (found,) = faults(rust=RUST + 'extern "C" { static X: u8; }')
        self.assertIn("cannot be read", found)


class Others(unittest.TestCase):
    def test_functions_of_rust(self):
        rust = RUST.replace("    fn venice_nothing();\n", "") + '#[unsafe(no_mangle)]\npub extern "C" fn venice_nothing() {}'
        self.assertEqual(faults(rust=rust), [3, 2])
        (found,) = faults(rust=rust.replace("fn venice_nothing()", "fn venice_nothing(x: u8)"))
        self.assertIn("venice_nothing is fn(u8)", found)

    def test_rocksdb_s_own_interface(self):
        rocksdb = "extern ROCKSDB_LIBRARY_API void rocksdb_set(\n    rocksdb_t* db, unsigned char on);"
        rust = RUST + "setters! { Db;\n    /// On.\n    Java_x(jboolean as c_uchar) => rocksdb_set;\n}"
        self.assertEqual(faults(rust=rust, rocksdb=rocksdb), [4, 2])
        (found,) = faults(rust=rust.replace("c_uchar", "u64"), rocksdb=rocksdb)
        self.assertIn("rocksdb_set is fn(*mut Db, u64)", found)

    def test_macros(self):
        for rust, c in (
            ("makers! { Java_x => venice_new -> Db; }", "venice_db* venice_new() noexcept;"),
            ("copiers! { Java_x => venice_new -> Db; }", "venice_db* venice_new(const venice_db* db) noexcept;"),
            ("native_objects! { Db = RocksDb, venice_new; }", "void venice_new(void* db) noexcept;"),
            ("disposers! { destructors { venice_new_destroy } }", "void venice_new_destroy(void* db) noexcept;"),
        ):
            header = HEADER.replace("void venice_nothing", c + "\nvoid venice_nothing")
            self.assertEqual(faults(header=header, rust=RUST + rust), [4, 2])
            (found,) = faults(header=header.replace("new(", "new(int x, ").replace("destroy(", "destroy(int x, "), rust=RUST + rust)
            self.assertIn("venice_new", found)


if __name__ == "__main__":
    unittest.main()
