"""The fenced code blocks of Markdown files, and what is wrong with those for Bazel."""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass

from tools.lint.checkout import Checkout

# In the macros' own files: what they pass on, and the services that there are.
ATTRIBUTES = ("tools/testing/attributes.bzl", "_PASSED_ON")
CLIENTS = ("pkg/dockertest/services.bzl", "_CLIENTS")
MACROS = {
    "unit_test": ("name", "srcs"),
    "shared_container_test": ("name", "srcs", "services"),
    "dynamic_container_test": ("name", "srcs", "services"),
}
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced code block: its file, the line that it begins at, and its text."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def blocks(checkout: Checkout, file: str, language: str) -> list[Block]:
    """The file's blocks in a language, in their order."""
    text = checkout.text(file)
    return [
        Block(file, text.count("\n", 0, match.start("text")) + 1, match["text"])
        for match in _BLOCK.finditer(text)
        if match["language"] == language
    ]


def constant(checkout: Checkout, file: str, name: str) -> list[str]:
    """The strings of a list, or the keys of a dict, that a .bzl file assigns to a name.

    Raises:
        LookupError: it assigns none.
    """
    for node in ast.parse(checkout.text(file)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return list(ast.literal_eval(node.value))
    raise LookupError(f"{file} assigns nothing to {name}")


def violations(block: Block, passed_on: Collection[str], services: Collection[str]) -> list[str]:
    """One line for each call of a macro in a BUILD example that the macro would refuse."""
    try:
        tree = ast.parse(block.text)
    except SyntaxError as error:
        return [f"{block}: {error.msg} in line {error.lineno} of the example"]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (macro := ast.unparse(node.func)) in MACROS:
            for argument in node.keywords:
                if argument.arg not in (*MACROS[macro], *passed_on):
                    found.append(f"{block}: {macro} has no attribute {argument.arg}")
                elif argument.arg == "services":
                    unknown = set(ast.literal_eval(argument.value)).difference(services)
                    found += [f"{block}: {macro}: no service {one}" for one in sorted(unknown)]
    return found
