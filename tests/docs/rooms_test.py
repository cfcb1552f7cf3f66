#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each file of src/ and include/ is in a room of the map in HACKING.md, and includes only what is in its room or in one above.

A room and its kernels/ may use each other. Engines do not know each other: none includes what is of another one. The public
headers are the first row, so they include nothing of src/. Each folder is a row, and files that a row names are in its room.

usage: rooms_test.py ROOT
"""
import pathlib
import re
import sys
import tempfile

from cpp_text import INCLUDE, sources

ROW = re.compile(r"^\| `((?:src|include)(?:/[a-z_/]*)?)/` \|(.*)", re.M)
FILE = re.compile(r"`([a-z0-9_-]+\.(?:h|cc))`")
FOLDERS = ("include", "src")


def rooms_of(root):
    the_map = re.search(r"^## The map$(.*?)^## ", (root / "HACKING.md").read_text(), re.M | re.S)[1]
    return dict(ROW.findall(the_map))  # in the order of the map


def room_of_header(root, header):
    """None for one that is not of the project. One that the build makes is in a folder of src/, too."""
    for folder in ("src", "include"):
        if (root / folder / header).exists() or (folder == "src" and "/" in header and (root / folder / header).parent.is_dir()):
            return str((pathlib.Path(folder) / header).parent)
    return None


def with_kernels(room):
    return room.removesuffix("/kernels")


def engine_of(room):
    return re.match(r"src/engine/([^/]+)|", room)[1]


def faults_of_include(rooms, room, used):
    """What is wrong with it that a file of `room` includes one of the room `used`."""
    if used not in rooms or with_kernels(used) == with_kernels(room):
        return  # a folder that is no room is a fault of its own
    if engine_of(room) and engine_of(used) and engine_of(room) != engine_of(used):
        yield "engines do not know each other"
    elif room not in rooms or rooms.index(used) > rooms.index(room):
        yield f"{used}/ does not stand above {room}/ in the map of HACKING.md"


def faults_in(root):
    contents = rooms_of(root)
    rooms = list(contents)
    for room, content in contents.items():
        if not (root / room).is_dir():
            yield f"{room}/ has a row in HACKING.md, and does not exist"
        for name in FILE.findall(content):
            if not (root / room / name).exists():
                yield f"{room}/{name} is named in the map of HACKING.md, and does not exist"
    for folder in sorted({str(path.parent) for path in sources(root, FOLDERS)} - {"src", *rooms}):
        yield f"{folder}/ has no row in the map of HACKING.md"
    for path in sources(root, FOLDERS):
        for header in INCLUDE.findall((root / path).read_text()):
            used = room_of_header(root, header)
            for fault in faults_of_include(rooms, str(path.parent), used) if used else ():
                yield f"{path} includes {header}: {fault}"


def expect_that_faults_are_found():
    """The same check, of a tree in which everything is wrong that can be, and some things are right."""
    rows = ("include/microgpt/", "src/text/", "src/engine/", "src/engine/graph/", "src/engine/fast/", "src/engine/fast/kernels/", "src/gone/")
    files = {
        "include/microgpt/error.h": "text/utf8.h",
        "src/alone.cc": "text/utf8.h",
        "src/text/utf8.h": "engine/engines.h",
        "src/text/made.cc": "engine/made_by_the_build.h",
        "src/engine/engines.h": "text/utf8.h",
        "src/engine/graph/tape.h": "microgpt/error.h",
        "src/engine/fast/rows.h": "engine/fast/kernels/kernels.h",
        "src/engine/fast/kernels/kernels.h": "engine/fast/rows.h",
        "src/engine/fast/kernels/kernels.cc": "engine/graph/tape.h",
        "src/unknown/new.cc": "gtest/gtest.h",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, header in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f'#include "{header}"\n#include <text>\n')
        table = "".join(f"| `{room}` | what is there |\n" for room in rows)
        table = table.replace("fast/` | what", "fast/` | `rows.h`, `old-inl.h` and what")
        (root / "HACKING.md").write_text(f"## The map\n\n{table}\n## Other things\n\n| `src/unknown/` | no room |\n")
        found = [fault.split()[0] for fault in faults_in(root)]
        assert found == ["src/engine/fast/old-inl.h", "src/gone/", "src/unknown/", "include/microgpt/error.h", "src/alone.cc",
                         "src/engine/fast/kernels/kernels.cc", "src/text/made.cc", "src/text/utf8.h"], found


def main():
    expect_that_faults_are_found()
    root = pathlib.Path(sys.argv[1])
    faults = list(faults_in(root))
    print("\n".join(faults) or f"{len(sources(root, FOLDERS))} files use only what is above them")
    return 1 if faults or len(sources(root, FOLDERS)) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
