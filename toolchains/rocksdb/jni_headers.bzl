"""C headers of the native methods that Java sources declare, by `javac -h`."""

load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_common")
load("@rules_java//java:defs.bzl", "java_common")

def _jni_headers_impl(ctx):
    runtime = ctx.attr._java_runtime[java_common.JavaRuntimeInfo]
    headers = ctx.actions.declare_directory(ctx.label.name + "/java/include")
    arguments = ctx.actions.args()
    arguments.set_param_file_format("multiline")
    arguments.use_param_file("@%s", use_always = True)
    arguments.add_all(ctx.files.srcs)
    ctx.actions.run_shell(
        outputs = [headers],
        inputs = depset(ctx.files.srcs, transitive = [runtime.files]),
        arguments = [arguments],
        command = """
set -eu
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
'{java_home}/bin/javac' -nowarn -h '{headers}' -d "$classes" "$1" 2>"$classes.log" || {{ cat "$classes.log" >&2; exit 1; }}
rm -f "$classes.log"
""".format(headers = headers.path, java_home = runtime.java_home),
        mnemonic = "JniHeaders",
        progress_message = "Generating JNI headers for %{label}",
    )

    # The natives include "include/<class>.h" or "java/include/<class>.h", and "jni.h" of the same JDK. Its "jni_md.h" is
    # one and the same for Linux and macOS, in a folder named for the system that the JDK runs on.
    jni = runtime.java_home + "/include"
    machine = [file.dirname for file in runtime.files.to_list() if file.basename == "jni_md.h"]
    if not machine:
        fail("the JDK {} has no jni_md.h; install its headers".format(runtime.java_home))
    context = cc_common.create_compilation_context(
        headers = depset([headers], transitive = [runtime.files]),
        includes = depset([headers.dirname, headers.dirname.rpartition("/")[0]]),
        system_includes = depset([jni] + machine),
    )
    return [
        DefaultInfo(files = depset([headers])),
        CcInfo(compilation_context = context),
    ]

jni_headers = rule(
    implementation = _jni_headers_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".java"], mandatory = True),
        "_java_runtime": attr.label(
            cfg = "exec",
            default = "@bazel_tools//tools/jdk:current_java_runtime",
        ),
    },
    provides = [CcInfo],
)
