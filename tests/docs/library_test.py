#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each program of docs/library.md is compiled and run: in C++ and C against the headers of include/ and the shared library
alone, in Python with the module and with ctypes. Where there is no module or no
numpy, those that import it are left out.

usage: library_test.py ROOT BUILD
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PYTHON = os.environ.get("MICROGPT_PYTHON_EXECUTABLE", sys.executable)
PROGRAM = re.compile(r"^<!-- test: (\S+) -->\n```\w+\n(.*?)^```$", re.M | re.S)


def command_for(name, root, build):
    library = build / "src"
    link = [name, "-o", "program", f"-I{root / 'include'}", f"-L{library}", "-lmicrogpt", f"-Wl,-rpath,{library}"]
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    if name.endswith(".cc"):
        return [["c++", "-std=c++20", *warnings, *link], ["./program"]]
    if name.endswith(".c"):
        return [["cc", "-std=c99", *warnings, *link], ["./program"]]
    return [[PYTHON, name]]


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    has_module = (build / "python").exists() and subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True).returncode == 0
    programs = PROGRAM.findall((root / "docs/library.md").read_text())
    names = [name for name, _ in programs]
    assert {pathlib.Path(name).suffix for name in names} == {".cc", ".c", ".py"}, names
    environment = dict(os.environ, LD_LIBRARY_PATH=str(build / "src"), PYTHONPATH=str(build / "python"))
    for name, text in programs:
        if re.search(r"^import microgpt", text, re.M) and not has_module:
            print(f"{name}: left out, as the module is not built")
            continue
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / name).write_text(text)
            for command in command_for(name, root, build):
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(f"{name}: {' '.join(command)}\n{done.stdout}{done.stderr}")
                print(done.stdout, end="")
            assert done.stdout, f"{name} prints nothing"
    print(f"{len(programs)} programs run")


if __name__ == "__main__":
    main()
