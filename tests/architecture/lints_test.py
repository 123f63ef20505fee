"""Compares the lints of rust/Cargo.toml with those that .bazelrc gives clippy: `lints_test.py CARGO_TOML BAZELRC`."""

import pathlib
import re
import sys
import tomllib

_LETTERS = {"warn": "-W", "deny": "-D", "forbid": "-F", "allow": "-A"}


def cargo_lints(text):
    """The flags that Cargo makes of [workspace.lints]."""
    lints = tomllib.loads(text)["workspace"]["lints"]
    return {
        _LETTERS[level] + ("clippy::" if tool == "clippy" else "") + name
        for tool, levels in lints.items()
        for name, level in levels.items()
    }


def bazel_lints(text):
    """The flags of .bazelrc, without -Dwarnings, which is on the command line of Cargo's clippy."""
    [flags] = re.findall(r"^build --@rules_rust//:clippy_flags=(\S+)$", text, re.MULTILINE)
    return set(flags.split(",")) - {"-Dwarnings"}


def main():
    cargo = cargo_lints(pathlib.Path(sys.argv[1]).read_text())
    bazel = bazel_lints(pathlib.Path(sys.argv[2]).read_text())
    for flag in sorted(cargo - bazel):
        print(f"rust/Cargo.toml has {flag}, and clippy_flags in .bazelrc have not: add it there")
    for flag in sorted(bazel - cargo):
        print(f"clippy_flags in .bazelrc have {flag}, and rust/Cargo.toml has not: add it there")
    sys.exit(1 if cargo != bazel else 0)


if __name__ == "__main__":
    main()
