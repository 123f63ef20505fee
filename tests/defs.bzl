"""Tests that run Java on the native library."""

load("@rules_java//java:defs.bzl", "java_test")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

# What every test that runs Java may use.
TEST_DEPS = [
    "//java:rocksdb_classes",
    "//java:testing",
    "//java:venice_rust",
    "//proto:read_service_java",
    "@maven//:com_google_protobuf_protobuf_java",
    "@maven//:io_grpc_grpc_api",
    "@maven//:io_grpc_grpc_stub",
    "@maven//:junit_junit",
    "@maven//:org_apache_avro_avro",
    "@maven//:org_hamcrest_hamcrest_core",
]

def jvm_test(name, srcs, test_class, size = "medium", data = [], jvm_flags = [], deps = [], natives = "//java:native", tags = [], **kwargs):
    """A JUnit test on our native library, with the JVM's JNI checks on.

    The test fails when a JUnit test fails, and also when -Xcheck:jni reports anything: the JVM prints its findings and goes
    on, so a script reads the output.

    Args:
      name: name of the test.
      srcs: Java sources.
      test_class: the JUnit 4 class.
      size: as in every test rule.
      data: files used at run time.
      jvm_flags: more flags for the JVM.
      deps: more dependencies.
      natives: what brings the native library; rocksdbjni itself, to see what that does.
      tags: tags of the test.
      **kwargs: other attributes of the test.
    """
    java_test(
        name = name + "_jvm",
        size = size,
        srcs = srcs,
        data = data,
        jvm_flags = [
            "-Xcheck:jni",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
        ] + jvm_flags,
        tags = ["manual"],
        test_class = test_class,
        runtime_deps = [natives],
        deps = TEST_DEPS + deps,
    )
    sh_test(
        name = name,
        size = size,
        srcs = ["//tests:fail_on_jni_warnings.sh"],
        args = ["$(rootpath :{}_jvm)".format(name)],
        data = [":{}_jvm".format(name)] + data,
        tags = tags,
        **kwargs
    )
