"""A Maven project file of a template."""

def _pom_impl(ctx):
    output = ctx.actions.declare_file("{}-{}.pom".format(ctx.attr.artifact, ctx.attr.version))
    ctx.actions.expand_template(
        template = ctx.file.template,
        output = output,
        substitutions = {
            "@ARTIFACT@": ctx.attr.artifact,
            "@GROUP@": ctx.attr.group,
            "@VERSION@": ctx.attr.version,
        },
    )
    return [DefaultInfo(files = depset([output]))]

pom = rule(
    implementation = _pom_impl,
    doc = "Writes <artifact>-<version>.pom of a template with @GROUP@, @ARTIFACT@ and @VERSION@.",
    attrs = {
        "artifact": attr.string(mandatory = True),
        "group": attr.string(mandatory = True),
        "template": attr.label(allow_single_file = True, mandatory = True),
        "version": attr.string(mandatory = True),
    },
)
