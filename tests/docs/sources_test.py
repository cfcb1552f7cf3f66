#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What holds of each source file: its head names the licence, and it includes no header that is dear and not its business.

usage: sources_test.py ROOT
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SPDX = "SPDX-License-Identifier: MIT"
HEAD = 3  # lines, of which one may be for the shell

# Headers that take seconds to compile, and the only files that may include them. For JSON there is
# io/json.h.
DEAR = {
    "CLI/": {"src/cli/command_line.cc", "bench/main.cc"},
    "nlohmann/json.hpp": {
        "src/io/json.cc",
        *(f"bench/{name}" for name in ("report.h", "torch_inference.cc", "torch_peer.cc", "torch_peer.h")),
        *(f"tests/{name}" for name in (
            "cli/classes_test.cc", "cli/classify_test.cc", "cli/model_commands_test.cc", "cli/predictor_test.cc", "cli/score_test.cc", "report/classification_report_test.cc",
            "report/evaluation_table_test.cc", "report/explanation/explanation_picture_test.cc", "report/records_test.cc")),
    },
}
# Files that have a head of their own kind, or none.
WITHOUT_HEAD = re.compile(r"(^|/)fuzz/corpus/|\.xz$|(^|/)(LICENSE|\.gitignore|\.clang-format|\.clang-tidy|[^/]*\.(md|txt|hex|json|in|typed))$")


def sources(root):
    files = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True).stdout.split("\n")
    return [name for name in files if name and (root / name).is_file()]


def faults_of(root, name):
    if WITHOUT_HEAD.search(name) and pathlib.Path(name).name != "CMakeLists.txt":
        return
    lines = (root / name).read_text().split("\n")
    if not any(SPDX in line for line in lines[:HEAD]):
        yield f"{name}: its first {HEAD} lines have no {SPDX}"
    for line in lines:
        included = re.match(r'\s*#\s*include\s+[<"]([^>"]+)', line)
        for header, allowed in DEAR.items():
            if included and included[1].startswith(header) and name not in allowed:
                yield f"{name} includes {included[1]}, which only these may: {', '.join(sorted(allowed))}"


def faults_of_version(root):
    """The version is defined in CMakeLists.txt alone; the changelog begins with it."""
    version = re.search(r"project\(microgpt VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text())[1]
    newest = re.search(r"^## ([0-9.]+)", (root / "CHANGELOG.md").read_text(), re.M)
    if newest is None or newest[1] != version:
        yield f"CHANGELOG.md does not begin with {version}, the version in CMakeLists.txt"


def faults_in(root):
    names = sources(root)
    return [fault for name in names for fault in faults_of(root, name)] + list(faults_of_version(root)), len(names)


def expect_that_faults_are_found():
    """The same check, of a tree in which everything is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "bare.cc").write_text("#include <CLI/CLI.hpp>\n  #  include \"nlohmann/json.hpp\"\n")
        (root / "CMakeLists.txt").write_text(f"# {SPDX}\nproject(microgpt VERSION 2.0.0)\n")
        (root / "CHANGELOG.md").write_text("# Changes\n\n## 1.0.0\n\n## 2.0.0\n")
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        subprocess.run(["git", "add", "."], cwd=root, check=True)
        found, _ = faults_in(root)
        assert [fault.split()[0] for fault in found] == ["bare.cc:", "bare.cc", "bare.cc", "CHANGELOG.md"], found


def main():
    root = pathlib.Path(sys.argv[1])
    if not shutil.which("git") or not (root / ".git").exists():
        print("skipped: this is no clone, or there is no git, which lists the sources")
        return 77
    expect_that_faults_are_found()
    faults, count = faults_in(root)
    print("\n".join(faults) or f"{count} files are as they should be")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
