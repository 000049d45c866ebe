"""@checkout: every source file of the root module, as inputs that tests can declare.

One repository of symlinks; docs/decisions/0010-house-rules-inputs.md says why. BUILD files get
.txt appended, or they would cut their folders off from glob().
"""

# Hidden folders belong to tools (.git, .venv, caches), but for these.
_HIDDEN = [".ci", ".github"]
_NOT_SOURCES = [
    "MODULE.bazel.lock",
    "__pycache__",
    "api-reference",  # what ./dev bazel run //tools/api:reference writes
    "benchmark-results",  # what ./dev bench writes
    "node_modules",
    "user.bazelrc",
]
_BUILD_NAMES = ["BUILD", "BUILD.bazel"]

# Starlark has no while; a checkout has far fewer folders.
_MOST_FOLDERS = 100000

_BUILD = """\
package(default_visibility = ["//visibility:public"])

exports_files(glob(["tree/**"]))

filegroup(
    name = "files",
    srcs = glob(["tree/**"]),
)

filegroup(
    name = "buildifier",
    srcs = glob(["bin/buildifier"], allow_empty = True),
)
"""

def _is_source(path):
    name = path.basename
    if name in _NOT_SOURCES or name.endswith(".pyc") or " " in name:
        return False
    if name.startswith("bazel-") and path.is_dir:
        return False  # Bazel's links to its outputs, also those of examples/bazel
    return not (path.is_dir and name.startswith(".") and name not in _HIDDEN)

def _link_sources(rctx):
    todo = [(rctx.workspace_root, "")]
    for _ in range(_MOST_FOLDERS):
        if not todo:
            return
        folder, prefix = todo.pop()

        # Watched: a file more or less makes this repository anew. Bazel follows the
        # symlinks by itself when a file's content changes.
        for path in folder.readdir(watch = "yes"):
            if not path.exists or not _is_source(path):
                continue
            name = prefix + path.basename
            if path.is_dir:
                todo.append((path, name + "/"))
            else:
                suffix = ".txt" if path.basename in _BUILD_NAMES else ""
                rctx.symlink(path, "tree/" + name + suffix)
    fail("more than %d folders in the checkout" % _MOST_FOLDERS)

def _link_buildifier(rctx):
    for folder in rctx.getenv("PATH", "").split(":"):
        if not folder.startswith("/"):
            continue
        path = rctx.path(folder + "/buildifier")
        rctx.watch(path)  # also while it is missing: installing it makes this repository anew
        if path.exists:
            rctx.symlink(path, "bin/buildifier")
            return

def _checkout_impl(rctx):
    _link_sources(rctx)
    _link_buildifier(rctx)
    rctx.file("BUILD.bazel", _BUILD)

_checkout = repository_rule(
    implementation = _checkout_impl,
    local = True,
)

checkout = module_extension(
    implementation = lambda _mctx: _checkout(name = "checkout"),
)
