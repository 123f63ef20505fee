"""The extension by this name, with nothing in it: Bazel only asks that it exists."""

buildozer_binary = module_extension(implementation = lambda module_ctx: None)
