"""Names for upstream's definitions of natives that Rust defines."""

load("@rules_cc//cc:defs.bzl", "cc_library")

# The lists of Rust's natives. Each native that they name has one definition in Rust and one in upstream's C++.
_LISTS = [
    "@@//rust/rocksjava:leased",
    "@@//rust/rocksjava:src/natives.rs",
]

def upstream_names(name, sources):
    """A library with the header `upstream_names.h`, which renames Rust's natives in some of upstream's files.

    It has those names only that stand in these files, so that a change of Rust's lists compiles no others anew.

    Args:
      name: of the library.
      sources: labels of upstream's files.
    """
    header = name + "/upstream_names.h"
    natives = "grep -hoE 'Java_org_rocksdb_[A-Za-z0-9_]+' {} | LC_ALL=C sort -u"
    native.genrule(
        name = name + "_header",
        srcs = _LISTS + sources,
        outs = [header],
        cmd = """
{rust} >$(@D)/rust
{upstream} >$(@D)/upstream || true
LC_ALL=C comm -12 $(@D)/rust $(@D)/upstream | sed 's/.*/#define & upstream_&/' >$@
rm $(@D)/rust $(@D)/upstream
""".format(
            rust = natives.format(" ".join(["$(locations {})".format(label) for label in _LISTS])),
            upstream = natives.format(" ".join(["$(location {})".format(label) for label in sources])),
        ),
    )
    cc_library(
        name = name,
        hdrs = [header],
        includes = [name],
    )
