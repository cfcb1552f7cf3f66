#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What README.md and each of docs/*.md show as output must be what the program prints.

In a block ```console, a line "$ ./run ARGUMENTS" is followed by its whole output; a line "..." stands for any number of lines, and
"..." within a line for what differs from run to run. The examples of a document run in order in one folder, so that one can save
a model and the next load it; `data` is there. A command that ends in "> FILE" prints into that file of the folder, and nothing
else. A block may have several commands, and a document none. What comes on standard error is not shown.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def examples_in(text):
    for block in BLOCK.findall(text):
        for example in re.split(r"^\$ \./run", block, flags=re.MULTILINE)[1:]:
            command, *lines = example.splitlines()
            yield shlex.split(command), lines


def is_shown_by(shown, line):
    return re.fullmatch(".+".join(map(re.escape, shown.split("..."))), line) is not None


def find_difference(shown, printed):
    """The first line shown that is not printed at its place, or printed but not shown, or None. After "..." a line may come later."""
    at, may_skip = 0, False
    for line in shown:
        if line == "...":
            may_skip = True
            continue
        while may_skip and at < len(printed) and not is_shown_by(line, printed[at]):
            at += 1
        if at >= len(printed) or not is_shown_by(line, printed[at]):
            return line
        at, may_skip = at + 1, False
    return None if may_skip or at == len(printed) else printed[at]


def run_examples(root, program, document, folder):
    """How many examples there are, and how many show something else than is printed, fail, or are in no block that is run."""
    text = (root / document).read_text()
    failures = count = 0
    for arguments, shown in examples_in(text):
        file = arguments.pop() if arguments[-2:-1] == [">"] else None
        call = [program, *([a for a in arguments if a != ">"] or ["demo"])]
        run = subprocess.run(call, cwd=folder, capture_output=True)
        printed = run.stdout.decode()
        if file:
            pathlib.Path(folder, file).write_text(printed)
            printed = ""
        difference = find_difference(shown, printed.splitlines())
        count += 1
        if difference is not None or run.returncode != 0:
            failures += 1
            print(f"{document}: {arguments} ends with {run.returncode} and differs in: {difference}\n{run.stderr.decode()}")
    elsewhere = len(re.findall(r"^\$ \./run", text, re.MULTILINE)) - count
    if elsewhere:
        print(f"{document}: {elsewhere} examples are in no block ```console")
    return count, failures + elsewhere


def main():
    root, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    documents = ["README.md", *sorted(f"docs/{file.name}" for file in (root / "docs").glob("*.md"))]
    all_count = all_failures = 0
    for document in documents:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "data").symlink_to(root.resolve() / "data")
            count, failures = run_examples(root, program, document, folder)
        print(f"{document}: {count} examples run")
        all_count += count
        all_failures += failures
    return 1 if all_failures or all_count == 0 or len(documents) < 2 else 0


if __name__ == "__main__":
    assert find_difference(["a", "...", "c"], ["a", "b", "c"]) is None
    assert find_difference(["a", "c"], ["a", "b", "c"]) == "c"
    assert find_difference(["c"], ["a", "b", "c"]) == "c"
    assert find_difference(["a"], ["a", "b", "c"]) == "b"
    assert find_difference(["a", "..."], ["a", "b", "c"]) is None
    assert find_difference(["d"], ["a"]) == "d"
    assert find_difference(["took ... s"], ["took 1.2 s"]) is None
    assert find_difference(["took ... s"], ["took 1.2 h"]) == "took ... s"
    sys.exit(main())
