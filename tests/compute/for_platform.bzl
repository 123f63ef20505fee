"""A program for another platform than that of the build."""

load("//toolchains/release:every_platform.bzl", "every_platform")

def _for_platform_impl(ctx):
    [program] = ctx.split_attr.program.values()
    linked = program[DefaultInfo].files_to_run.executable
    placed = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = placed, target_file = linked, is_executable = True)
    return DefaultInfo(files = depset([placed]), runfiles = ctx.runfiles([placed]))

for_platform = rule(
    implementation = _for_platform_impl,
    doc = "Builds a program for one of //platforms, as it is linked.",
    attrs = {
        "platform": attr.string(doc = "Its name there.", mandatory = True),
        "program": attr.label(cfg = every_platform, mandatory = True),
    },
)
