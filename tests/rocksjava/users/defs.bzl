"""Test suites of other projects that use RocksJava, on stock rocksdbjni and on our library."""

load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("@rules_java//java:defs.bzl", "java_binary", "java_library")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

def suites_on_both_libraries(name, runner, suites, least, jars, jvm_flags, compile_jars, resources_jar = None, resources = [], not_compared = [], by_hand = False, size = "enormous"):
    """A long test: every test of these suites ends in the same way on stock rocksdbjni and on our library.

    Ours runs with -Xcheck:jni, which must report nothing.

    Args:
      name: name of the test.
      runner: who runs the suites: JUnitSuites or ScalaSuites, a class in this folder.
      suites: what its main method takes.
      least: how many tests have to pass, at least, on both.
      jars: what the suites need at run time, rocksdbjni too.
      jvm_flags: flags for the JVM.
      compile_jars: what the runner is compiled with.
      resources_jar: a jar with resources that suites open as files.
      resources: how the names of these resources begin.
      not_compared: parts of the names (Outcomes.java's) of tests whose outcome does not depend on the library. They run,
        and are not compared. Each has its reason beside it.
      by_hand: True for what takes too long for .ci/run, or has not yet had the same outcome twice under this rule.
      size: as in every test rule.
    """
    java_library(
        name = name + "_library",
        testonly = True,
        srcs = ["//tests/rocksjava/users:{}.java".format(source) for source in _SOURCES[runner]],
        tags = ["manual"],
        runtime_deps = jars,
        deps = compile_jars + ["//java:venice_rust"],
    )

    # The natives come first on the class path, where org.rocksdb finds them before rocksdbjni's.
    for library, natives, flags in [
        ("stock", [], []),
        ("ours", ["//java:native"], ["-Xcheck:jni"]),
    ]:
        java_binary(
            name = "{}_on_{}".format(name, library),
            testonly = True,
            jvm_flags = jvm_flags + flags,
            main_class = "com.linkedin.venice.rust.tests.users." + runner,
            tags = ["manual"],
            runtime_deps = natives + [":{}_library".format(name)],
        )
    write_file(
        name = name + "_not_compared",
        testonly = True,
        out = name + ".not_compared",
        # grep takes an empty file for no names, and an empty line for every name.
        content = not_compared + ([""] if not_compared else []),
        tags = ["manual"],
    )
    programs = [":{}_on_{}".format(name, library) for library in ["stock", "ours"]]
    sh_test(
        name = name,
        size = size,
        srcs = ["//tests/rocksjava/users:compare.sh"],
        args = ["$(rootpath {})".format(program) for program in programs] + [
            str(least),
            "$(rootpath :{}_not_compared)".format(name),
            "$(rootpath {})".format(resources_jar) if resources else "-",
            "'{}'".format(" ".join(resources)),
        ] + suites,
        data = programs + [":{}_not_compared".format(name)] + ([resources_jar] if resources else []),
        # `bazel test //...` leaves them out; .ci/run takes the long ones.
        tags = ["manual"] + (["users"] if by_hand else ["long"]),
    )

_JUNIT = ["Outcomes", "JUnitSuites"]

_SOURCES = {
    "JUnitSuites": _JUNIT,
    "ScalaSuites": _JUNIT + ["ScalaSuites"],
}
