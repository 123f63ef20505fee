"""A jar without the native libraries in it."""

load("@rules_java//java:defs.bzl", "JavaInfo", "java_common")

def _classes_only_impl(ctx):
    java = ctx.attr._java_runtime[java_common.JavaRuntimeInfo]
    [original] = ctx.attr.jar[JavaInfo].runtime_output_jars
    jar = ctx.actions.declare_file(ctx.label.name + ".jar")
    ctx.actions.run_shell(
        outputs = [jar],
        inputs = depset([original], transitive = [java.files]),
        command = """
set -eu
tool="$PWD/{home}/bin/jar"
[ -x "$tool" ] || tool='{home}/bin/jar'
original="$PWD/{original}"
result="$PWD/{result}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$tool" --extract --file "$original"
find . \\( -name '*.so' -o -name '*.jnilib' -o -name '*.dylib' -o -name '*.dll' \\) -delete
"$tool" --create --file "$result" --manifest META-INF/MANIFEST.MF --date=1980-01-02T00:00:00Z .
""".format(home = java.java_home, original = original.path, result = jar.path),
        mnemonic = "ClassesOnly",
        progress_message = "Removing native libraries from %{label}",
    )
    return [
        DefaultInfo(files = depset([jar])),
        JavaInfo(
            compile_jar = jar,
            output_jar = jar,
        ),
    ]

classes_only = rule(
    doc = "The classes and resources of a jar, unchanged, without its native libraries.",
    implementation = _classes_only_impl,
    attrs = {
        "jar": attr.label(mandatory = True, providers = [JavaInfo]),
        "_java_runtime": attr.label(
            cfg = "exec",
            default = "@bazel_tools//tools/jdk:current_java_runtime",
        ),
    },
    provides = [JavaInfo],
)
