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
    """Cuts a sorted list of files into groups of neighbours, none across two top-level folders.

    Args:
      sources: paths.
      size: the most files in a group.

    Returns:
      A list of lists.
    """
    result = []
    for source in sources:
        last = result[-1] if result else []
        if last and len(last) < size and last[0].partition("/")[0] == source.partition("/")[0]:
            last.append(source)
        else:
            result.append([source])
    return result
