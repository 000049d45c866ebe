"""The three kinds of test: unit_test, shared_container_test and dynamic_container_test.

All of them are py_test with pytest as the main program; see tools/pytest/README.md for what
`bazel test` flags do with them. Files in srcs end in _test.py. Passed on to py_test: data,
deps, env, env_inherit, exec_properties, flaky, shard_count, tags, target_compatible_with,
timeout, visibility.
"""

load("@rules_python//python:defs.bzl", "py_test")
load("//pkg/dockertest:services.bzl", "ANY_IMAGE", "SERVICES")
load("//tools/testing:attributes.bzl", "problem", "resource_tag")

# How a test reaches the engine, and the images it is told to use.
_ENGINE = [
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
]

# Labels through Label(): another repository may load this file.
_MAIN = Label("//tools/pytest:main.py")
_PLUGINS = {
    "pkg.dockertest.plugin": Label("//pkg/dockertest:plugin"),
    "pkg.testutil.containers.plugin": Label("//pkg/testutil/containers:plugin"),
    "pkg.testutil.plugin": Label("//pkg/testutil:plugin"),
}

def _pytest_test(name, srcs, size, plugins, deps = [], **attrs):
    args = []
    for plugin in plugins:
        args += ["-p", plugin]
    py_test(
        name = name,
        size = size,
        srcs = srcs + [_MAIN],
        args = args + ["$(rootpath %s)" % src for src in srcs],
        main = _MAIN,
        # An __init__.py of Bazel's own in another repository's pkg/ would hide ours.
        legacy_create_init = 0,
        deps = deps + [Label("//tools/pytest")] + [_PLUGINS[plugin] for plugin in plugins],
        **attrs
    )

def _container_test(name, services, deps = [], env_inherit = [], tags = [], **attrs):
    images = ["BERTH_IMAGE_" + service.upper() for service in services]
    _pytest_test(
        name = name,
        env_inherit = env_inherit + _ENGINE + images,
        tags = tags + [
            resource_tag(services),
            "requires-network",
        ],
        deps = deps + [Label("//pkg/dockertest:" + service) for service in services],
        **attrs
    )

def _check(macro, name, srcs, attrs, needs_services = True, known = SERVICES):
    message = problem(macro, name, srcs, attrs, known, needs_services)
    if message:
        fail(message)

def unit_test(name, srcs = [], **attrs):
    """A test without containers, of size small.

    Args:
      name: the target's name.
      srcs: the *_test.py files.
      **attrs: attributes of py_test; the file's docstring lists them.
    """
    _check("unit_test", name, srcs, attrs, needs_services = False)
    _pytest_test(
        name = name,
        size = "small",
        srcs = srcs,
        plugins = ["pkg.testutil.plugin"],
        **attrs
    )

def shared_container_test(name, srcs = [], **attrs):
    """A test on the checkout's shared containers, of size medium.

    Args:
      name: the target's name.
      srcs: the *_test.py files.
      **attrs: services (a list of names such as "redis"), and attributes of py_test; the
        file's docstring lists them.
    """
    _check("shared_container_test", name, srcs, attrs)
    _container_test(
        name = name,
        size = "medium",
        srcs = srcs,
        plugins = ["pkg.testutil.plugin", "pkg.testutil.containers.plugin"],
        **attrs
    )

def dynamic_container_test(name, srcs = [], **attrs):
    """A test that starts fresh containers, of size large.

    Args:
      name: the target's name.
      srcs: the *_test.py files.
      **attrs: services (a list of names such as "redis"; "any_image" for an image of your
        own), and attributes of py_test; the file's docstring lists them.
    """
    _check("dynamic_container_test", name, srcs, attrs, known = SERVICES + [ANY_IMAGE])
    _container_test(
        name = name,
        size = "large",
        srcs = srcs,
        plugins = ["pkg.testutil.plugin", "pkg.dockertest.plugin"],
        **attrs
    )
