#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every path that a document names in backticks must exist, and every relative link must lead to a file, and to a heading of it."""
import pathlib
import re
import sys

# What stands in backticks and has a slash, and is made of the characters of a path.
PATH = re.compile(r"`(\.?/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]*)+)`")
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^):]*))?\)")  # a colon makes it a link to elsewhere
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MADE_BY_THE_BUILD = ("build/",)


def anchor_of(heading):
    """As GitHub makes them."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def anchors_in(document):
    return {anchor_of(heading) for heading in HEADING.findall(CODE.sub("", document.read_text()))}


def missing_paths(root, document):
    text = document.read_text()
    for path in PATH.findall(text):
        if not path.startswith(MADE_BY_THE_BUILD) and not (root / path).exists():
            yield path
    for link, anchor in LINK.findall(text):
        target = document.parent / link if link else document
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors_in(target):
            yield f"{link}#{anchor}"


def main():
    root = pathlib.Path(sys.argv[1])
    documents = sorted({root / "README.md", root / "HACKING.md", *root.glob("*/**/README.md"), *root.glob("docs/*.md")})
    documents = [d for d in documents if "build" not in d.relative_to(root).parts]
    failures = [(d.relative_to(root), path) for d in documents for path in missing_paths(root, d)]
    for document, path in failures:
        print(f"{document}: there is no {path}")
    print(f"{len(documents)} documents read")
    return 1 if failures or len(documents) < 3 else 0


if __name__ == "__main__":
    assert anchor_of("`ngram.bin`") == "ngrambin" and anchor_of("What fits the documents") == "what-fits-the-documents"
    assert LINK.findall("[a](b.md) [c](d.md#e-f) [g](#h) [i](https://j/k#l)") == [("b.md", ""), ("d.md", "e-f"), ("", "h")]
    sys.exit(main())
