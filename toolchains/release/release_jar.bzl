"""The jar that ships."""

load("@rules_java//java:defs.bzl", "JavaInfo")
load(":native_libraries.bzl", "NativeLibrariesInfo")

def _release_jar_impl(ctx):
    jar = ctx.actions.declare_file("{}-{}{}.jar".format(
        ctx.attr.artifact,
        ctx.attr.version,
        "-" + ctx.attr.classifier if ctx.attr.classifier else "",
    ))
    libraries = ctx.attr.libraries[NativeLibrariesInfo].shipped.values()
    classes = ctx.attr.classes[JavaInfo].runtime_output_jars
    entries = {
        "META-INF/LICENSE": ctx.file.license,
        "META-INF/THIRD-PARTY.txt": ctx.file.third_party,
        "META-INF/maven/{}/{}/pom.xml".format(ctx.attr.group, ctx.attr.artifact): ctx.file.pom,
    }
    for library in libraries:
        # One that is there already is overwritten in this dictionary, and PackJar would not see it.
        if library.basename in entries:
            fail("two libraries claim the entry {} of the jar".format(library.basename))
        entries[library.basename] = library

    arguments = ctx.actions.args()
    arguments.add(jar)
    for name, value in ctx.attr.manifest.items():
        arguments.add("--manifest", "{}={}".format(name, value))
    for name, file in entries.items():
        arguments.add("--entry", file, format = name + "=%s")
    for each in classes:
        arguments.add("--classes", each)
    ctx.actions.run(
        outputs = [jar],
        inputs = entries.values() + classes,
        executable = ctx.executable._pack_jar,
        arguments = [arguments],
        mnemonic = "PackJar",
        progress_message = "Packing %{output}",
    )
    return [
        DefaultInfo(files = depset([jar])),
        OutputGroupInfo(
            debug_symbols = depset(ctx.attr.libraries[NativeLibrariesInfo].debug.values()),
            pom = depset([ctx.file.pom]),
        ),
        JavaInfo(
            compile_jar = jar,
            output_jar = jar,
        ),
    ]

release_jar = rule(
    implementation = _release_jar_impl,
    doc = "Packs Java classes and native libraries: <artifact>-<version>[-<classifier>].jar (PackJar.java).",
    attrs = {
        "artifact": attr.string(mandatory = True),
        "classes": attr.label(mandatory = True, providers = [JavaInfo]),
        "classifier": attr.string(doc = "Set when the jar has the library of one platform only."),
        "group": attr.string(mandatory = True),
        "libraries": attr.label(mandatory = True, providers = [NativeLibrariesInfo]),
        "license": attr.label(allow_single_file = True, mandatory = True),
        "manifest": attr.string_dict(doc = "Attributes of the manifest's main section."),
        "pom": attr.label(allow_single_file = True, mandatory = True),
        "third_party": attr.label(allow_single_file = True, mandatory = True),
        "version": attr.string(mandatory = True),
        "_pack_jar": attr.label(
            cfg = "exec",
            default = "//toolchains/release:pack_jar",
            executable = True,
        ),
    },
    provides = [JavaInfo],
)
