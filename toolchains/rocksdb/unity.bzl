"""Several C++ files compiled as one."""

def _unity_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".cc")
    ctx.actions.write(output, "".join(["#include \"{}\"\n".format(source) for source in ctx.attr.sources]))
    return [DefaultInfo(files = depset([output]))]

unity = rule(
    implementation = _unity_impl,
    doc = "Writes a C++ file that includes others.",
    attrs = {
        "sources": attr.string_list(mandatory = True, doc = "Paths, as the compiler finds them in its include folders."),
    },
)

def groups(sources, size):
    """Cuts a sorted list of files into groups of neighbours.

    Args:
      sources: paths.
      size: the most files in a group.

    Returns:
      A list of lists.
    """
    return [sources[at:at + size] for at in range(0, len(sources), size)]
