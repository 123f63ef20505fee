"""What check.py finds, on crates of a few lines."""

import unittest

import check
import imports


def pairs(**sources):
    return imports.Crate({name.replace("__", "/") + ".rs": text for name, text in sources.items()}).imports()


class Imports(unittest.TestCase):
    def test_every_way_to_name_a_module(self):
        b = {("a.rs", "b.rs")}
        for text in (
            "use crate::b::Thing;",
            "pub use crate::b::{self, Thing};",
            "use crate::{b::Thing, c as d};",
            "use super::b;",
            "fn f() { crate::b::g() }",
            "macro_rules! m { () => { $crate::b::g() } }",
            "use crate::{\n    b::{\n        Thing,\n        Other,\n    },\n};",
        ):
            self.assertEqual(pairs(lib="", a=text, b="") - {("a.rs", "lib.rs")}, b, text)

    def test_modules_in_folders(self):
        self.assertEqual(
            pairs(lib="", a__mod="", a__b="use super::c::Thing;", a__c="use crate::a::Item;"),
            {("a/b.rs", "a/c.rs"), ("a/c.rs", "a/mod.rs")},
        )

    def test_a_group_of_modules(self):
        self.assertEqual(
            pairs(lib="", a__mod="", a__b="use super::{c::Thing, d};", a__c="use crate::a::{d, Item};", a__d=""),
            {("a/b.rs", "a/c.rs"), ("a/b.rs", "a/d.rs"), ("a/c.rs", "a/d.rs"), ("a/c.rs", "a/mod.rs")},
        )

    def test_a_child_named_by_its_parent(self):
        self.assertEqual(pairs(lib="mod a;\npub use a::Thing;", a=""), {("lib.rs", "a.rs")})
        self.assertEqual(pairs(lib="mod a;\nfn f() { other::a::g() }", a=""), set())

    def test_what_is_no_import(self):
        for text in (
            "// crate::b::Thing",
            "/// [`crate::b::Thing`]",
            "/* crate::b::Thing */",
            'const S: &str = "crate::b::Thing";',
            'const S: &str = r#"crate::b "Thing"#;',
            "fn f<'a>(b: &'a str) {}",
            "#[cfg(test)]\nmod tests {\n    use crate::b::Thing;\n    fn f() { if x { y } }\n}",
            "use std::b::Thing;",
        ):
            self.assertEqual(pairs(lib="", a=text, b=""), set(), text)

    def test_what_stands_behind_tests_is_read(self):
        text = "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::b::Thing;"
        self.assertEqual(pairs(lib="", a=text, b=""), {("a.rs", "b.rs")})

    def test_files_of_tests_import_what_they_like(self):
        self.assertEqual(pairs(lib="", a__mod="", a__tests="use crate::b::Thing;", b=""), set())


class Faults(unittest.TestCase):
    def faults(self, floors, **sources):
        sources = {name.replace("__", "/") + ".rs": text for name, text in sources.items()}
        return check.faults("crate", floors, sources)

    def test_a_house_in_order(self):
        up, low = "use crate::low::Thing;", ""
        self.assertEqual(self.faults([["up"], ["low"]], lib="", up=up, low=low), [])
        self.assertEqual(self.faults([], lib="", up=up, low=low), [])

    def test_a_circle(self):
        found = self.faults([], lib="", a="use crate::b;", b="use crate::c;", c="use crate::a;", d="use crate::a;")
        self.assertEqual(found, ["crate: a circle of 3 files: a.rs -> b.rs, b.rs -> c.rs, c.rs -> a.rs"])

    def test_an_import_that_runs_up_or_across(self):
        found = self.faults([["up"], ["low", "beside"]], lib="", up__mod="", low="use crate::up;", beside="")
        self.assertEqual(found, ["crate: low.rs imports up/mod.rs, which runs up"])
        found = self.faults([["up"], ["low", "beside"]], lib="", up__mod="", low="use crate::beside;", beside="")
        self.assertEqual(found, ["crate: low.rs imports beside.rs, which runs across"])

    def test_a_module_that_should_be_private(self):
        lib = "//! pub mod seen\nmod a;\n#[doc(hidden)]\npub mod internals;\npub mod b;\n"
        self.assertEqual(check.visible("crate", None, {"lib.rs": lib}), [])
        self.assertEqual(check.visible("crate", ["b", "internals"], {"lib.rs": lib}), [])
        self.assertEqual(
            check.visible("crate", ["a", "internals"], {"lib.rs": lib}),
            [
                "crate: lib.rs has `pub mod b`, which house.txt does not call public",
                "crate: house.txt calls a public, and lib.rs does not",
            ],
        )

    def test_internals_of_another_crate(self):
        for text in ("use venice_server::internals::config::Live;", "use venice_server::{internals, Config};"):
            self.assertEqual(
                check.visible("crate", None, {"a.rs": text}),
                ["crate: a.rs names the internals of a crate, which are for its own tests"],
            )
        self.assertEqual(check.visible("crate", None, {"a.rs": "// venice_server::internals\nuse crate::internals::x;"}), [])

    def test_a_drawing_that_is_not_of_this_house(self):
        found = self.faults([["up"], ["gone"]], lib="", up="", low="")
        self.assertEqual(
            found,
            ["crate: house.txt has no floor for the room low", "crate: house.txt has the room gone, and there is none"],
        )

    def test_a_drawing_that_cannot_be_read(self):
        crates = check.crates_of("crate a # one\n\nfloor x y\nfloor z\npublic z\ncrate b\n")
        self.assertEqual(
            {folder: (crate.floors, crate.public) for folder, crate in crates.items()},
            {"a": ([["x", "y"], ["z"]], ["z"]), "b": ([], None)},
        )
        for text in ("floor x", "crate", "crate a\nfloor", "room x", "public x", "crate a\npublic"):
            with self.assertRaisesRegex(ValueError, "line [12] is "):
                check.crates_of(text)


if __name__ == "__main__":
    unittest.main()
