"""Which file of a Rust crate imports which: read from the text, by what `crate::`, `super::` and `self::` name."""

import re

# Comments (with the code in them), strings and characters: no imports.
_SILENT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|r(\#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\[^']*|[^'\\])'""",
    re.DOTALL,
)
_TESTS = re.compile(r"#\[cfg\([^\]]*\btest\b[^\]]*\)\]\s*(?:pub(?:\([^)]*\))?\s+)?(?:mod\s+\w+|fn\s+\w+[^{;]*|impl\b[^{;]*)\s*\{")
_CHILD = re.compile(r"\bmod\s+(\w+)\s*;")
_PATH = re.compile(r"(?<![\w:])(?:pub\s*\(\s*(?:in\s+)?)?((?:crate|super|self)(?:\s*::\s*super)*)\s*::\s*(\{|\w)")


class Crate:
    """The files of a crate by the path of their module: `()` is lib.rs, `("a",)` a.rs or a/mod.rs."""

    def __init__(self, sources):
        """`sources`: name below src/, and text, of each file."""
        self.modules = {}
        for name, text in sources.items():
            module = module_of(name)
            if module is not None:
                self.modules[module] = (name, without_tests(silent(text)))

    def imports(self):
        """Pairs of file names: the first imports something of the second."""
        pairs = set()
        for module, (name, text) in self.modules.items():
            for path in paths(text, module):
                target = self._file_of(path)
                if target != module:
                    pairs.add((name, self.modules[target][0]))
        return pairs

    def _file_of(self, path):
        while path not in self.modules and path:
            path = path[:-1]
        return path


def module_of(name):
    """The module that a file below src/ is; None for a file of tests."""
    parts = name.removesuffix(".rs").split("/")
    if parts[-1] == "tests":
        return None
    if parts in (["lib"], ["main"]):
        return ()
    return tuple(parts[:-1] if parts[-1] == "mod" else parts)


def silent(text):
    """The text without comments, strings and characters."""
    return _SILENT.sub(" ", text)


def without_tests(text):
    """The text without what is compiled for tests only."""
    while found := _TESTS.search(text):
        text = text[: found.start()] + text[_end_of_block(text, found.end() - 1) :]
    return text


def _end_of_block(text, opening):
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    return len(text)


def paths(text, module):
    """The paths that a text names, from the root of the crate; `module` is where it stands."""
    for child in set(_CHILD.findall(text)):
        if re.search(rf"(?<![\w:.]){child}\s*::", text):
            yield module + (child,)
    for found in _PATH.finditer(text):
        words = re.sub(r"\s", "", found[1]).split("::")
        base = () if words[0] == "crate" else module
        ups = words.count("super")
        base = base[: len(base) - ups] if ups else base
        start = found.end() - 1
        if text[start] == "{":
            yield from (base + path for path in _group(text, start)[0])
        else:
            words, end = _words(text, start)
            if text[end - 2 : end + 1] == "::{":
                yield from (base + words + path for path in _group(text, end)[0])
            else:
                yield base + words


def _words(text, at):
    """The names of a path that begins at `at`, and where they end."""
    words = []
    while found := re.compile(r"\s*(\w+)\s*(::)?").match(text, at):
        words.append(found[1])
        at = found.end()
        if not found[2]:
            break
    return tuple(words), at


def _group(text, at):
    """The paths of a group of a `use` that opens at `at`, and where it ends."""
    found = []
    at += 1
    while at < len(text) and text[at] != "}":
        if not re.match(r"\w", text[at]):
            at += 1
            continue
        words, at = _words(text, at)
        if text[at : at + 1] == "{":
            inner, at = _group(text, at)
            found += [words + path for path in inner]
        else:
            found.append(words[:-1] if words[-1] == "self" else words)
    return found, at + 1
