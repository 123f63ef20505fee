"""Fetches the jars of artifacts.json through Maven and declares a java_import for each."""

_POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>venice.toolbox</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""

_DEPENDENCY = """    <dependency>
      <groupId>{group}</groupId>
      <artifactId>{artifact}</artifactId>
      <version>{version}</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>"""

_IMPORT = """
java_import(
    name = "{name}",
    jars = ["jars/{jar}"],
    tags = ["maven_coordinates={coordinates}"],
    visibility = ["//visibility:public"],
    deps = [{deps}],
)
"""

def _label(group_and_artifact):
    return group_and_artifact.replace(":", "_").replace(".", "_").replace("-", "_")

def _maven_repository_impl(repository_ctx):
    lock = json.decode(repository_ctx.read(repository_ctx.attr._lock))
    missing = [a for a in repository_ctx.attr.artifacts if a not in lock["requested"]]
    if missing:
        fail("artifacts.json does not hold {}: run toolchains/toolbox/modules/rules_jvm_external/pin.py".format(
            ", ".join(missing),
        ))

    dependencies = []
    for coordinates in lock["artifacts"]:
        group, artifact, version = coordinates.split(":")
        dependencies.append(_DEPENDENCY.format(artifact = artifact, group = group, version = version))
    repository_ctx.file("pom.xml", _POM.format(dependencies = "\n".join(dependencies)))
    repository_ctx.report_progress("fetching {} jars with Maven".format(len(dependencies)))
    result = repository_ctx.execute(
        [
            "mvn",
            "--batch-mode",
            "--quiet",
            "dependency:copy-dependencies",
            "-DoutputDirectory=jars",
        ],
        timeout = 1200,
    )
    if result.return_code:
        fail("Maven cannot fetch the jars of artifacts.json:\n" + result.stdout + result.stderr)

    build = ['load("@rules_java//java:defs.bzl", "java_import")\n']
    for coordinates, entry in lock["artifacts"].items():
        group, artifact, version = coordinates.split(":")
        jar = "{}-{}.jar".format(artifact, version)
        found = repository_ctx.execute(["sha256sum", "jars/" + jar]).stdout.split(" ")[0]
        if found != entry["sha256"]:
            fail("{} has the SHA-256 {}, and artifacts.json says {}".format(coordinates, found, entry["sha256"]))
        build.append(_IMPORT.format(
            name = _label(group + ":" + artifact),
            coordinates = coordinates,
            deps = ", ".join(['":{}"'.format(_label(d)) for d in entry["deps"]]),
            jar = jar,
        ))
    repository_ctx.file("BUILD.bazel", "".join(build))

maven_repository = repository_rule(
    implementation = _maven_repository_impl,
    attrs = {
        "artifacts": attr.string_list(),
        "_lock": attr.label(default = "//:artifacts.json"),
    },
    environ = ["HOME"],
)
