"""A cc_toolchain whose tools are zig's, for one target platform."""

load("@platforms//host:constraints.bzl", "HOST_CONSTRAINTS")
load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "variable_with_value",
)
load("@rules_cc//cc:defs.bzl", "cc_toolchain")

_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.linkstamp_compile,
    ACTION_NAMES.preprocess_assemble,
]

_LINK = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

def _flags(name, actions, flags):
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(actions = actions, flag_groups = [flag_group(flags = flags)])],
    )

def _archiver_flags():
    """The arguments of ar. For macOS Bazel would give those of Apple's libtool."""
    return feature(
        name = "archiver_flags",
        enabled = True,
        flag_sets = [flag_set(
            actions = [ACTION_NAMES.cpp_link_static_library],
            flag_groups = [
                flag_group(
                    expand_if_available = "output_execpath",
                    flags = ["rcsD", "%{output_execpath}"],
                ),
                flag_group(
                    expand_if_available = "libraries_to_link",
                    flag_groups = [
                        flag_group(
                            expand_if_equal = variable_with_value("libraries_to_link.type", "object_file"),
                            flags = ["%{libraries_to_link.name}"],
                        ),
                        flag_group(
                            expand_if_equal = variable_with_value("libraries_to_link.type", "object_file_group"),
                            flags = ["%{libraries_to_link.object_files}"],
                            iterate_over = "libraries_to_link.object_files",
                        ),
                    ],
                    iterate_over = "libraries_to_link",
                ),
            ],
        )],
    )

def _zig_cc_toolchain_config_impl(ctx):
    platform = ctx.attr.platform
    macos = ctx.attr.os == "macos"
    tools = {
        "ar": "ar",
        "cpp": "c++",
        # Compiles C and C++, told apart by the file's name, and links.
        "gcc": "c++",
        "gcov": "unused",
        "ld": "c++",
        "nm": "unused",
        "objdump": "unused",
        "strip": "unused",
    }
    features = [
        _flags("baseline", _COMPILE, [
            "-O2",
            "-DNDEBUG",
            # Nothing of the machine that builds gets into the output.
            "-no-canonical-prefixes",
            "-Wno-builtin-macro-redefined",
            "-D__DATE__=\"redacted\"",
            "-D__TIME__=\"redacted\"",
            "-D__TIMESTAMP__=\"redacted\"",
            "-fdebug-compilation-dir=.",
        ]),
        feature(name = "supports_pic", enabled = True),
        feature(name = "supports_dynamic_linker", enabled = True),
        feature(name = "opt"),
        feature(name = "dbg"),
        feature(name = "fastbuild"),
    ]
    if macos:
        features.append(_archiver_flags())
    else:
        features.append(_flags("linux", _COMPILE, [
            # For the debug files of a release. Mach-O keeps such information in the objects, where it serves nobody.
            "-gline-tables-only",
            # So that the linker can leave out what nobody calls. Mach-O cuts by symbols anyway.
            "-ffunction-sections",
            "-fdata-sections",
            # zig would keep them, for 7 % of the time of an iterator's step in RocksDB. What walks stacks has .eh_frame.
            "-fomit-frame-pointer",
        ]))

        # rustc says -Bdynamic before it names the libraries of its dependencies, and zig would then take no archive.
        features.append(_flags("any_library", _LINK, ["-Wl,-search_paths_first"]))
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "unused",
        abi_version = "unused",
        compiler = "clang",
        cxx_builtin_include_directories = ["%package(@@{}//)%/lib".format(ctx.label.workspace_name)],
        features = features,
        target_cpu = {
            "linux_aarch64": "aarch64",
            "linux_x86_64": "k8",
            "macos_aarch64": "darwin_arm64",
            "macos_x86_64": "darwin_x86_64",
        }[platform],
        target_libc = "macosx" if macos else "glibc",
        target_system_name = ctx.attr.zig_target,
        tool_paths = [tool_path(name = name, path = "{}/{}".format(platform, file)) for name, file in tools.items()],
        toolchain_identifier = "zig-" + platform,
    )

_zig_cc_toolchain_config = rule(
    implementation = _zig_cc_toolchain_config_impl,
    attrs = {
        "os": attr.string(mandatory = True),
        "platform": attr.string(mandatory = True),
        "zig_target": attr.string(mandatory = True),
    },
    provides = [CcToolchainConfigInfo],
)

def zig_cc_toolchain(name, facts):
    """Declares the toolchain for one platform: `<name>_toolchain`, to be registered.

    Args:
      name: the platform's name in //platforms.
      facts: its entry in PLATFORMS of //platforms:defs.bzl.
    """
    _zig_cc_toolchain_config(
        name = name + "_config",
        os = facts.os,
        platform = name,
        zig_target = facts.zig_target,
    )
    native.filegroup(
        name = name + "_tools",
        srcs = native.glob([name + "/*"]) + ["zig"],
    )
    cc_toolchain(
        name = name + "_cc",
        all_files = name + "_tools",
        ar_files = name + "_tools",
        as_files = name + "_tools",
        compiler_files = name + "_tools",
        dwp_files = ":empty",
        linker_files = name + "_tools",
        objcopy_files = ":empty",
        strip_files = ":empty",
        supports_param_files = True,
        toolchain_config = name + "_config",
        toolchain_identifier = "zig-" + name,
    )
    native.toolchain(
        name = name + "_toolchain",
        exec_compatible_with = HOST_CONSTRAINTS,
        target_compatible_with = [
            "@platforms//cpu:" + facts.cpu,
            "@platforms//os:" + facts.os,
        ],
        toolchain = name + "_cc",
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
    )
