"""How the native library is linked."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def jni_library(name, deps, **kwargs):
    """A shared library for the JVM, with symbols for debuggers; //toolchains/release:finish_library takes them out.

    The C++ linker makes it, with the Rust and the C++ natives side by side. Only the entry points of the JVM are visible
    outside: by exports.lds on Linux; finish_library sees to it on macOS, where zig's linker has no such list.

    Args:
      name: name of the target, and of the file.
      deps: libraries whose natives are kept (alwayslink).
      **kwargs: other attributes of cc_binary.
    """
    cc_binary(
        name = name,
        additional_linker_inputs = select({
            "@platforms//os:macos": [],
            "//conditions:default": ["//rust/jni:exports.lds"],
        }),
        linkopts = select({
            "@platforms//os:macos": [
                "-Wl,-install_name,@rpath/librocksdbjni.jnilib",
                "-Wl,-dead_strip",
                # Room for the load command of the signature.
                "-Wl,-headerpad_max_install_names",
            ],
            "//conditions:default": [
                "-Wl,--version-script=$(location //rust/jni:exports.lds)",
                "-Wl,--gc-sections",
                # By this debuggers find the file with the symbols.
                "-Wl,--build-id=sha1",
                # Names inside resolve inside, whatever else the process has loaded.
                "-Wl,-Bsymbolic",
                "-Wl,-z,relro,-z,now",
                # The JVM unloads libraries with their class loader; our threads may still be on their way out.
                "-Wl,-z,nodelete",
                # A native that neither Rust nor RocksDB defines is a mistake here, not at the first call.
                "-Wl,--no-undefined",
            ],
        }),
        linkshared = True,
        deps = deps,
        **kwargs
    )
