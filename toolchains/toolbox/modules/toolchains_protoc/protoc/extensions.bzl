"""The protoc extension of toolchains_protoc, with Debian's protoc behind it."""

_BUILD = """
load("@rules_proto//proto/private/rules:proto_toolchain_rule.bzl", "proto_toolchain")

proto_toolchain(
    name = "debian_protoc",
    proto_compiler = ":protoc",
)

toolchain(
    name = "debian_protoc_toolchain",
    toolchain = ":debian_protoc",
    toolchain_type = "@rules_proto//proto:toolchain_type",
)

exports_files(["protoc"])
"""

def _hub_impl(repository_ctx):
    repository_ctx.symlink("/usr/bin/protoc", "protoc")
    repository_ctx.file("BUILD.bazel", _BUILD)

_hub = repository_rule(implementation = _hub_impl)

def _protoc_impl(_module_ctx):
    _hub(name = "toolchains_protoc_hub")

protoc = module_extension(
    implementation = _protoc_impl,
    tag_classes = {"toolchain": tag_class(attrs = {"version": attr.string()})},
)
