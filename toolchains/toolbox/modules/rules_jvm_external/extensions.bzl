"""The `maven` extension of rules_jvm_external, with the machine's own Maven client behind it.

`maven.install` gives the same labels (`@maven//:group_artifact`, `@maven//:group_artifact_jar_classifier`) as
rules_jvm_external. The jars and their transitive closure are those of <name>.json, each checked against its SHA-256;
pin.py writes these files.
"""

load("//:repository.bzl", "maven_repository")

def _maven_impl(module_ctx):
    for module in module_ctx.modules:
        for install in module.tags.install:
            maven_repository(
                name = install.name,
                artifacts = install.artifacts,
                lock = Label("//:{}.json".format(install.name)),
            )

maven = module_extension(
    implementation = _maven_impl,
    tag_classes = {
        "install": tag_class(attrs = {
            "artifacts": attr.string_list(doc = "group:artifact:version, or group:artifact:jar:classifier:version"),
            "name": attr.string(default = "maven"),
        }),
    },
)
