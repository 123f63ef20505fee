"""What hot_path.py finds, on files of a few lines."""

import unittest

import hot_path

HEAD = "//! What it is for: format! and Mutex in words.\n// #[HotPath]\n"


class Faults(unittest.TestCase):
    def test_a_file_without_the_mark(self):
        self.assertEqual(hot_path.faults("a.rs", "use std::sync::Mutex;"), [])

    def test_a_file_in_order(self):
        tests = '#[cfg(test)]\nmod tests {\n    fn f() { format!("{}", 1); }\n}\n'
        for text in ("fn f() {}\n", '// a Mutex\nconst S: &str = "format!";\n', tests):
            self.assertEqual(hot_path.faults("a.rs", HEAD + text), [], text)

    def test_each_kind(self):
        for kind, text in (
            ("locks", "use parking_lot::Mutex;"),
            ("locks", "fn f() { x.lock(); }"),
            ("awaits", "async fn f() { g().await }"),
            ("formatting", 'fn f() { format!("{x}"); }'),
            ("formatting", "fn f() { x.to_string(); }"),
            ("formatting", 'fn f() { tracing::warn!("x"); }'),
            ("system calls", "fn f() { std::thread::sleep(x); }"),
            ("system calls", "use std::fs::File;"),
            ("system calls", "fn f() { libc::getpid(); }"),
        ):
            (found,) = hot_path.faults("a.rs", HEAD + "\n" + text)
            self.assertIn(f"a.rs: {kind} on the hot path (lines 4)", found)
            excepted = f"{HEAD}// except {kind}: never for a read.\n\n{text}"
            self.assertEqual(hot_path.faults("a.rs", excepted), [])

    def test_exceptions_that_are_none(self):
        for line in ("// except locks", "// except locks: ", "// except luck: none."):
            found = hot_path.faults("a.rs", HEAD + line + "\nfn f() {}\n")
            self.assertIn("is no exception", found[0])
        (found,) = hot_path.faults("a.rs", HEAD + "// except locks: of old.\nfn f() {}\n")
        self.assertEqual(found, "a.rs:3: there are no locks; take the exception away")

    def test_a_mark_behind_code(self):
        (found,) = hot_path.faults("a.rs", "fn f() {}\n// #[HotPath]\n")
        self.assertIn("the mark stands behind code", found)


if __name__ == "__main__":
    unittest.main()
