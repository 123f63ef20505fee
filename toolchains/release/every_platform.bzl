"""Builds a target for every platform of //platforms:defs.bzl, or for one of them."""

load("@platforms//host:constraints.bzl", "HOST_CONSTRAINTS")
load("//platforms:defs.bzl", "PLATFORMS")

def _is_host(facts):
    constraints = [constraint.rpartition(":")[2] for constraint in HOST_CONSTRAINTS]
    os = "macos" if "osx" in constraints or "macos" in constraints else "linux"
    return facts.os == os and facts.cpu in constraints

# The name of the machine that builds.
HOST = [platform for platform, facts in PLATFORMS.items() if _is_host(facts)][0]

def _every_platform_impl(_settings, attr):
    wanted = [attr.platform] if attr.platform else PLATFORMS.keys()
    return {
        # The machine that builds is //platforms:host for the rest of the build, and is to be built once.
        platform: {"//command_line_option:platforms": "//platforms:" + ("host" if platform == HOST else platform)}
        for platform in wanted
    }

# Of a rule with the attribute `platform`: the only one to build for; all when empty.
every_platform = transition(
    implementation = _every_platform_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)
