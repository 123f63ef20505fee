"""The native library, built for every platform and made ready to ship."""

load("//platforms:defs.bzl", "PLATFORMS")
load(":every_platform.bzl", "every_platform")

NativeLibrariesInfo = provider(
    doc = "Shipped libraries, and those they were made of.",
    fields = {
        "debug": "Platform to the library with its symbol table and debug information.",
        "shipped": "Platform to the library as it goes into the jar, under RocksJava's resource name.",
    },
)

def _native_libraries_impl(ctx):
    shipped = {}
    debug = {}
    owners = {}
    for platform, library in ctx.split_attr.library.items():
        name = PLATFORMS[platform].resource_name
        if name in owners:
            fail("the platforms {} and {} both claim the resource {}: RocksJava would find one of them".format(owners[name], platform, name))
        owners[name] = platform
        linked = library[DefaultInfo].files.to_list()[0]
        finished = ctx.actions.declare_file("{}/{}".format(ctx.label.name, name))
        symbols = ctx.actions.declare_file("{}/{}.debug".format(ctx.label.name, name))
        ctx.actions.run(
            outputs = [finished, symbols],
            inputs = [linked],
            executable = ctx.executable._finish_library,
            arguments = [linked.path, finished.path, symbols.path],
            mnemonic = "FinishLibrary",
            progress_message = "Finishing %{output}",
        )
        shipped[platform] = finished
        debug[platform] = symbols
    return [
        DefaultInfo(files = depset(shipped.values())),
        NativeLibrariesInfo(debug = debug, shipped = shipped),
        OutputGroupInfo(debug_symbols = depset(debug.values())),
    ]

native_libraries = rule(
    implementation = _native_libraries_impl,
    doc = "Builds a library for every platform of //platforms:defs.bzl, or for one, and finishes each (FinishLibrary.java).",
    attrs = {
        "library": attr.label(cfg = every_platform, mandatory = True),
        "platform": attr.string(doc = "The only platform to build for; all when empty."),
        "_finish_library": attr.label(
            cfg = "exec",
            default = "//toolchains/release:finish_library",
            executable = True,
        ),
    },
    provides = [NativeLibrariesInfo],
)
