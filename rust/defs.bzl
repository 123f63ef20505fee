"""The targets that every crate of this folder has."""

load("@crates//:defs.bzl", "all_crate_deps")
load("@rules_rust//cargo:defs.bzl", "cargo_build_script")
load("@rules_rust//rust:defs.bzl", "rust_binary", "rust_doc", "rust_doc_test", "rust_library", "rust_static_library", "rust_test")

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
      FILE           a program for each examples/FILE.rs, for tests, with modules in tests/driver/
      NAME_doc       its documentation as HTML, private items too
      NAME_doc_test  the examples in its documentation
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

    if unit_tests:
        rust_test(
            name = name + "_test",
            size = "small",
            crate = tested,
            deps = test_deps,
            **(_FUZZ_CORPUS if fuzzed else {})
        )

    if package_targets:
        _examples(deps = test_deps + [tested])
        _integration_tests(
            compile_data = test_compile_data,
            deps = test_deps + [tested],
        )
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

    # rules_rust documents no static library.
    if kind != "static_library":
        rust_doc(
            name = name + "_doc",
            testonly = True,
            crate = tested,
            rustdoc_flags = ["--document-private-items"],
        )
    if kind == "library":
        rust_doc_test(
            name = name + "_doc_test",
            size = "small",
            crate = tested,
        )

def _examples(deps):
    for source in native.glob(["examples/*.rs"], allow_empty = True):
        rust_binary(
            name = source.removeprefix("examples/").removesuffix(".rs"),
            testonly = True,
            # What examples share with tests.
            srcs = [source] + native.glob(
                ["tests/driver/**/*.rs"],
                allow_empty = True,
            ),
            crate_root = source,
            edition = _EDITION,
            visibility = ["//tests:__subpackages__"],
            deps = deps,
        )

def _integration_tests(compile_data, deps):
    for source in native.glob(["tests/*.rs"], allow_empty = True):
        rust_test(
            name = source.removeprefix("tests/").removesuffix(".rs") + "_test",
            size = "medium",
            srcs = [source] + native.glob(
                ["tests/*/**/*.rs"],
                allow_empty = True,
            ),
            compile_data = compile_data,
            crate_root = source,
            edition = _EDITION,
            deps = deps,
        )
