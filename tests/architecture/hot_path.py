"""Checks files with the mark of the hot path (docs/hot-path.md): what they may have and what not.

    hot_path.py ROOT     ROOT is the folder that has rust/

A file with the line `// #[HotPath]` has no locks, awaits, formatting and system calls, but for those kinds that a line
behind the mark excepts:

    // #[HotPath]
    // except locks: a close waits behind one; a reader takes none.

An exception without a reason, and one that is not needed any more, are faults too.
"""

import pathlib
import re
import sys

import imports

MARK = "// #[HotPath]"
_EXCEPTION = re.compile(r"// except ([a-z ]+): (.+)")

# What each kind looks like in Rust. Allocations look like any other call: a test of the server counts them.
KINDS = {
    "locks": r"\b(?:Mutex|RwLock|Condvar)\b|\.lock\(\)",
    "awaits": r"\.await\b",
    "formatting": r"\b(?:format|print|println|eprint|eprintln|write|writeln)!|\.to_string\(\)|\btracing::\w+!",
    "system calls": r"\bstd::(?:fs|net|process)\b|\bthread::(?:sleep|park|spawn|yield_now)\b|\blibc::\w+|\brustix::",
}


def faults(name, text):
    """What is wrong with a file, in words; nothing for one without the mark."""
    lines = text.splitlines()
    if MARK not in (line.strip() for line in lines):
        return []
    found = []
    at = [line.strip() for line in lines].index(MARK)
    if at + 1 > next((n for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("//")), len(lines)):
        found.append(f"{name}:{at + 1}: the mark stands behind code; put it below the head of the file")
    excepted = {}
    for number, line in enumerate(lines[at + 1 :], at + 2):
        exception = _EXCEPTION.fullmatch(line.strip())
        if not line.startswith("// except"):
            break
        if not exception or exception[1] not in KINDS:
            found.append(f"{name}:{number}: {line!r} is no exception; write `// except KIND: REASON`, KIND one of {', '.join(KINDS)}")
        else:
            excepted[exception[1]] = number
    code = imports.without_tests(imports._SILENT.sub(lambda silent: re.sub(r"[^\n]", " ", silent[0]), text))
    for kind, pattern in KINDS.items():
        uses = [code[: use.start()].count("\n") + 1 for use in re.finditer(pattern, code)]
        if uses and kind not in excepted:
            where = ", ".join(map(str, sorted(set(uses))))
            found.append(f"{name}: {kind} on the hot path (lines {where}); move them away, or say behind the mark why they do no harm")
        if not uses and kind in excepted:
            found.append(f"{name}:{excepted[kind]}: there are no {kind}; take the exception away")
    return found


def main(root):
    found, marked = [], 0
    for file in sorted(pathlib.Path(root, "rust").glob("*/src/**/*.rs")):
        text = file.read_text(encoding="utf-8")
        marked += MARK in text
        found += faults(str(file.relative_to(root)), text)
    print("\n".join(found))
    print(f"{marked} files of the hot path, {len(found)} faults")
    return 1 if found or not marked else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
