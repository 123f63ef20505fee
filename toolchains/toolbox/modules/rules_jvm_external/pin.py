#!/usr/bin/env python3
"""Writes artifacts.json: the transitive closure of MODULE.bazel's jars, with a SHA-256 for each.

Run it inside the toolbox, or anywhere with Maven, after a change of the lists in MODULE.bazel:

    python3 toolchains/toolbox/modules/rules_jvm_external/pin.py
"""

import hashlib
import json
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>venice.toolbox</groupId><artifactId>pin</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>{}</dependencies>
</project>
"""
# A tree line: indentation in groups of three characters, then group:artifact:packaging:version:scope.
TREE_LINE = re.compile(r"^((?:[|+\\ -]{3})*)([^:\s]+):([^:]+):jar:([^:]+):(compile|runtime)")


def requested():
    text = (ROOT / "MODULE.bazel").read_text()
    return re.findall(r'^    "([\w.\-]+:[\w.\-]+:[\w.\-]+)",$', text, re.MULTILINE)


def main():
    artifacts = requested()
    dependencies = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *a.split(":")
        )
        for a in artifacts
    )
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
            if "omitted" not in line:
                versions[key] = found.group(4)
            path[depth - 1 :] = [key]
            edges.setdefault(key, set())
            if depth > 1:
                edges[path[depth - 2]].add(key)
        lock = {"requested": sorted(artifacts), "artifacts": {}}
        for key in sorted(versions):
            jar = work / "jars" / "{}-{}.jar".format(key.split(":")[1], versions[key])
            lock["artifacts"][key + ":" + versions[key]] = {
                "sha256": hashlib.sha256(jar.read_bytes()).hexdigest(),
                "deps": sorted(d for d in edges[key] if d in versions and d != key),
            }
    (HERE / "artifacts.json").write_text(json.dumps(lock, indent=2) + "\n")
    print("{} artifacts, {} asked for".format(len(lock["artifacts"]), len(artifacts)))


if __name__ == "__main__":
    main()
