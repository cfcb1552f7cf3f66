#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A name means one thing: no two files define a class, structure or enumeration of one name in the same namespace.

That is the one-definition rule, which no compiler sees where the files are of different objects. What is in an anonymous
namespace or in a class is not looked at. And each file has a name of its own: no two headers and no two sources of src/ and
include/ are called alike, but for microgpt.h, which C and C++ include by different paths.

usage: definitions_test.py ROOT
"""
import collections
import pathlib
import re
import sys
import tempfile

from cpp_text import code_of, namespaces_of, sources

KIND = r"\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(?:alignas\([^()]*\)\s*|\[\[\w+\]\]\s*)?"
DEFINED = re.compile(KIND + r"(\w+(?:::\w+)*)(<[^;{]*>)?(?:\s+final)?\s*(?::[^;{]*)?\{\}")


def definitions_in(code):
    for namespace, text in namespaces_of(code):
        if namespace is not None:
            for name, arguments in DEFINED.findall(text):
                yield f"{namespace}::{name}{arguments}".removeprefix("::")


def faults_in(root):
    defined, called = collections.defaultdict(set), collections.defaultdict(set)
    for path in sources(root, ("src", "include")):
        called[path.name].add(path)
        for name in definitions_in(code_of(root / path)):
            defined[name].add(path.with_name(path.name.replace("_web.cc", ".cc")))  # one is compiled in the place of the other
    for what, places in (("is defined in", defined), ("is the name of", called)):
        for name, paths in sorted(places.items()):
            if len(paths) > 1 and name != "microgpt.h":
                yield f"{name} {what} {' and '.join(str(path) for path in sorted(paths))}"


def expect_that_faults_are_found():
    """The same check, of a tree in which names have several meanings and some may have them."""
    one = """
        namespace microgpt { namespace {
          struct Hidden {}; namespace inner { struct Hidden {}; }
        }
        struct Twice { struct Inner {}; };
        class Forward;
        template <> struct Special<int> {};
        enum class Kind : unsigned { // }
          a };
        struct Once::Part {};
        void f() { struct Local {}; const char* brace = "}"; }
        }  // namespace microgpt
        namespace microgpt::fast { class Engine final : public Twice {}; class Once {}; }"""
    other = """
        namespace microgpt { namespace { struct Hidden {}; }
        struct Once {}; enum Kind { b }; struct Twice {};  class Forward {};
        template <> struct Special<double> {};
        struct Twice::Part {};
        void g() { struct Local {}; }
        struct Other { struct Inner {}; };
        namespace fast { struct Engine : Twice {}; } }"""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        texts = {"src/text/a.cc": one, "src/io/b.h": other}
        for name in (*texts, "include/microgpt/b.h", "src/io/b.cc", "src/io/a.h"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(texts.get(name, ""))
        found = [fault.split()[0] for fault in faults_in(root)]
        assert found == ["microgpt::Kind", "microgpt::Twice", "microgpt::fast::Engine", "b.h"], found


def main():
    expect_that_faults_are_found()
    root = pathlib.Path(sys.argv[1])
    faults = list(faults_in(root))
    count = sum(1 for path in sources(root, ("src", "include")) for _ in definitions_in(code_of(root / path)))
    print("\n".join(faults) or f"{count} definitions have names of their own")
    return 1 if faults or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
