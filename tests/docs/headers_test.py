#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each header of src/ and include/ compiles alone, so that it includes what it uses. Those that are included once for each
instruction set (-inl.h) are part of a source. Where there is no mpi.h, those that need it are left out.

usage: headers_test.py ROOT [COMPILER [INCLUDED_FOLDER...]]
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

from cpp_text import sources


NO_MPI = re.compile(r"fatal error: '?mpi\.h")


def message_of(compiler, root, header):
    """What the compiler says of a header that it does not take, or nothing."""
    command = [*compiler, *"-fsyntax-only -x c++ -std=c++20 -Wall -Wextra -Werror -Isrc -Iinclude -include".split(), str(header)]
    result = subprocess.run([*command, "/dev/null"], cwd=root, capture_output=True, text=True)
    return result.stderr if result.returncode and not NO_MPI.search(result.stderr) else ""


def faults_in(root, compiler):
    headers = [path for path in sources(root, ("src", "include")) if path.suffix == ".h" and not path.name.endswith("-inl.h")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        messages = list(pool.map(lambda header: message_of(compiler, root, header), headers))
    return [f"{header} does not compile alone:\n{message}" for header, message in zip(headers, messages) if message], len(headers)


def expect_that_faults_are_found(compiler):
    files = {
        "src/text/bare.h": "std::string text();\n",
        "include/whole.h": '#pragma once\n#include "text/a-inl.h"\n',
        "src/text/a-inl.h": "",
        "src/text/b-inl.h": "none",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        faults, count = faults_in(root, compiler)
        assert count == 2 and [fault.split()[0] for fault in faults] == ["src/text/bare.h"], faults


def main():
    root = pathlib.Path(sys.argv[1])
    compiler = [*(sys.argv[2:3] or ["g++"]), *(f"-isystem{folder}" for folder in sys.argv[3:])]
    expect_that_faults_are_found(compiler)
    faults, count = faults_in(root, compiler)
    print("\n".join(faults) or f"{count} headers compile alone")
    return 1 if faults or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
