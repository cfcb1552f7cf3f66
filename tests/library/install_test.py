#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `cmake --install` puts into a folder is enough to build with: examples/embed by find_package(), and a program by
pkg-config. As a part of another project the library alone is configured, without our warnings and tests.

usage: install_test.py ROOT BUILD
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def embedded(root, prefix, folder):
    """What the example says: in C++ which of two lines is odd, and in C what is wrong with no folder."""
    run("cmake", "-G", "Ninja", "-S", root / "examples/embed", "-B", folder / "embed", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "embed")
    assert run(folder / "embed/embed", input="maria\nxqzvw\n") == "xqzvw\n"
    version, error = run(folder / "embed/embed_c").splitlines()
    assert version.startswith("microgpt "), version
    assert "no-such-folder" in error, error


def by_pkg_config(root, prefix, folder):
    config = next(prefix.glob("lib*/**/pkgconfig"))
    environment = dict(os.environ, PKG_CONFIG_PATH=str(config))
    flags = run("pkg-config", "--cflags", "--libs", "microgpt", env=environment).split()
    run("cc", root / "examples/embed/main.c", "-o", folder / "by_pkg_config", *flags)
    run(folder / "by_pkg_config", env=dict(os.environ, LD_LIBRARY_PATH=str(config.parent)))


def as_a_part(root, folder):
    (folder / "whole").mkdir()
    (folder / "whole/CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.25)\nproject(whole LANGUAGES CXX)\nadd_subdirectory({root} microgpt)\n"
        "add_executable(main main.cc)\ntarget_link_libraries(main PRIVATE microgpt::microgpt)\n")
    (folder / "whole/main.cc").write_text("#include <microgpt/microgpt.h>\nint main() {}\n")
    build = folder / "whole/build"
    run("cmake", "-G", "Ninja", "-S", folder / "whole", "-B", build, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    text = (build / "compile_commands.json").read_text()
    assert "-Werror" not in text and "/tests/" not in text and "/cli/" not in text
    mine = next(each for each in json.loads(text) if each["file"] == str(folder / "whole/main.cc"))
    (build / "CMakeFiles/main.dir").mkdir(parents=True, exist_ok=True)
    run(*mine["command"].split(), cwd=mine["directory"])  # the headers are found, and are of their standard of C++


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        prefix = folder / "prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        headers = {str(path.relative_to(root / "include")) for path in (root / "include").rglob("*.h")}
        assert headers == {str(path.relative_to(prefix / "include")) for path in (prefix / "include").rglob("*.h")}
        assert run(prefix / "bin/microgpt", "--version").startswith("microgpt ")
        embedded(root, prefix, folder)
        if shutil.which("pkg-config"):
            by_pkg_config(root, prefix, folder)
        as_a_part(root, folder)


if __name__ == "__main__":
    main()
