"""Rust's standard library for other platforms than this machine's, made when a build first asks for it.

Each is a repository, named after its triple, with the target `rust_std`. What is made is kept in the toolbox.
"""

_TRIPLES = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-gnu",
]

_BUILD = """load("@rules_rust//rust:toolchain.bzl", "rust_stdlib_filegroup")

rust_stdlib_filegroup(
    name = "rust_std",
    srcs = glob(["std/*.rlib"]),
    visibility = ["//visibility:public"],
)
"""

def _rust_std_repository_impl(repository_ctx):
    triple = repository_ctx.attr.triple
    repository_ctx.report_progress("compiling Rust's standard library for {}, about two minutes, once".format(triple))
    kept = "/opt/toolbox/rust_std/" + triple
    made = repository_ctx.execute(["sh", repository_ctx.path(repository_ctx.attr._script), triple, kept], timeout = 3600)
    if made.return_code:
        fail("cannot compile Rust's standard library for {}:\n{}{}".format(triple, made.stdout, made.stderr))
    repository_ctx.symlink(kept, "std")
    repository_ctx.file("BUILD.bazel", _BUILD)

_rust_std_repository = repository_rule(
    implementation = _rust_std_repository_impl,
    attrs = {
        "triple": attr.string(mandatory = True),
        "_script": attr.label(default = "//:rust_std.sh"),
    },
    environ = [
        "CARGO_HOME",
        "HOME",
        # What is made is in the toolbox, and another one has none of it.
        "TOOLBOX_NAME",
    ],
)

def _rust_std_impl(_module_ctx):
    for triple in _TRIPLES:
        _rust_std_repository(
            name = triple,
            triple = triple,
        )

rust_std = module_extension(implementation = _rust_std_impl)
