"""Compares the C++ functions that Rust calls, and Rust's that C++ calls, as headers and Rust declare them.

    c_abi.py ROOT ROCKSDB_C_H       ROOT is the folder that has rust/

The linker binds by names alone: an argument that changed on one side would be read from the wrong register. So each
function of C++ that Rust declares stands in a header, with the same arguments and result; its definition includes the
header, where the C++ compiler compares them; and it is `noexcept`, as no exception may pass through Rust. RocksDB's own
C interface (rocksdb/c.h) is compared in the same way. A declaration that this program cannot read is a fault, not a
thing to pass over.

Upstream's natives, which Rust calls under leases, have the types of Java's class files: NativesListTest compares them.
"""

import pathlib
import re
import sys

# Functions of the system's libraries.
SYSTEM = {"malloc_trim": "mallopt of glibc, malloc_trim(3)", "_Znwm": "operator new(size_t)"}

SCALARS = {
    "bool": "bool",
    "char": "c_char",
    "double": "f64",
    "float": "f32",
    "int": "c_int",
    "int8_t": "i8",
    "int32_t": "i32",
    "int64_t": "i64",
    "size_t": "usize",
    "uint8_t": "u8",
    "uint32_t": "u32",
    "uint64_t": "u64",
    "unsigned char": "u8",
    "unsigned int": "c_uint",
    "void": "c_void",
}
RUST_ALIASES = {"c_double": "f64", "c_uchar": "u8"}
RUST_SCALARS = set(SCALARS.values()) | {"u16", "i16", "()"}

# Macros whose `extern` blocks have variables, and what one line of each declares: a pattern of its uses, and the
# arguments and the result in Rust, with the groups of the pattern.
MACROS = {
    "makers": (r"=>\s*(\w+)\s*->\s*(\w+)\s*;", "{0}() -> *mut {1}"),
    "copiers": (r"=>\s*(\w+)\s*->\s*(\w+)\s*;", "{0}(*const {1}) -> *mut {1}"),
    "setters": (r"\(\s*\w+ as (\w+)\s*\)\s*=>\s*(\w+)", "{1}(*mut {object}, {0})"),
    "native_objects": (r"=\s*\w+\s*,\s*(\w+)\s*;", "{0}(*mut c_void)"),
    "disposers": (r"\b(venice_\w+_destroy)\b(?!;)", "{0}(*mut c_void)"),
}
# Those of upstream's natives.
UPSTREAM_MACROS = {"leased", "natives", "retired"}


class Fault(Exception):
    """A declaration that cannot be read, or does not agree."""


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    return re.sub(r"//[^\n]*", " ", text)


def split(text, separator=","):
    """The parts between separators that stand in no bracket."""
    parts, depth, part = [], 0, ""
    for at, char in enumerate(text):
        arrow = char == ">" and text[at - 1 : at] == "-"
        depth += 0 if arrow else {"(": 1, "[": 1, "{": 1, "<": 1, ")": -1, "]": -1, "}": -1, ">": -1}.get(char, 0)
        if char == separator and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    parts.append(part)
    return [part.strip() for part in parts if part.strip()]


def block(text, opening):
    """What stands between the brace at `opening` and its partner, and where that is."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[opening + 1 : at], at
    raise Fault("a brace without its partner")


# --- C++ ----------------------------------------------------------------------------------------------------------


def c_type(text):
    """A type of C as Rust writes it; struct names stay."""
    pointer = re.fullmatch(r"(.*?)\(\s*\*\s*\w*\s*\)\s*\((.*)\)", text, re.DOTALL)
    if pointer:
        return function_type([c_parameter(part) for part in split(pointer[2])], c_type(pointer[1]))
    words = re.findall(r"[\w:]+|\*", text)
    base, is_const, rust = [], False, None
    for word in words:
        if word == "*":
            rust = ("*const " if is_const else "*mut ") + (rust or c_name(base))
            is_const = False
        elif word == "const":
            is_const = True
        elif word not in ("struct", "extern", "ROCKSDB_LIBRARY_API"):
            if rust:
                raise Fault(f"the type {text!r} cannot be read")
            base.append(word)
    rust = rust or c_name(base)
    return "()" if rust == "c_void" else rust


def c_name(words):
    name = " ".join(words)
    if not name:
        raise Fault("a type without a name")
    return SCALARS.get(name, name)


def c_parameter(text):
    """The type of a parameter or field with its name; an array as Rust writes it."""
    if "(" in text:
        return c_type(text)
    array = re.fullmatch(r"(.*?)(\w+)\s*\[(\d+)\]", text, re.DOTALL)
    if array:
        return f"[{c_type(array[1])}; {array[3]}]"
    named = re.fullmatch(r"(.*[\s*])(\w+)", text, re.DOTALL)
    if named and re.search(r"\w", named[1].replace("const", "").replace("struct", "")):
        if not (named[1].strip() == "unsigned" and named[2] in ("char", "int")):
            return c_type(named[1])
    return c_type(text)


def function_type(parameters, result):
    return f"fn({', '.join(parameters)}) -> {result}"


class Headers:
    """What headers declare: functions with their types, structs with their fields."""

    def __init__(self):
        self.functions = {}
        self.structs = {}
        self.throwing = []
        self._foreign = {}

    def function(self, name):
        """The type of a function; None if no header declares it. RocksDB's are read when they are asked for."""
        if name in self._foreign:
            self._function(self._foreign.pop(name), name)
        return self.functions.get(name)

    def read(self, text, prefix, ours=True):
        text = without_comments(text)
        text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.MULTILINE)
        if not ours:
            for found in re.finditer(rf"extern ROCKSDB_LIBRARY_API ([^;]*?\b({prefix}\w+)\s*\([^;]*\));", text):
                self._foreign[found[2]] = found[1]
            return
        for found in re.finditer(r"\bstruct\s+(\w+)\s*\{", text):
            fields, _ = block(text, found.end() - 1)
            self.structs[found[1]] = [c_field(field) for field in split(fields, ";")]
        text = re.sub(r"\b(?:struct|enum)\s+\w+[^;{()]*\{[^}]*\}\s*;", "", text)
        for found in re.finditer(rf"([^;{{}}]*?\b({prefix}\w+)\s*\([^;{{}}]*\))([^;{{}}()]*);", text):
            if found[3].strip() != "noexcept":
                self.throwing.append(found[2])
            self._function(found[1], found[2])

    def _function(self, text, name):
        head = re.match(rf"(.*?)\b{name}\s*\((.*)\)\s*$", text, re.DOTALL)
        parameters = [] if head[2].strip() in ("", "void") else split(head[2])
        declared = function_type([c_parameter(part) for part in parameters], c_type(head[1]))
        if self.functions.setdefault(name, declared) != declared:
            raise Fault(f"{name} is declared twice: {self.functions[name]} and {declared}")


def c_field(text):
    named = re.fullmatch(r".*?(\w+)(?:\s*\[\d+\])?", text, re.DOTALL)
    return named[1], c_parameter(text)


# --- Rust ---------------------------------------------------------------------------------------------------------


class Sources:
    """What Rust declares: functions of C++ with types, as often as they are; own functions for C++; structs."""

    def __init__(self, texts):
        """`texts`: name and text of each file."""
        self.declared = []  # (file, name, type)
        self.exported = {}
        self.structs = {}
        self.faults = []
        self._aliases = {}
        texts = {name: without_comments(text) for name, text in texts.items()}
        for text in texts.values():
            for found in re.finditer(r"\btype\s+(\w+)\s*=\s*((?:\[[^\]]*\]|[^;\[])+);", text):
                self._aliases[found[1]] = found[2]
        for name, text in texts.items():
            self._file(name, text)

    def _file(self, name, text):
        for found in re.finditer(r"#\[repr\(C\)\](?:\s*#\[[^\]]*\])*\s*(?:pub(?:\([^)]*\))?\s+)?struct\s+(\w+)\s*\{", text):
            fields, _ = block(text, found.end() - 1)
            pairs = [re.sub(r"#\[[^\]]*\]|\bpub(?:\([^)]*\))?\s", "", field).split(":", 1) for field in split(fields)]
            self.structs[found[1]] = [(pair[0].strip(), self._type(pair[1])) for pair in pairs]
        macros = [(m[1], m.start(), block(text, m.end() - 1)[1]) for m in re.finditer(r"macro_rules!\s*(\w+)\s*\{", text)]
        for found in re.finditer(r'extern "C" \{', text):
            body, _ = block(text, found.end() - 1)
            inside = [macro for macro, start, end in macros if start < found.start() < end]
            if "$" not in body:
                self._externs(name, body)
            elif not inside or inside[0] not in MACROS.keys() | UPSTREAM_MACROS:
                self.faults.append(f"{name}: the macro {inside or '?'} declares functions; c_abi.py has to know it")
        for found in re.finditer(r'#\[unsafe\(no_mangle\)\]\s*pub (?:unsafe )?extern "C" fn (\w+)\s*\(([^)]*)\)([^{;]*)\{', text):
            self.exported[found[1]] = (name, self._signature(found[2], found[3]))
        for macro, (pattern, form) in MACROS.items():
            for found in re.finditer(rf"\b{macro}!\s*\{{", text):
                self._use(name, block(text, found.end() - 1)[0], pattern, form)

    def _use(self, name, body, pattern, form):
        object_of = re.match(r"\s*(\w+)\s*;", body)
        for line in re.finditer(pattern, body):
            text = form.format(*line.groups(), object=object_of[1] if object_of else "?")
            function, rest = text.split("(", 1)
            arguments, _, result = rest.rpartition(")")
            self._declare(name, function, self._signature(arguments, result, named=False))

    def _externs(self, name, body):
        for item in split(body, ";"):
            found = re.fullmatch(
                r'(?:#\[link_name = "(\w+)"\]\s*)?(?:pub(?:\([^)]*\))?\s+)?(?:safe |unsafe )?fn (\w+)\s*\((.*)\)(.*)',
                item,
                re.DOTALL,
            )
            if not found:
                self.faults.append(f"{name}: {item!r} cannot be read")
                continue
            self._declare(name, found[1] or found[2], self._signature(found[3], found[4]))

    def _declare(self, name, function, signature):
        self.declared.append((name, function, signature))

    def _signature(self, arguments, result, named=True):
        types = [part.split(":", 1)[1] if named else part for part in split(arguments)]
        result = result.strip().removeprefix("->").strip()
        return function_type([self._type(text) for text in types], self._type(result) if result else "()")

    def _type(self, text):
        text = " ".join(text.split())
        function = re.fullmatch(r'(?:unsafe )?extern "C" fn\((.*)\)(?: -> (.*))?', text)
        if function:
            inner = [self._type(part.split(":", 1)[-1] if re.match(r"\w+\s*:[^:]", part) else part) for part in split(function[1])]
            return function_type(inner, self._type(function[2]) if function[2] else "()")
        pointer = re.fullmatch(r"(\*const|\*mut) (.*)", text)
        if pointer:
            return f"{pointer[1]} {self._type(pointer[2])}"
        array = re.fullmatch(r"\[(.*); (\d+)\]", text)
        if array:
            return f"[{self._type(array[1])}; {array[2]}]"
        name = text.split("::")[-1]
        name = RUST_ALIASES.get(name, name)
        if name in self._aliases and "fn(" in self._aliases[name]:
            return self._type(self._aliases[name])
        return name

    def room(self, name):
        """The type that a name stands for, if it is room for an object: MaybeUninit<...>."""
        found = re.fullmatch(r"MaybeUninit<(.*)>", self._aliases.get(name, "").strip())
        return found and self._type(found[1])


# --- Both ---------------------------------------------------------------------------------------------------------


class Names:
    """Which name of a type in C is which in Rust: one for one, but that RocksDB's C interface has names of its own."""

    def __init__(self):
        self.rust_of = {}
        self._c_of = {}

    def same(self, c, rust):
        if c in SCALARS.values() or rust in RUST_SCALARS:
            return c == rust
        family = c.split("_")[0]
        return self.rust_of.setdefault(c, rust) == rust and self._c_of.setdefault((family, rust), c) == c


def agree(c, rust, names):
    """Whether a type of C, in Rust's form, and one of Rust are the same; notes which names belong together."""
    words = r"\*const|\*mut|\w+|[^\s\w]"
    c_words, rust_words = re.findall(words, c), re.findall(words, rust)
    if len(c_words) != len(rust_words):
        return False
    return all(
        names.same(a, b) if re.fullmatch(r"[A-Za-z_]\w*", a) and re.fullmatch(r"[A-Za-z_]\w*", b) and a != "fn" else a == b
        for a, b in zip(c_words, rust_words)
    )


def faults(headers, sources):
    """What is wrong, in words."""
    names = Names()
    found = list(sources.faults)
    found += [f"{name} is not noexcept" for name in sorted(headers.throwing)]
    called = set()
    for file, name, rust in sources.declared:
        if name in SYSTEM or name.startswith("upstream_Java_"):
            continue
        called.add(name)
        c = headers.function(name)
        if c is None:
            found.append(f"{file}: {name} is declared in no header")
        elif not agree(c, rust, names):
            found.append(f"{file}: {name} is {rust}, and in its header {c}")
    for name, (file, rust) in sources.exported.items():
        c = headers.function(name)
        called.add(name)
        if c is None:
            found.append(f"{file}: {name} is for C++, and declared in no header")
        elif not agree(c, rust, names):
            found.append(f"{file}: {name} is {rust}, and in its header {c}")
    found += [f"{name} is in a header, and Rust neither calls nor defines it" for name in sorted(headers.functions) if name.startswith("venice_") and name not in called]
    compared = set()
    while ahead := set(names.rust_of) & set(headers.structs) - compared:
        for c in sorted(ahead):
            compared.add(c)
            found += fields_faults(c, headers.structs[c], names.rust_of[c], sources, names)
    return found, len(called), len(compared)


def fields_faults(c, fields, name, sources, names):
    room = sources.room(name)
    if room:
        return [] if [type_ for _, type_ in fields] == [room] else [f"{name} is room for {room}, and struct {c} has {fields}"]
    rust = sources.structs.get(name)
    if rust is None:
        return [f"struct {c} has no #[repr(C)] struct {name}"]
    if [field for field, _ in fields] != [field for field, _ in rust]:
        return [f"struct {c} has the fields {[f for f, _ in fields]}, and {name} {[f for f, _ in rust]}"]
    return [
        f"{c}.{field} is {theirs}, and {name}.{field} {ours}"
        for (field, theirs), (_, ours) in zip(fields, rust)
        if not agree(theirs, ours, names)
    ]


def main(root, rocksdb_c_h):
    rust = pathlib.Path(root, "rust")
    headers = Headers()
    found = []
    try:
        for header in sorted(rust.glob("*/cpp/**/*.h")):
            text = header.read_text(encoding="utf-8")
            if 'extern "C"' in text:
                headers.read(text, "venice_")
        headers.read(pathlib.Path(rocksdb_c_h).read_text(encoding="utf-8"), "rocksdb_", ours=False)
        files = sorted([*rust.glob("*/src/**/*.rs"), *rust.glob("*/tests/**/*.rs")])
        sources = Sources({str(file.relative_to(rust)): file.read_text(encoding="utf-8") for file in files})
        found, functions, structs = faults(headers, sources)
    except Fault as fault:
        found, functions, structs = [str(fault)], 0, 0
    for source in sorted(rust.glob("*/cpp/**/*.cc")):
        text = without_comments(source.read_text(encoding="utf-8"))
        for name in re.findall(r"^[\w:<>* ]*\b(venice_\w+)\([^;{}]*\) (?:noexcept )?\{", text, re.MULTILINE):
            if name not in headers.functions:
                found.append(f"{source.relative_to(rust)}: {name} is declared in no header")
    print("\n".join(found))
    print(f"{functions} functions and {structs} structs compared, {len(found)} faults")
    return 1 if found or not functions else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
