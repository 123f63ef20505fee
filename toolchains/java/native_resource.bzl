"""The native library as a class path resource."""

load("@rules_java//java:defs.bzl", "JavaInfo", "java_common")
load("//platforms:defs.bzl", "ROCKSJAVA_RESOURCE_NAMES")

def _native_resource_impl(ctx):
    library = ctx.actions.declare_file(ctx.attr.resource_name)
    ctx.actions.symlink(output = library, target_file = ctx.file.library)

    # Uncompressed: a stripped library hardly compresses, and RocksJava copies it out at each start.
    jar = ctx.actions.declare_file(ctx.label.name + ".jar")
    java = ctx.attr._java_runtime[java_common.JavaRuntimeInfo]
    ctx.actions.run_shell(
        outputs = [jar],
        inputs = depset([library], transitive = [java.files]),
        command = "'{home}/bin/jar' --create --file '{jar}' --no-manifest -0 --date=1980-01-02T00:00:00Z -C '{folder}' '{name}'".format(
            folder = library.dirname,
            home = java.java_home,
            jar = jar.path,
            name = library.basename,
        ),
        mnemonic = "NativeResource",
        progress_message = "Packing %{label}",
    )
    return [
        DefaultInfo(files = depset([library])),
        JavaInfo(
            compile_jar = jar,
            output_jar = jar,
        ),
    ]

_native_resource = rule(
    implementation = _native_resource_impl,
    attrs = {
        "library": attr.label(allow_single_file = True, mandatory = True),
        "resource_name": attr.string(mandatory = True),
        "_java_runtime": attr.label(
            cfg = "exec",
            default = "@bazel_tools//tools/jdk:current_java_runtime",
        ),
    },
    provides = [JavaInfo],
)

def native_resource(name, library, **kwargs):
    """Puts a shared library on the class path under the name that RocksJava looks for on the target platform.

    Args:
      name: name of the target; as a dependency of Java rules it is the jar, as a file the library.
      library: the shared library.
      **kwargs: attributes of every rule.
    """
    _native_resource(
        name = name,
        library = library,
        resource_name = select(ROCKSJAVA_RESOURCE_NAMES),
        **kwargs
    )
