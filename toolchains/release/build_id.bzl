"""A name for a build, made of its sources."""

def _build_id_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".env")
    arguments = ctx.actions.args()
    arguments.add(output)
    arguments.add_all(ctx.files.srcs)
    ctx.actions.run(
        outputs = [output],
        inputs = ctx.files.srcs,
        executable = ctx.executable._build_id_of,
        arguments = [arguments],
        mnemonic = "BuildId",
        progress_message = "Naming the build",
    )
    return [DefaultInfo(files = depset([output]))]

build_id = rule(
    implementation = _build_id_impl,
    doc = "Writes VENICE_BUILD_ID=<16 hexadecimal digits of a SHA-256 over the sources>.",
    attrs = {
        "srcs": attr.label_list(allow_files = True, mandatory = True),
        "_build_id_of": attr.label(
            cfg = "exec",
            default = "//toolchains/release:build_id_of",
            executable = True,
        ),
    },
)
