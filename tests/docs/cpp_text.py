# SPDX-License-Identifier: MIT
"""What the tests of sources read of C++: its text without comments, and that of its namespaces."""
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
NO_CODE = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z])'(?:\\.|[^'\\\n])+'""", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
NAMESPACE = re.compile(r"\bnamespace\s*([\w:]*)\s*$|\bextern\s*\"\"\s*$")


def sources(root, folders):
    return sorted(path.relative_to(root) for folder in folders for path in (root / folder).rglob("*") if path.suffix in (".h", ".cc"))


def code_of(path):
    """Without comments, and with empty strings."""
    return NO_CODE.sub(lambda match: " " if match[0][0] == "/" else '""', path.read_text())


def namespaces_of(code):
    """The text of each namespace, (name, text), without directives and with "{}" for the bodies of classes, functions and the
    like. What is in an anonymous namespace has the name None."""
    parts, open_ones, bodies = [["", ""]], [""], 0
    for piece in re.split(r"([{}])", DIRECTIVE.sub(" ", code)):
        if piece == "{":
            scope = NAMESPACE.search(parts[-1][1]) if bodies == 0 else None
            if scope is None:
                bodies += 1
                continue
            outer, name = open_ones[-1], scope[1]
            open_ones.append(outer if name is None or outer is None else f"{outer}::{name}".removeprefix("::") if name else None)
            parts.append([open_ones[-1], ""])
        elif piece == "}" and bodies:
            bodies -= 1
            if bodies == 0:
                parts[-1][1] += "{}"
        elif piece == "}":
            open_ones.pop()
            parts.append([open_ones[-1], ""])
        elif bodies == 0:
            parts[-1][1] += piece
    return parts
