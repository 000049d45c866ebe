"""The rules of rules_python's defs.bzl, on the ones that Bazel 7 has built in."""

def _on_the_one_toolchain(attrs):
    # A minor version ("3.13") can only mean the one toolchain there is.
    return {name: value for name, value in attrs.items() if name != "python_version"}

def py_library(**attrs):
    native.py_library(**attrs)  # buildifier: disable=native-py

def py_binary(**attrs):
    native.py_binary(**_on_the_one_toolchain(attrs))  # buildifier: disable=native-py

def py_test(**attrs):
    native.py_test(**_on_the_one_toolchain(attrs))  # buildifier: disable=native-py
