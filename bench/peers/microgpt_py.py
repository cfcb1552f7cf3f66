#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The peer in CPython: how long a step takes of a microgpt.py that you have, and a token that it samples.

    bench/peers/microgpt_py.py FILE [--python INTERPRETER] [--num-steps N]

A copy of it trains on data/names.txt for so many steps only, and then samples as it always does; a token takes it as long
whatever it has learnt. What is printed is {"seconds_a_step": x, "seconds_a_token": y}.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def setting(text, name):
    """Where the file sets it."""
    match = re.search(rf"^{name} *= *(\d+)", text, re.MULTILINE)
    if match is None:
        sys.exit(f"there is no line {name} = ...")
    return match


def timed_lines(process):
    """What the program prints, each line with the time at which it ended."""
    line = b""
    while byte := process.stdout.read(1):
        if byte in b"\r\n":
            yield line.decode(), time.perf_counter()
            line = b""
        else:
            line += byte


def tokens_of(sample, block_size):
    """Of a line "sample  1: anna": its characters, and the token that ends it where it does not fill the context."""
    return min(len(sample.partition(": ")[2]) + 1, block_size)


def figures(lines, steps, block_size):
    """Of lines and when they ended. The first step, which waits for the data, does not count."""
    step_times, start, end, tokens = [], None, None, 0
    for line, now in lines:
        if line.startswith("step "):
            step_times.append(now)
        elif line.startswith("--- inference"):
            start = now
        elif line.startswith("sample "):
            tokens, end = tokens + tokens_of(line, block_size), now
    if len(step_times) != steps + 1 or start is None or tokens == 0:
        sys.exit(f"it printed {len(step_times)} steps and samples of {tokens} tokens")
    return {"seconds_a_step": (step_times[-1] - step_times[0]) / steps, "seconds_a_token": (end - start) / tokens}


def measure(python, file, folder, steps):
    text = file.read_text(encoding="utf-8")
    num_steps, block_size = setting(text, "num_steps"), int(setting(text, "block_size")[1])
    (folder / "microgpt.py").write_text(text[: num_steps.start(1)] + str(steps + 1) + text[num_steps.end(1) :], encoding="utf-8")
    (folder / "input.txt").write_bytes((ROOT / "data" / "names.txt").read_bytes())
    with subprocess.Popen([python, "-u", "microgpt.py"], cwd=folder, stdout=subprocess.PIPE) as process:
        return figures(timed_lines(process), steps, block_size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--num-steps", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(options.python, options.file, pathlib.Path(folder), options.num_steps)))


if __name__ == "__main__":
    main()
