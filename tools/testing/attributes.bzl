"""What the test macros accept, as a function that says what is wrong with a call."""

# Passed on to py_test as they are.
_PASSED_ON = [
    "data",
    "deps",
    "env",
    "env_inherit",
    "exec_properties",
    "flaky",
    "shard_count",
    "tags",
    "target_compatible_with",
    "timeout",
    "visibility",
]

# Set by the macros.
_REFUSED = {
    "args": "args is set by the macro; pass arguments to pytest by --test_arg",
    "imports": "imports are root-relative (from pkg.cache import Cache); remove imports",
    "main": "main is set by the macro (//tools/pytest:main.py); for another program use py_test",
    "size": "size follows from the macro; remove it, or choose another macro " +
            "(unit_test small, shared_container_test medium, dynamic_container_test large)",
}

_RESOURCE = "resources:containers:"

def _srcs_problem(srcs):
    if type(srcs) != "list" or not srcs:
        return "srcs must be a list of at least one *_test.py"
    for src in srcs:
        if not str(src).endswith("_test.py"):
            return ("srcs: %s does not end in _test.py; put what tests share into a " +
                    "py_library and name it in deps") % src
    return ""

def _services_problem(services, known):
    if type(services) != "list":
        return "services must be a list of strings such as [\"%s\"]" % known[0]
    if not services:
        return "services must not be empty; for a test without containers use unit_test"
    seen = {}
    for service in services:
        if service not in known:
            return "services: %s is not known; known: %s" % (service, ", ".join(known))
        if service in seen:
            return ("services: %s is named twice; once is enough for any number of " +
                    "start() calls") % service
        seen[service] = True
    return ""

def _attrs_problem(attrs):
    for attr in sorted(attrs):
        if attr in _REFUSED:
            return _REFUSED[attr]
        if attr not in _PASSED_ON:
            return "%s is not an attribute; known: name, srcs, %s" % (attr, ", ".join(_PASSED_ON))
    tags = attrs.get("tags") or []
    for tag in tags if type(tags) == "list" else []:
        if tag.startswith(_RESOURCE):
            return "tags: %s is counted by the macro from services; remove it" % tag
    return ""

def resource_tag(services):
    """The tag that reserves a container for each of the services."""
    return _RESOURCE + str(len(services))

def problem(macro, name, srcs, attrs, known, needs_services):
    """Says what is wrong with a macro's call.

    Args:
      macro: the macro's name, for the message.
      name: the target's name.
      srcs: the value of srcs.
      attrs: a dict of all other attributes given, services among them.
      known: the list of known services.
      needs_services: whether this macro takes services.

    Returns:
      A message that names the macro and the target, or "" when nothing is wrong.
    """
    others = {attr: value for attr, value in attrs.items() if attr != "services"}
    found = _srcs_problem(srcs) or _attrs_problem(others)
    if not found and needs_services:
        found = _services_problem(attrs.get("services", []), known)
    elif not found and "services" in attrs:
        found = "services are not for unit_test; for a fresh container use " + \
                "dynamic_container_test, for the shared ones shared_container_test"
    return "%s %s: %s" % (macro, name, found) if found else ""
