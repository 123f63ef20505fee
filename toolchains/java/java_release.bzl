"""The Java release that classes are compiled for when it is not the build's own (.bazelrc)."""

# Venice compiles for Java 8, and its servers run on 11 and later. javac then also refuses what newer releases added to
# the JDK's own classes. It calls so old a release obsolete, which is known.
JAVA_8 = [
    "--release 8",
    "-Xlint:-options",
]
