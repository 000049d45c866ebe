"""pip.parse(): the hub repository, made by one hash-checked install."""

load(":interpreter.bzl", "find_python")

_TIMEOUT_S = 1800
_SHOWN = 4000  # characters of the end of pip's output

def _hub_impl(rctx):
    lock = rctx.path(rctx.attr.lock)  # watched: a new lock makes the hub anew
    python = find_python(rctx, rctx.attr.version)
    result = rctx.execute(
        [python, rctx.path(rctx.attr._hub), lock, "."] + rctx.attr.extra_pip_args,
        quiet = False,
        timeout = _TIMEOUT_S,
    )
    if result.return_code:
        fail("@%s could not be installed from %s:\n%s%s" % (
            rctx.attr.hub,
            lock,
            result.stdout[-_SHOWN:],
            result.stderr[-_SHOWN:],
        ))

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {
        "extra_pip_args": attr.string_list(),
        "hub": attr.string(mandatory = True),
        "lock": attr.label(mandatory = True, allow_single_file = True),
        "version": attr.string(),
        "_hub": attr.label(default = ":hub.py"),
    },
)

def _pip_impl(mctx):
    owners = {}
    for module in mctx.modules:
        for parse in module.tags.parse:
            name = parse.hub_name
            if name in owners:
                fail("pip.parse: hub_name \"%s\" is used by %s and by %s; choose another one" % (
                    name,
                    owners[name],
                    module.name,
                ))
            lock = parse.requirements_lock or parse.requirements_linux
            if not lock:
                fail("pip.parse of \"%s\": requirements_lock must be set" % name)
            owners[name] = module.name
            _hub(
                name = name,
                hub = name,
                lock = lock,
                version = parse.python_version,
                extra_pip_args = parse.extra_pip_args,
            )

pip = module_extension(
    implementation = _pip_impl,
    tag_classes = {
        "parse": tag_class(attrs = {
            "extra_pip_args": attr.string_list(),
            "hub_name": attr.string(mandatory = True),
            "python_version": attr.string(mandatory = True),
            "requirements_linux": attr.label(),
            "requirements_lock": attr.label(),
        }),
    },
)
