"""The targets that every crate of this folder has."""

load("@bazel_skylib//rules:build_test.bzl", "build_test")
load("@crates//:defs.bzl", "all_crate_deps")
load("@rules_rust//cargo:defs.bzl", "cargo_build_script")
load("@rules_rust//rust:defs.bzl", "rust_binary", "rust_clippy", "rust_doc", "rust_doc_test", "rust_library", "rust_static_library", "rust_test")

_EDITION = "2021"

_RULES = {
    "binary": rust_binary,
    "library": rust_library,
    "static_library": rust_static_library,
}

# Seeds for the parsers of a crate, where its module `fuzzing` looks for them.
_FUZZ_CORPUS = {
    "data": ["//rust/fuzz:corpus"],
    "env": {"FUZZ_CORPUS": "rust/fuzz/corpus"},
}

def venice_crate(
        name,
        deps = [],
        kind = "library",
        srcs = None,
        crate_name = None,
        protos = [],
        testing_deps = None,
        testing_features = [],
        test_deps = [],
        test_compile_data = [],
        test_data = {},
        unit_tests = True,
        fuzzed = False,
        package_targets = True,
        testonly = False,
        visibility = ["//visibility:public"],
        **kwargs):
    """A crate, with its tests and its documentation.

    Makes these targets:

      NAME           the crate
      NAME_testing   the same for tests alone, with `testing_features` and `testing_deps`
      NAME_test      its unit tests
      FILE_test      a test for each tests/FILE.rs, which may have modules in folders of tests/
      FILE           a program for each examples/FILE.rs, for tests, with modules in folders of tests/
      NAME_doc       its documentation as HTML, private items too; NAME_doc_build_test fails when a link in it leads nowhere
      NAME_doc_test  the examples in its documentation
      NAME_clippy_test, rustfmt_test
                     fail with what clippy has to say of the crate, its tests and its examples, and rustfmt of the package
      build_script   what runs build.rs, with `protos`
      tests          all tests of the package
      sources        what the crate is made of, for the name of the build and for //tests/architecture

    Args:
      name: the package's name; the crate is called venice_NAME unless `crate_name` says otherwise.
      deps: what the crate depends on, Rust and C++.
      kind: "library", "static_library" or "binary". A static library has no documentation, a binary no NAME_doc_test.
      srcs: its sources; all below src/ unless given.
      crate_name: its name in Rust.
      protos: .proto files that build.rs reads below PROTO_ROOT; none means that Bazel does not run build.rs.
      testing_deps: what NAME_testing depends on, in place of `deps`; None means that tests use NAME itself.
      testing_features: features of NAME_testing.
      test_deps: what tests and examples depend on besides the crate.
      test_compile_data: files that tests in tests/ include.
      test_data: for tests/FILE.rs, by the name FILE: files that it reads. Tests of a binary have it, by
        CARGO_BIN_EXE_NAME.
      unit_tests: False for a crate without unit tests.
      fuzzed: True for a crate with a module `fuzzing`: its unit tests get the seeds of //rust/fuzz.
      package_targets: False for a second crate of one package, as `tests` and `sources` are the package's.
      testonly: as in every rule.
      visibility: of NAME; the other targets are for //rust and //tests.
      **kwargs: other attributes of NAME and NAME_testing.
    """
    build_script = [":build_script"] if protos else []
    if protos:
        cargo_build_script(
            name = "build_script",
            srcs = ["build.rs"],
            build_script_env = {"PROTO_ROOT": "$${pwd}/proto"},
            data = protos,
            edition = _EDITION,
            # The crates that only build scripts use have no label of their own.
            deps = all_crate_deps(build = True),
        )

    if srcs == None:
        srcs = native.glob(["src/**/*.rs"])
    crate = dict(
        srcs = srcs,
        crate_name = crate_name or "venice_" + name,
        edition = _EDITION,
        **kwargs
    )
    _RULES[kind](
        name = name,
        testonly = testonly,
        visibility = visibility,
        deps = build_script + deps,
        **crate
    )

    tested = ":" + name
    linted = [tested]
    if testing_deps != None:
        tested = ":" + name + "_testing"
        rust_library(
            name = name + "_testing",
            testonly = True,
            crate_features = testing_features,
            visibility = ["//rust:__subpackages__"],
            deps = build_script + testing_deps,
            **crate
        )
        linted.append(tested)

    if unit_tests:
        rust_test(
            name = name + "_test",
            size = "small",
            crate = tested,
            deps = test_deps,
            **(_FUZZ_CORPUS if fuzzed else {})
        )
        linted.append(":" + name + "_test")

    if package_targets:
        # Tests of a binary run it; Cargo tells them where it is by the same name.
        is_binary = kind == "binary"
        test_deps = test_deps + ([] if is_binary else [tested])
        linted += _examples(deps = test_deps)
        linted += _integration_tests(
            binary = name if is_binary else None,
            compile_data = test_compile_data,
            data = test_data,
            deps = test_deps,
        )
        rustfmt_test(name = "rustfmt_test")
        native.test_suite(name = "tests")
        native.filegroup(
            name = "sources",
            srcs = native.glob(
                [
                    "Cargo.toml",
                    "build.rs",
                    "cpp/**",
                    "src/**",
                ],
                allow_empty = True,
            ) + protos,
            visibility = ["//rust:__pkg__"],
        )
        native.exports_files(["Cargo.toml"])

    # rules_rust neither documents nor lints a static library.
    if kind != "static_library":
        rust_doc(
            name = name + "_doc",
            testonly = True,
            crate = tested,
            rustdoc_flags = [
                "-Dwarnings",
                "--document-private-items",
                "-Arustdoc::private_intra_doc_links",
            ],
        )
        build_test(
            name = name + "_doc_build_test",
            targets = [":" + name + "_doc"],
        )
        rust_clippy(
            name = name + "_clippy",
            testonly = True,
            deps = linted,
        )
        build_test(
            name = name + "_clippy_test",
            targets = [":" + name + "_clippy"],
        )
    if kind == "library":
        rust_doc_test(
            name = name + "_doc_test",
            size = "small",
            crate = tested,
        )

def rustfmt_test(name):
    """Fails, with the difference, when rustfmt would write a file of the package in another way.

    The rule of that name in rules_rust looks at targets, so it would miss the build scripts that Cargo alone runs, and
    rust/fuzz.

    Args:
      name: name of the test.
    """
    roots = native.glob(
        [
            "build.rs",
            "examples/*.rs",
            "fuzz_targets/*.rs",
            "src/lib.rs",
            "src/main.rs",
            "tests/*.rs",
        ],
        allow_empty = True,
    )
    native.genrule(
        name = name + "_check",
        srcs = native.glob(["**/*.rs"]) + ["//rust:rustfmt.toml"],
        outs = [name + ".ok"],
        # rustfmt finds the modules of each root.
        cmd = " ".join([
            "$(RUSTFMT) --check --edition={} --config-path=$(execpath //rust:rustfmt.toml)".format(_EDITION),
        ] + ["$(execpath {})".format(root) for root in roots] + ["&& touch $@"]),
        tags = ["manual"],
        toolchains = ["@rules_rust//rust/toolchain:current_rust_toolchain"],
        tools = ["@rules_rust//rust/toolchain:current_rust_toolchain"],
    )
    build_test(
        name = name,
        targets = [":" + name + "_check"],
    )

def _examples(deps):
    names = []
    for source in native.glob(["examples/*.rs"], allow_empty = True):
        name = source.removeprefix("examples/").removesuffix(".rs")
        names.append(":" + name)
        rust_binary(
            name = name,
            testonly = True,
            # What examples share with tests.
            srcs = [source] + native.glob(
                ["tests/*/**/*.rs"],
                allow_empty = True,
            ),
            crate_root = source,
            edition = _EDITION,
            visibility = ["//tests:__subpackages__"],
            deps = deps,
        )
    return names

def _integration_tests(binary, compile_data, data, deps):
    names = []
    for source in native.glob(["tests/*.rs"], allow_empty = True):
        stem = source.removeprefix("tests/").removesuffix(".rs")
        name = stem + "_test"
        names.append(":" + name)
        rust_test(
            name = name,
            size = "medium",
            srcs = [source] + native.glob(
                ["tests/*/**/*.rs"],
                allow_empty = True,
            ),
            compile_data = compile_data,
            crate_root = source,
            data = data.get(stem, []) + ([":" + binary] if binary else []),
            edition = _EDITION,
            rustc_env = {"CARGO_BIN_EXE_" + binary: "$(rootpath :{})".format(binary)} if binary else {},
            deps = deps,
        )
    return names
