"""python.toolchain(): the machine's own interpreter."""

load(":interpreter.bzl", "find_python")

_BUILD = """\
load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")

py_runtime(
    name = "runtime",
    interpreter_path = "{path}",
    python_version = "PY3",
    stub_shebang = "#!{path}",
)

py_runtime_pair(
    name = "pair",
    py3_runtime = ":runtime",
)

toolchain(
    name = "toolchain",
    toolchain = ":pair",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
"""

def _system_python_impl(rctx):
    path = find_python(rctx, rctx.attr.version)
    rctx.file("BUILD.bazel", _BUILD.format(path = path))

_system_python = repository_rule(
    implementation = _system_python_impl,
    attrs = {"version": attr.string()},
)

def _python_impl(mctx):
    # The root module decides; one that is only depended on (berth itself, seen from
    # another workspace) is heard when the root is silent.
    ranked = {}
    for module in mctx.modules:
        for tag in module.tags.toolchain:
            ranked.setdefault((module.is_root, tag.is_default), tag.python_version)
    version = ""
    for rank in [(True, True), (True, False), (False, True), (False, False)]:
        version = version or ranked.get(rank, "")
    _system_python(name = "system_python", version = version)

python = module_extension(
    implementation = _python_impl,
    tag_classes = {
        "toolchain": tag_class(attrs = {
            "configure_coverage_tool": attr.bool(),
            "ignore_root_user_error": attr.bool(),
            "is_default": attr.bool(),
            "python_version": attr.string(mandatory = True),
        }),
    },
)
