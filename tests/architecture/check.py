"""Reads the drawing of the house (house.txt) and says which imports break it.

    check.py HOUSE ROOT     ROOT is the folder that has rust/

Rules. No circle: no file imports, by way of whatever others, what imports it. One way: a room imports rooms
of lower floors only, and none of its own floor. Private: where the drawing says which modules of a crate are public,
lib.rs has no other `pub mod`. And what a crate lists in a module `internals` is for its own tests: no source of a
crate names that of another.
"""

import pathlib
import re
import sys

import imports


_PUBLIC = re.compile(r"^pub mod (\w+)", re.MULTILINE)
_INTERNALS = re.compile(r"\bvenice_\w+::(?:\{[^}]*\b)?internals\b")


class Drawing:
    """A crate in the drawing: floors from the highest to the lowest, each a list of rooms; and which modules are
    public, None if the drawing does not say."""

    def __init__(self):
        self.floors = []
        self.public = None


def crates_of(text):
    """The crates of a drawing, by their folder."""
    crates = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "crate" and len(words) == 2:
            crate = crates.setdefault(words[1], Drawing())
        elif words[0] == "floor" and len(words) > 1 and crates:
            crate.floors.append(words[1:])
        elif words[0] == "public" and len(words) > 1 and crates:
            crate.public = words[1:]
        else:
            raise ValueError(
                f"line {number} is {line!r}; write `crate FOLDER` or, below it, `floor ROOM...` or `public MODULE...`"
            )
    return crates


def room_of(name):
    """The room of a file: the folder below src/ that it is in, or its own name."""
    return name.split("/")[0].removesuffix(".rs")


def circles(pairs):
    """The circles among pairs (importer, imported), each a sorted list of files."""
    imported = {}
    for a, b in pairs:
        imported.setdefault(a, set()).add(b)
    reached = {file: _reach(file, imported) for file in imported}
    rings = {tuple(sorted(b for b in reached[a] | {a} if a in reached.get(b, ()))) for a in reached if a in reached[a]}
    return [list(ring) for ring in sorted(rings)]


def _reach(file, imported):
    seen, ahead = set(), [file]
    while ahead:
        for next_file in imported.get(ahead.pop(), ()):
            if next_file not in seen:
                seen.add(next_file)
                ahead.append(next_file)
    return seen


def visible(folder, public, sources):
    """What a crate shows that it should not, or uses that is not for it, in words."""
    found = [
        f"{folder}: {name} names the internals of a crate, which are for its own tests"
        for name, text in sorted(sources.items())
        if _INTERNALS.search(imports.silent(text))
    ]
    if public is not None:
        shown = set(_PUBLIC.findall(imports.silent(sources.get("lib.rs", ""))))
        found += [
            f"{folder}: lib.rs has `pub mod {module}`, which house.txt does not call public"
            for module in sorted(shown - set(public))
        ]
        found += [
            f"{folder}: house.txt calls {module} public, and lib.rs does not" for module in sorted(set(public) - shown)
        ]
    return found


def faults(folder, floors, sources):
    """Which imports of a crate break the drawing, in words."""
    pairs = imports.Crate(sources).imports()
    found = []
    for ring in circles(pairs):
        inner = sorted(f"{a} -> {b}" for a, b in pairs if a in ring and b in ring)
        found.append(f"{folder}: a circle of {len(ring)} files: " + ", ".join(inner))
    if not floors:
        return found
    height = {room: len(floors) - level for level, rooms in enumerate(floors) for room in rooms}
    rooms = {room_of(name) for name in sources if imports.module_of(name) is not None} - {"lib", "main"}
    found += [f"{folder}: house.txt has no floor for the room {room}" for room in sorted(rooms - set(height))]
    found += [f"{folder}: house.txt has the room {room}, and there is none" for room in sorted(set(height) - rooms)]
    for a, b in sorted(pairs):
        above, below = height.get(room_of(a)), height.get(room_of(b))
        if above is None or below is None or room_of(a) == room_of(b):
            continue
        if below >= above:
            way = "up" if below > above else "across"
            found.append(f"{folder}: {a} imports {b}, which runs {way}")
    return found


def main(house, root):
    found = []
    files = 0
    for folder, crate in crates_of(pathlib.Path(house).read_text(encoding="utf-8")).items():
        source = pathlib.Path(root, folder, "src")
        sources = {str(file.relative_to(source)): file.read_text(encoding="utf-8") for file in source.rglob("*.rs")}
        if not sources:
            found.append(f"{folder}: no file of Rust is in {source}")
        files += len(sources)
        found += faults(folder, crate.floors, sources) + visible(folder, crate.public, sources)
    print("\n".join(found))
    print(f"{files} files, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
