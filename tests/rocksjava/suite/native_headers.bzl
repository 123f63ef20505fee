"""The C headers of a Java library's native methods, for the C++ that defines them."""

load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_common")
load("@rules_java//java:defs.bzl", "JavaInfo", "java_common")

def _native_headers_impl(ctx):
    java = ctx.attr._java_runtime[java_common.JavaRuntimeInfo]
    [jar] = [output.native_headers_jar for output in ctx.attr.library[JavaInfo].java_outputs]
    headers = ctx.actions.declare_directory(ctx.label.name + "/include")
    ctx.actions.run_shell(
        outputs = [headers],
        inputs = depset([jar], transitive = [java.files]),
        command = """
set -eu
tool="$PWD/{home}/bin/jar"
[ -x "$tool" ] || tool='{home}/bin/jar'
jar="$PWD/{jar}"
cd '{headers}'
"$tool" --extract --file "$jar"
""".format(headers = headers.path, home = java.java_home, jar = jar.path),
        mnemonic = "NativeHeaders",
        progress_message = "Unpacking the JNI headers of %{label}",
    )

    # The sources include "include/<class>.h".
    context = cc_common.create_compilation_context(
        headers = depset([headers]),
        includes = depset([headers.dirname]),
    )
    return [
        DefaultInfo(files = depset([headers])),
        CcInfo(compilation_context = context),
    ]

native_headers = rule(
    doc = "The JNI headers that javac writes for a Java library, in a folder named include.",
    implementation = _native_headers_impl,
    attrs = {
        "library": attr.label(mandatory = True, providers = [JavaInfo]),
        "_java_runtime": attr.label(
            cfg = "exec",
            default = "@bazel_tools//tools/jdk:current_java_runtime",
        ),
    },
    provides = [CcInfo],
)
