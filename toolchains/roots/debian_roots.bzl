"""Root file systems with Java run times, as tar files: where a release must load, besides the machine that built it.

Fetched by mmdebstrap from the mirror that this machine's apt uses, when a test asks for one. Packages are unpacked and not
set up, which is enough for a Java run time and works for other CPUs too.
"""

_ROOTS = {
    # The oldest release that mirrors carry: glibc 2.31.
    "debian_old": ("bullseye", "", "openjdk-11-jre-headless,openjdk-17-jre-headless"),
    "debian_stable": ("trixie", "", "openjdk-21-jre-headless,openjdk-25-jre-headless"),
    "debian_stable_arm64": ("trixie", "arm64", "openjdk-21-jre-headless"),
    # The one with a Java 8.
    "debian_unstable": ("sid", "", "openjdk-8-jre-headless"),
}

_COMMAND = """
set -eu
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' | awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }')
if [ -z "$mirror" ]; then
  echo "apt is set up with no mirror of Debian" >&2
  exit 1
fi
exec mmdebstrap --variant=extract --mode=root --aptopt='Acquire::Check-Valid-Until "false"' ${2:+--architectures="$2"} \
  --dpkgopt=path-exclude=/usr/share/doc/* --dpkgopt=path-exclude=/usr/share/man/* --include="$3" "$1" root.tar "$mirror"
"""

def _debian_root_impl(repository_ctx):
    mmdebstrap = repository_ctx.which("mmdebstrap")
    if not mmdebstrap:
        fail("mmdebstrap is needed for tests in other Debian releases; install it (apt-get install mmdebstrap)")
    repository_ctx.report_progress("unpacking Debian {}".format(repository_ctx.attr.suite))
    made = repository_ctx.execute(
        ["sh", "-c", _COMMAND, "sh", repository_ctx.attr.suite, repository_ctx.attr.architecture, repository_ctx.attr.packages],
        timeout = 1200,
    )
    if made.return_code:
        fail("cannot make a root file system of Debian {}: {}".format(repository_ctx.attr.suite, made.stderr))
    repository_ctx.file("BUILD.bazel", 'exports_files(["root.tar"])\n')

_debian_root = repository_rule(
    implementation = _debian_root_impl,
    attrs = {
        "architecture": attr.string(doc = "Debian's name of the CPU; this machine's when empty."),
        "packages": attr.string(mandatory = True),
        "suite": attr.string(mandatory = True),
    },
)

def _debian_roots_impl(_module_ctx):
    for name, (suite, architecture, packages) in _ROOTS.items():
        _debian_root(
            name = name,
            architecture = architecture,
            packages = packages,
            suite = suite,
        )

debian_roots = module_extension(implementation = _debian_roots_impl)
