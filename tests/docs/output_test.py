#!/usr/bin/env python3
"""What README.md shows as output must be what the program prints.

In a block ```console, a line "$ ./run ARGUMENTS" is followed by its output; a line "..." stands for any number of lines.
"""
import pathlib
import re
import shlex
import subprocess
import sys

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def examples_in(text):
    for block in BLOCK.findall(text):
        command, *lines = block.splitlines()
        yield shlex.split(command.removeprefix("$ ./run")), lines


def find_missing_line(shown, printed):
    """The first line shown that is not printed at its place, or None. After "..." a line may come later."""
    at, may_skip = 0, True
    for line in shown:
        if line == "...":
            may_skip = True
            continue
        while may_skip and at < len(printed) and printed[at] != line:
            at += 1
        if at >= len(printed) or printed[at] != line:
            return line
        at, may_skip = at + 1, False
    return None


def main():
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    failures = count = 0
    for arguments, shown in examples_in((root / "README.md").read_text()):
        printed = subprocess.run([program, *(arguments or ["demo"])], check=True, stdout=subprocess.PIPE).stdout.decode()
        missing = find_missing_line(shown, printed.splitlines())
        count += 1
        if missing is not None:
            failures += 1
            print(f"README.md shows for {arguments}: {missing}")
    print(f"{count} examples run")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    assert find_missing_line(["a", "...", "c"], ["a", "b", "c"]) is None
    assert find_missing_line(["a", "c"], ["a", "b", "c"]) == "c"
    assert find_missing_line(["d"], ["a"]) == "d"
    sys.exit(main())
