#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each file uses what it includes of the project: at least one name that the header itself declares occurs in it.

Names are those that stand outside functions and classes, the enumerators, and the macros. What a file includes for its own
declarations (its header), for a place in an order (simd/targets.h) or once for each instruction set (-inl.h) is not looked at,
nor the header that includes all of the library (microgpt/microgpt.h).

usage: includes_test.py ROOT
"""
import pathlib
import re
import sys
import tempfile

from cpp_text import INCLUDE, code_of, namespaces_of, sources

FOLDERS = ("src", "include", "tests", "bench", "fuzz")
UMBRELLA = "microgpt.h"
EXEMPT = re.compile(r"-inl\.h$|^simd/targets\.h$|^microgpt/microgpt\.h$")
# Forward declarations, and bases.
NO_NAMES = re.compile(r"\b(?:class|struct|enum(?:\s+class)?)\s+\w+\s*(?::\s*[\w:]+\s*)?;|:\s*public\b[^{;]*|\bfinal\b")
NESTED = re.compile(r"\([^()]*\)|\[[^][]*\]|<[^<>;{}()]*>")
DECLARED = re.compile(r"(?<!::)\b([A-Za-z_]\w*)\s*(?=[({=;]|:(?!:))")
ENUM = re.compile(r"\benum\s+(?!class\b)[^;{()]*\{([^}]*)\}")  # those of an enum class are named with their class
MACRO = re.compile(r"^\s*#\s*define\s+(\w+)", re.M)
KEYWORDS = {"const", "noexcept", "override", "default", "delete", "operator", "requires", "decltype", "static_assert", "bool"}


def names_of(code):
    """What a header declares, and a few words more."""
    names = set(MACRO.findall(code))
    for body in ENUM.findall(code):
        names.update(re.findall(r"\b([A-Za-z_]\w*)\s*(?=,|=|$)", body))
    for _, text in namespaces_of(code):
        text = NO_NAMES.sub(" ", text)
        while (shorter := NESTED.sub(lambda match: "(" if match[0][0] == "(" else " ", text)) != text:
            text = shorter
        names.update(DECLARED.findall(text))
    return names - KEYWORDS


def header_of(root, path, header):
    """Where the project has it, or None."""
    places = [root / path.parent / header, root / header, *(root / folder / header for folder in FOLDERS)]
    return next((place for place in places if place.is_file()), None)


def is_its_own(path, header):
    return path.suffix == ".cc" and path.stem == pathlib.Path(header).stem


def faults_in(root):
    names = {}  # by header
    for path in sources(root, FOLDERS):
        code = code_of(root / path)
        words = set(re.findall(r"\w+", re.sub(r"^\s*#\s*include.*", "", code, flags=re.M)))
        for header in INCLUDE.findall((root / path).read_text()):
            place = header_of(root, path, header)
            if place is None or EXEMPT.search(header) or path.name == UMBRELLA or is_its_own(path, header):
                continue
            if place not in names:
                names[place] = names_of(code_of(place))
            if not names[place] & words:
                yield f"{path} includes {header} and uses nothing of it: {', '.join(sorted(names[place])[:6])}"


def expect_that_faults_are_found():
    """The same check, of a tree in which some includes are of use and others are not."""
    uses_of_count = ("lines", "kMax", "count(1)", "COUNT", "'\"'; Kind()")
    files = {
        "include/microgpt/token.h": "#pragma once\n/* namespace */ using Token = int;\n",
        "src/text/names.h": "namespace a {\nclass Corpus;\ntemplate <typename Value = int>\n"
                            "struct Named final : public Base { int inner() { return 1; } };\n}\n",
        "src/text/count.h": "namespace a::b {\nenum Kind { lines, text };\nconstexpr int kMax{3};\nint count(int first = 2);\n#define COUNT 1\n}\n",
        "src/text/part-inl.h": "int part();\n",
        "src/text/count.cc": '#include "text/count.h"\n',
        "src/used.cc": '#include "microgpt/token.h"\n#include "text/part-inl.h"\n#  include "text/names.h"\nNamed<Token> t;\n',
        "src/unused.cc": '#include "microgpt/token.h"\n#include "text/names.h"\n// Token\n'
                         'auto t = "Token" R"(Named)"; Corpus Base inner first;\n',
        **{f"tests/used{i}.cc": f'#include "text/count.h"\nauto x = {use};\n' for i, use in enumerate(uses_of_count)},
        "tests/unused.cc": '#include "text/count.h"\n#include "beside.h"\n#include "gone.h"\nint first = \'"\'; // count\n',
        "tests/beside.h": "int beside();",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = [re.sub(r" and .*", "", fault) for fault in faults_in(root)]
        assert found == ["src/unused.cc includes microgpt/token.h", "src/unused.cc includes text/names.h",
                         "tests/unused.cc includes text/count.h", "tests/unused.cc includes beside.h"], found


def main():
    expect_that_faults_are_found()
    root = pathlib.Path(sys.argv[1])
    faults, count = list(faults_in(root)), len(sources(root, FOLDERS))
    print("\n".join(faults) or f"{count} files use what they include")
    return 1 if faults or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
