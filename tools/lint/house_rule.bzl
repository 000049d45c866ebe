"""A house rule, checked on all source files."""

load("//tools:testing.bzl", "unit_test")

def house_rule_test(name, deps = [], data = [], **attrs):
    """A unit_test whose tests may call Checkout.declared().

    Args:
      name: the target's name; its source is NAME.py.
      deps: further libraries.
      data: further files.
      **attrs: attributes of unit_test.
    """
    unit_test(
        name = name,
        srcs = [name + ".py"],
        data = data + [
            "@checkout//:files",
            "@checkout//:tree/MODULE.bazel",  # also by name, for env
        ],
        env = {"CHECKOUT": "$(rlocationpath @checkout//:tree/MODULE.bazel)"},
        deps = deps + ["//tools/lint"],
        **attrs
    )
