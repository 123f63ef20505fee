"""A program, built for every platform and made ready to ship."""

load("//platforms:defs.bzl", "PLATFORMS")
load(":every_platform.bzl", "every_platform")

def _programs_impl(ctx):
    shipped = []
    debug = []
    for platform, program in ctx.split_attr.program.items():
        linked = program[DefaultInfo].files_to_run.executable
        name = "{}-{}-{}".format(ctx.attr.program_name, ctx.attr.version, platform.replace("_", "-", 1))
        finished = ctx.actions.declare_file("{}/{}".format(ctx.label.name, name))
        shipped.append(finished)
        if PLATFORMS[platform].os == "linux":
            symbols = ctx.actions.declare_file("{}/{}.debug".format(ctx.label.name, name))
            debug.append(symbols)
            ctx.actions.run(
                outputs = [finished, symbols],
                inputs = [linked],
                executable = ctx.executable._finish_library,
                arguments = [linked.path, finished.path, symbols.path],
                mnemonic = "FinishProgram",
                progress_message = "Finishing %{output}",
            )
        else:
            # The linker has left out the symbols, and signed it where the system asks for that.
            ctx.actions.symlink(output = finished, target_file = linked, is_executable = True)
    return [
        DefaultInfo(files = depset(shipped)),
        OutputGroupInfo(debug_symbols = depset(debug)),
    ]

programs = rule(
    implementation = _programs_impl,
    doc = "Builds a program for every platform, or for one: <program_name>-<version>-<platform>.",
    attrs = {
        "platform": attr.string(doc = "The only platform to build for; all when empty."),
        "program": attr.label(cfg = every_platform, mandatory = True),
        "program_name": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
        "_finish_library": attr.label(
            cfg = "exec",
            default = "//toolchains/release:finish_library",
            executable = True,
        ),
    },
)

def _release_folder_impl(ctx):
    sums = ctx.actions.declare_file(ctx.label.name + "/SHA256SUMS")
    files = []
    for file in ctx.files.srcs:
        placed = ctx.actions.declare_file("{}/{}".format(ctx.label.name, file.basename))
        ctx.actions.symlink(output = placed, target_file = file)
        files.append(placed)
    arguments = ctx.actions.args()
    arguments.add(sums)
    arguments.add_all(files)
    ctx.actions.run_shell(
        outputs = [sums],
        inputs = files,
        command = """
out=$1
shift
sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }
for file; do
  sum "$file" | sed "s|[^ ]*/||"
done >"$out"
""",
        arguments = [arguments],
        mnemonic = "Sha256Sums",
        progress_message = "Summing %{output}",
    )
    return [
        DefaultInfo(files = depset(files)),
        OutputGroupInfo(sums = depset([sums])),
    ]

release_folder = rule(
    implementation = _release_folder_impl,
    doc = "All files of a release in one folder, and in the output group `sums` SHA256SUMS, as `sha256sum --check` reads it.",
    attrs = {"srcs": attr.label_list(allow_files = True, mandatory = True)},
)
