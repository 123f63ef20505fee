"""Tests of behaviours.py: what it finds, and what it leaves alone."""

import pathlib
import tempfile
import unittest

import behaviours


def table(*rows):
    head = ["# A", "", behaviours.SECTION, "", "| Behaviour | File |", "|---|---|"]
    return "\n".join([*head, *rows, "", "## Next", "", "| x | `no/such.rs` |"])


class Behaviours(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "rust").mkdir()
        (self.root / "rust/a.rs").write_text("fn close() {}")

    def faults(self, *rows):
        rows = [*rows, *["| b | `rust/a.rs` |"] * behaviours.MIN_ROWS]
        return behaviours.faults(table(*rows), self.root)

    def test_a_row_that_leads_there(self):
        self.assertEqual(self.faults("| a close waits | `rust/a.rs`, `close`; `rust/` |"), [])

    def test_a_file_that_is_not_there(self):
        self.assertEqual(self.faults("| a | `rust/b.rs` |"), ["a: rust/b.rs is not there"])

    def test_a_word_that_no_file_has(self):
        self.assertEqual(self.faults("| a | `rust/a.rs`, `clos` |"), ["a: none of its files has clos"])

    def test_a_row_without_a_file(self):
        self.assertEqual(self.faults("| a | somewhere |"), ["a: no file is named"])

    def test_a_table_that_lost_rows(self):
        self.assertEqual(behaviours.faults("# A", self.root), ["0 behaviours, of at least 12"])


if __name__ == "__main__":
    unittest.main()
