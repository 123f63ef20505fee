"""Fetches the jars of a lock file (pin.py) through Maven and declares a java_import for each."""

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
      <classifier>{classifier}</classifier>
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

def _parts(coordinates):
    """group, artifact, version and classifier of group:artifact:version or group:artifact:jar:classifier:version."""
    split = coordinates.split(":")
    return split[0], split[1], split[-1], split[3] if len(split) == 5 else ""

def _maven_repository_impl(repository_ctx):
    lock_file = repository_ctx.attr.lock.name
    lock = json.decode(repository_ctx.read(repository_ctx.attr.lock))
    missing = [a for a in repository_ctx.attr.artifacts if a not in lock["requested"]]
    if missing:
        fail("{} does not hold {}: run toolchains/toolbox/modules/rules_jvm_external/pin.py".format(
            lock_file,
            ", ".join(missing),
        ))

    dependencies = []
    for coordinates in lock["artifacts"]:
        group, artifact, version, classifier = _parts(coordinates)
        dependencies.append(_DEPENDENCY.format(
            artifact = artifact,
            classifier = classifier,
            group = group,
            version = version,
        ))
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
        fail("Maven cannot fetch the jars of {}:\n{}{}".format(lock_file, result.stdout, result.stderr))

    build = ['load("@rules_java//java:defs.bzl", "java_import")\n']
    for coordinates, entry in lock["artifacts"].items():
        _, artifact, version, classifier = _parts(coordinates)
        jar = "{}-{}{}.jar".format(artifact, version, "-" + classifier if classifier else "")
        found = repository_ctx.execute(["sha256sum", "jars/" + jar]).stdout.split(" ")[0]
        if found != entry["sha256"]:
            fail("{} has the SHA-256 {}, and {} says {}".format(coordinates, found, lock_file, entry["sha256"]))
        build.append(_IMPORT.format(
            name = _label(coordinates.removesuffix(":" + version)),
            coordinates = coordinates,
            deps = ", ".join(['":{}"'.format(_label(d)) for d in entry["deps"]]),
            jar = jar,
        ))
    repository_ctx.file("BUILD.bazel", "".join(build))

maven_repository = repository_rule(
    implementation = _maven_repository_impl,
    attrs = {
        "artifacts": attr.string_list(),
        "lock": attr.label(mandatory = True, doc = "What pin.py wrote."),
    },
    environ = ["HOME"],
)
