"""The C and C++ compiler of every platform: zig, which carries clang, lld, libc++ and each platform's libc.

The Zig project publishes its releases as wheels too, and pip is a client that each machine has set up for its own
network. So the compiler comes by `pip download`, checked against the sums below.
"""

load("//platforms:defs.bzl", "PLATFORMS")

_VERSION = "0.15.2"

# SHA-256 of the wheel for the machine that builds, by operating system and CPU as Bazel names them.
_WHEELS = {
    "linux_aarch64": "edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230",
    "linux_x86_64": "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130",
    "macos_aarch64": "acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7",
    "macos_x86_64": "47af4f85e3e59bd672126cc026d3a01b516cad24b9a9ea075abfe8532f4c6bc1",
}

# The parts of zig's lib folder that no target of ours needs: two thirds of its 18,000 files.
_UNUSED = [
    "docs",
    "init",
    "build-web",
    "fuzzer.zig",
    "libtsan",
    "libc/freebsd",
    "libc/mingw",
    "libc/musl",
    "libc/netbsd",
    "libc/wasi",
]
_USED_LIBC_INCLUDES = [
    "aarch64-linux-any",
    "aarch64-linux-gnu",
    "any-linux-any",
    "any-macos-any",
    "generic-glibc",
    "x86-linux-any",
    "x86-linux-gnu",
]

# The zig commands that Bazel needs.
_TOOLS = ["ar", "c++"]

def _machine(repository_ctx):
    os = "macos" if repository_ctx.os.name.startswith("mac") else "linux"
    cpu = {"amd64": "x86_64", "arm64": "aarch64"}.get(repository_ctx.os.arch, repository_ctx.os.arch)
    return "{}_{}".format(os, cpu)

def _zig_sdk_impl(repository_ctx):
    machine = _machine(repository_ctx)
    sha256 = _WHEELS.get(machine)
    if not sha256:
        fail("there is no zig {} for {}; build on one of {}".format(_VERSION, machine, ", ".join(_WHEELS)))
    python = repository_ctx.which("python3")
    if not python:
        fail("python3 with pip is needed to fetch the C++ compiler; install it (Debian: apt-get install python3-pip)")
    repository_ctx.report_progress("fetching zig {}".format(_VERSION))
    fetched = repository_ctx.execute(
        [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest=wheel", "ziglang==" + _VERSION],
        timeout = 1200,
    )
    if fetched.return_code:
        fail("pip cannot fetch ziglang {}: {}".format(_VERSION, fetched.stderr))
    wheels = repository_ctx.path("wheel").readdir()
    repository_ctx.execute(["mv", wheels[0], "zig.zip"])
    found = repository_ctx.execute([python, "-c", "import hashlib; print(hashlib.sha256(open('zig.zip', 'rb').read()).hexdigest())"]).stdout.strip()
    if found != sha256:
        fail("zig {} for {} has the SHA-256 {}, and {} is wanted: the download is not what was released".format(_VERSION, machine, found, sha256))
    repository_ctx.extract("zig.zip", stripPrefix = "ziglang")
    for rubbish in ["zig.zip", "wheel"] + ["lib/" + part for part in _UNUSED]:
        repository_ctx.delete(rubbish)
    for folder in repository_ctx.path("lib/libc/include").readdir():
        if folder.basename not in _USED_LIBC_INCLUDES:
            repository_ctx.delete(folder)
    repository_ctx.execute(["chmod", "+x", "zig"])

    for platform, facts in PLATFORMS.items():
        for tool in _TOOLS:
            repository_ctx.template(
                "{}/{}".format(platform, tool),
                repository_ctx.attr._tool,
                executable = True,
                substitutions = {
                    "@COMMAND@": tool,
                    "@SHA256@": sha256,
                    "@TARGET@": facts.zig_target,
                },
            )
    repository_ctx.file("package.properties", "name=zig's libc++, libunwind and compiler-rt\nversion={}\nlicense=MIT AND Apache-2.0 WITH LLVM-exception\n".format(_VERSION))
    repository_ctx.template("BUILD.bazel", repository_ctx.attr._build)

_zig_sdk = repository_rule(
    implementation = _zig_sdk_impl,
    attrs = {
        "_build": attr.label(default = "//toolchains/cc:BUILD.zig.bazel"),
        "_tool": attr.label(default = "//toolchains/cc:zig_tool.sh"),
    },
)

def _zig_impl(_module_ctx):
    _zig_sdk(name = "zig_sdk")

zig = module_extension(implementation = _zig_impl)
