"""promtool of this machine, for tests: `@promtool//:promtool`.

Where it is not installed, tests that need it are skipped, and Bazel says so: they have
`target_compatible_with = NEEDS_PROMTOOL`, from `@promtool//:needs.bzl`. Debian's package is promtool, which the toolbox has.
Tests that run Prometheus itself take the one on the PATH, or fetch Debian's package: NEEDS_PROMETHEUS says that neither is
possible.
"""

def _promtool_impl(repository_ctx):
    promtool = repository_ctx.which("promtool")
    needs = []
    if promtool:
        repository_ctx.symlink(promtool, "promtool")
    else:
        # Never run: what needs it is skipped.
        repository_ctx.file("promtool", "#!/bin/sh\nexit 127\n")
        needs.append("@platforms//:incompatible")
    brings = repository_ctx.which("prometheus") or repository_ctx.which("apt-get")
    needs_prometheus = [] if brings else ["@platforms//:incompatible"]
    repository_ctx.file(
        "needs.bzl",
        "NEEDS_PROMTOOL = {}\nNEEDS_PROMETHEUS = {}\n".format(repr(needs), repr(needs_prometheus)),
    )
    repository_ctx.file("BUILD.bazel", 'exports_files(["promtool"])\n')

_promtool = repository_rule(
    implementation = _promtool_impl,
    environ = ["PATH"],
    # Of this machine: looked for again when Bazel's server starts.
    local = True,
)

def _extension_impl(_module_ctx):
    _promtool(name = "promtool")

promtool = module_extension(implementation = _extension_impl)
