"""The licences of everything that a library links."""

_PackagesInfo = provider(
    doc = "Manifests and licence files of the packages that a target links.",
    fields = {"files": "Depset of files."},
)

# Attributes by which code comes into a library. Procedural macros and build scripts run at build time only.
_LINKED_BY = ["deps", "implementation_deps", "static_library", "actual"]

_MANIFESTS = ["Cargo.toml", "package.properties"]
_TEXTS = ["licence", "license", "copying", "copyright", "notice", "unlicense"]
_CODE = [".rs", ".c", ".h", ".cc", ".py", ".sh"]

def _tells_licence(file):
    name = file.basename.lower()
    if file.basename in _MANIFESTS:
        return True
    return any([name.startswith(text) for text in _TEXTS]) and not any([name.endswith(code) for code in _CODE])

def _packages_impl(target, ctx):
    # What a build script is made of does not get into the library.
    if ctx.rule.kind == "cargo_build_script":
        return [_PackagesInfo(files = depset())]
    transitive = []
    for attribute in _LINKED_BY:
        value = getattr(ctx.rule.attr, attribute, None)
        for dependency in (value if type(value) == "list" else [value]):
            if dependency and type(dependency) == "Target" and _PackagesInfo in dependency:
                transitive.append(dependency[_PackagesInfo].files)
    files = []
    if target.label.workspace_name:
        for attribute in ["compile_data", "data"]:
            files += [file for file in getattr(ctx.rule.files, attribute, []) if _tells_licence(file)]
    return [_PackagesInfo(files = depset(files, transitive = transitive))]

_packages = aspect(
    implementation = _packages_impl,
    attr_aspects = _LINKED_BY,
)

def _third_party_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".txt")
    files = depset(ctx.files.others, transitive = [ctx.attr.library[_PackagesInfo].files])
    arguments = ctx.actions.args()
    arguments.add(output)
    arguments.add_all(files)
    ctx.actions.run(
        outputs = [output],
        inputs = files,
        executable = ctx.executable._third_party,
        arguments = [arguments],
        mnemonic = "ThirdParty",
        progress_message = "Collecting licences",
    )
    return [DefaultInfo(files = depset([output]))]

third_party = rule(
    implementation = _third_party_impl,
    doc = "Writes which packages of others a library contains, with their licences (ThirdParty.java).",
    attrs = {
        "library": attr.label(aspects = [_packages], mandatory = True),
        "others": attr.label_list(
            allow_files = True,
            doc = "Manifests and licence files of what the compilers themselves put in.",
        ),
        "_third_party": attr.label(
            cfg = "exec",
            default = "//toolchains/release:third_party",
            executable = True,
        ),
    },
)
