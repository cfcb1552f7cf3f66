#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every path that a document names in backticks must exist, and every relative link must lead to a file, and to a heading of it.
So must every file that a comment of a source names, by the end of its path, such as training/settings.h. A header or source
without a folder is one beside the file that names it, or beside what that file tests.
"""
import pathlib
import re
import sys
import tempfile

from cpp_text import NO_CODE

# What stands in backticks and has a slash, and is made of the characters of a path.
PATH = re.compile(r"`(\.?/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]*)+)`")
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^):]*))?\)")  # a colon makes it a link to elsewhere
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MADE_BY_THE_BUILD = ("build/",)

FOLDERS = ("src", "include", "tests", "bench", "fuzz", "docs", "findings", "scripts", "examples", "cmake", "data", "tools", "web/src", "web/tests")
NAMED = re.compile(r"(?<![\w./*-])((?:[\w.-]+/)*[\w-]+\.(?:h|cc|py|md|sh))(?![\w*-]|\.\w)|"
                   rf"(?<![\w./*-])((?:{'|'.join(FOLDERS)})/[\w./-]*\w)(?![*{{<])")
SCRIPT_COMMENT = re.compile(r"(?:^|\s)#[^\n]*")
# Of other software, or what stands for any name.
ELSEWHERE = {"microgpt.py", "prepare.py", "foreach_target.h", "highway.h", "hwy/targets.h", "re2/re2.h", "time.h", "src/ROOM/NAME.cc", "tests/ROOM/NAME_test.cc", "NAME.cc", "NAME_web.cc"}


def anchor_of(heading):
    """As GitHub makes them."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def anchors_in(document):
    return {anchor_of(heading) for heading in HEADING.findall(CODE.sub("", document.read_text()))}


def missing_paths(root, document):
    text = document.read_text()
    for path in PATH.findall(text):
        if not path.startswith(MADE_BY_THE_BUILD) and not (root / path).exists() and not (root / "include" / path).exists():
            yield path
    for link, anchor in LINK.findall(text):
        target = document.parent / link if link else document
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors_in(target):
            yield f"{link}#{anchor}"


def comments_of(path):
    text = path.read_text(errors="replace")  # seeds of fuzzers are any bytes
    if path.suffix in (".h", ".cc"):
        return "\n".join(match[0] for match in NO_CODE.finditer(text) if match[0][0] == "/")
    return "\n".join(SCRIPT_COMMENT.findall(text)) if path.suffix in (".py", ".sh", ".cmake") or path.name == "CMakeLists.txt" else ""


def is_there(root, ends, path, name):
    if "/" not in name and name.endswith((".h", ".cc")) and path.suffix in (".h", ".cc"):
        tested = root / "src" / path.parent.relative_to("tests") if path.parts[0] == "tests" else root / path.parent
        return (root / path.parent / name).exists() or (tested / name).exists()
    return name in ends or (root / name).is_dir()


def names_missing_in_comments(root):
    files = [path.relative_to(root) for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    files += [path.relative_to(root) for path in root.glob("*") if path.is_file()]
    ends = {"/".join(path.parts[first:]) for path in files for first in range(len(path.parts))}
    for path in sorted(files):
        for match in NAMED.finditer(comments_of(root / path)):
            name = match[1] or match[2]
            if name not in ELSEWHERE and not is_there(root, ends, path, name):
                yield path, name


def expect_that_faults_are_found():
    """The same check, of comments that name what there is and what there is not."""
    files = {
        "src/text/utf8.h": "// utf8.h text/utf8.h src/text/utf8.h, src/text/ docs/text.md; microgpt.py, *.h\nauto s = \"gone.cc\";",
        "src/text/part.cc": "#include \"gone/gone.h\"  // gone.h\n/* text/gone.cc (src/gone/) */ int gone_py();",
        "src/io/far.cc": "// utf8.h, text/utf8.h",
        "tests/text/utf8_test.cc": "// utf8.h, far.cc",
        "tests/run.py": "a = 'gone.py'\n#far.cc, gone.py",
        "docs/text.md": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = [f"{path.name} {name}" for path, name in names_missing_in_comments(root)]
        assert found == ["far.cc utf8.h", "part.cc gone.h", "part.cc text/gone.cc", "part.cc src/gone", "run.py gone.py",
                         "utf8_test.cc far.cc"], found


def main():
    root = pathlib.Path(sys.argv[1])
    documents = sorted({root / "README.md", root / "HACKING.md", *root.glob("*/**/README.md"), *root.glob("docs/*.md")})
    documents = [d for d in documents if not {"build", "node_modules"} & set(d.relative_to(root).parts)]
    failures = [(d.relative_to(root), path) for d in documents for path in missing_paths(root, d)]
    failures += names_missing_in_comments(root)
    for document, path in failures:
        print(f"{document}: there is no {path}")
    print(f"{len(documents)} documents read")
    return 1 if failures or len(documents) < 3 else 0


if __name__ == "__main__":
    assert anchor_of("`ngram.bin`") == "ngrambin" and anchor_of("What fits the documents") == "what-fits-the-documents"
    assert LINK.findall("[a](b.md) [c](d.md#e-f) [g](#h) [i](https://j/k#l)") == [("b.md", ""), ("d.md", "e-f"), ("", "h")]
    expect_that_faults_are_found()
    sys.exit(main())
