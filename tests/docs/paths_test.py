#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every path that a document names in backticks must exist, and every relative link must lead somewhere."""
import pathlib
import re
import sys

# What stands in backticks and has a slash, and is made of the characters of a path.
PATH = re.compile(r"`(\.?/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]*)+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")  # a colon makes it a link to elsewhere
MADE_BY_THE_BUILD = ("build/",)


def missing_paths(root, document):
    text = document.read_text()
    for path in PATH.findall(text):
        if not path.startswith(MADE_BY_THE_BUILD) and not (root / path).exists():
            yield path
    for link in LINK.findall(text):
        if not (document.parent / link).exists():
            yield link


def main():
    root = pathlib.Path(sys.argv[1])
    documents = [root / "README.md", root / "HACKING.md", *sorted(root.glob("*/**/README.md"))]
    documents = [d for d in documents if "build" not in d.relative_to(root).parts]
    failures = [(d.relative_to(root), path) for d in documents for path in missing_paths(root, d)]
    for document, path in failures:
        print(f"{document}: there is no {path}")
    print(f"{len(documents)} documents read")
    return 1 if failures or len(documents) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
