"""Java classes of protocol buffer messages.

Only the messages: the methods of the read service are bound by hand (ReadServiceMethods.java), so that no gRPC plugin
for protoc is needed on any platform.
"""

load("@rules_java//java:defs.bzl", "java_library")
load("//toolchains/java:java_release.bzl", "JAVA_8")

_TOOLCHAIN = "@rules_proto//proto:toolchain_type"

def _java_messages_impl(ctx):
    protoc = ctx.toolchains[_TOOLCHAIN].proto.proto_compiler
    source_jar = ctx.actions.declare_file(ctx.label.name + ".srcjar")

    # protoc writes a jar when the name of the output ends so.
    generated = ctx.actions.declare_file(ctx.label.name + "_protoc.jar")
    arguments = ctx.actions.args()
    arguments.add(generated, format = "--java_out=%s")
    arguments.add_all([file.dirname for file in ctx.files.srcs], before_each = "-I", uniquify = True)
    arguments.add_all(ctx.files.srcs)
    ctx.actions.run(
        outputs = [generated],
        inputs = ctx.files.srcs,
        executable = protoc,
        arguments = [arguments],
        mnemonic = "JavaMessages",
        progress_message = "Generating Java messages of %{label}",
    )
    ctx.actions.symlink(output = source_jar, target_file = generated)
    return [DefaultInfo(files = depset([source_jar]))]

_java_messages = rule(
    implementation = _java_messages_impl,
    attrs = {"srcs": attr.label_list(allow_files = [".proto"], mandatory = True)},
    toolchains = [_TOOLCHAIN],
)

def java_messages(name, srcs, **kwargs):
    """A java_library of the messages that .proto files declare.

    Args:
      name: name of the library.
      srcs: .proto files without imports.
      **kwargs: attributes of the java_library.
    """
    _java_messages(
        name = name + "_sources",
        srcs = srcs,
    )
    java_library(
        name = name,
        srcs = [name + "_sources"],
        # Generated code, not ours to mend; for clients on any Java that Venice runs on.
        javacopts = ["-nowarn"] + JAVA_8,
        deps = ["@maven//:com_google_protobuf_protobuf_java"],
        **kwargs
    )
