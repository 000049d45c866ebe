"""The services: a line here, a module and a recipe folder for each."""

load("@rules_python//python:defs.bzl", "py_library")

# Service → its client libraries.
_CLIENTS = {
    "redis": ["@pypi//redis"],
    "s3": ["@pypi//minio"],
}

SERVICES = sorted(_CLIENTS)

def service_libraries():
    """Declares a library per service: its module, its client, and its pin as data."""
    for service in SERVICES:
        py_library(
            name = service,
            srcs = [service + ".py"],
            data = [":pins"] + native.glob(["recipes/%s/**" % service]),
            visibility = ["//visibility:public"],
            deps = [":dockertest"] + _CLIENTS[service],
        )
