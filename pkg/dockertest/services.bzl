"""The services: a line here, a module and a recipe folder for each."""

load("@rules_python//python:defs.bzl", "py_library")

# Service → its client libraries.
_CLIENTS = {
    "clickhouse": ["@pypi//clickhouse_driver"],
    "kafka": ["@pypi//confluent_kafka"],
    "mysql": ["@pypi//mysqlclient"],
    "redis": ["@pypi//redis"],
    "s3": ["@pypi//minio"],
}

SERVICES = sorted(_CLIENTS)

# What a test names in place of a service for images that have no module; only for fresh servers.
ANY_IMAGE = "any_image"

def service_libraries():
    """Declares a library per service: its module, its client, and its pin as data."""
    py_library(
        name = ANY_IMAGE,
        srcs = [ANY_IMAGE + ".py"],
        data = [":pins"],
        visibility = ["//visibility:public"],
        deps = [":dockertest"],
    )
    for service in SERVICES:
        py_library(
            name = service,
            srcs = [service + ".py"],
            data = [":pins"] + native.glob(["recipes/%s/**" % service]),
            visibility = ["//visibility:public"],
            deps = [":dockertest"] + _CLIENTS[service],
        )
