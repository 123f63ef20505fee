#!/usr/bin/env python3
"""Writes <name>.json for each maven.install of MODULE.bazel: the transitive closure of its jars, with a SHA-256 for each.

Run it inside the toolbox, or anywhere with Maven, after a change of the lists in MODULE.bazel:

    python3 toolchains/toolbox/modules/rules_jvm_external/pin.py
"""

import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>venice.toolbox</groupId><artifactId>pin</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""
DEPENDENCY = """<dependency>
  <groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version><classifier>{}</classifier>
</dependency>
"""
# A tree line: indentation in groups of three characters, then group:artifact:packaging[:classifier]:version:scope.
TREE_LINE = re.compile(r"^((?:[|+\\ -]{3})*)([^:\s]+):([^:]+):jar:(?:([^:]+):)?([^:]+):(compile|runtime)")


def installs():
    """The arguments of each maven.install, by name. MODULE.bazel is Python too, with functions of its own."""
    maven = mock.MagicMock()
    globals_ = {name: mock.MagicMock() for name in ("module", "bazel_dep", "use_repo", "register_toolchains")}
    globals_["use_extension"] = lambda file, name: maven if name == "maven" else mock.MagicMock()
    exec((ROOT / "MODULE.bazel").read_text(), globals_)  # our own file
    return {call.kwargs.get("name", "maven"): call.kwargs["artifacts"] for call in maven.install.call_args_list}


def parts(coordinates):
    """group, artifact, version and classifier of group:artifact:version or group:artifact:jar:classifier:version."""
    split = coordinates.split(":")
    return (*split[:2], split[-1], split[3] if len(split) == 5 else "")


def same_artifact(key, dependency):
    """Whether a jar with a classifier names a jar of its own artifact: natives of one library do, in circles."""
    return dependency == key or ":jar:" in key and dependency.split(":jar:")[0] == key.split(":jar:")[0]


def pin(name, artifacts):
    dependencies = "".join(DEPENDENCY.format(*parts(a)) for a in artifacts)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "pom.xml").write_text(POM.format(dependencies))
        maven = ["mvn", "--batch-mode", "--quiet"]
        # verbose: the edges that lost to another version are edges all the same.
        subprocess.run(
            maven + ["dependency:tree", "-Dverbose", "-DoutputFile=tree.txt"], cwd=work, check=True
        )
        subprocess.run(maven + ["dependency:copy-dependencies", "-DoutputDirectory=jars"], cwd=work, check=True)
        versions = {}
        edges = {}
        path = []
        for line in (work / "tree.txt").read_text().splitlines()[1:]:
            found = TREE_LINE.match(line.replace("(", ""))
            if not found:
                continue
            depth = len(found.group(1)) // 3
            key = found.group(2) + ":" + found.group(3)
            if found.group(4):
                key += ":jar:" + found.group(4)
            if "omitted" not in line:
                versions[key] = found.group(5)
            path[depth - 1 :] = [key]
            edges.setdefault(key, set())
            if depth > 1:
                edges[path[depth - 2]].add(key)
        lock = {"requested": sorted(artifacts), "artifacts": {}}
        for key in sorted(versions):
            coordinates = key + ":" + versions[key]
            _, artifact, version, classifier = parts(coordinates)
            jar = work / "jars" / "{}-{}{}.jar".format(artifact, version, classifier and "-" + classifier)
            lock["artifacts"][coordinates] = {
                "sha256": hashlib.sha256(jar.read_bytes()).hexdigest(),
                "deps": sorted(d for d in edges[key] if d in versions and not same_artifact(key, d)),
            }
    (HERE / (name + ".json")).write_text(json.dumps(lock, indent=2) + "\n")
    print("{}: {} artifacts, {} asked for".format(name, len(lock["artifacts"]), len(artifacts)))


if __name__ == "__main__":
    for install, wanted in installs().items():
        pin(install, wanted)
