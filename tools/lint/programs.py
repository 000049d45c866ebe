"""A service's image has the modules that its programs import, and no others, such as tests' own."""

from collections.abc import Mapping

from tools.dev import images_programs
from tools.lint.checkout import Checkout
from tools.lint.imports import imported

_MAIN = "__main__"


def violations(checkout: Checkout) -> list[str]:
    """One line for each module in an image that none of its programs imports."""
    return [
        f"{name}: nothing in the image of {service} imports it: name what tests need in leave_out "
        f"of services/{service}/image/image.toml; what nothing needs can go"
        for service in images_programs.names(checkout.root)
        for name in _unused(images_programs.program(service, checkout.root).sources)
    ]


def _unused(sources: Mapping[str, bytes]) -> list[str]:
    files = {_module(name): name for name in sources if name.endswith(".py")}
    used: set[str] = set()
    found = [module for module in files if module.endswith(f".{_MAIN}")]
    while found:
        module = found.pop()
        if module in used or not module:
            continue
        used.add(module)
        # A module is imported after the packages that it is in; what is no module is a name in one.
        found.append(module.rpartition(".")[0])
        if name := files.get(module):
            found += [each for _, each in imported(sources[name].decode())]
    return sorted(name for module, name in files.items() if module not in used)


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
