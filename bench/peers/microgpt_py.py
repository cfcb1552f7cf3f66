#!/usr/bin/env python3
"""The peer in CPython: how long a step takes of a microgpt.py that you have.

    bench/peers/microgpt_py.py FILE [--python INTERPRETER] [--num-steps N]

It trains on data/names.txt, is stopped after its first steps, and what is printed is {"seconds_a_step": x}.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def seconds_a_step(python, file, folder, steps):
    """Reads the printed steps as they come and stops the program; the first step, which waits for the data, does not count."""
    data = folder / "input.txt"
    data.write_bytes((ROOT / "data" / "names.txt").read_bytes())
    process = subprocess.Popen([python, "-u", file.resolve()], cwd=folder, stdout=subprocess.PIPE)
    text, times = b"", []
    while len(times) < steps + 1:
        byte = process.stdout.read(1)
        if not byte:
            sys.exit(f"{file} ended after {len(times)} steps")
        text += byte
        if byte in b"\r\n":
            if text.startswith(b"step"):
                times.append(time.perf_counter())
            text = b""
    process.kill()
    process.wait()
    return (times[-1] - times[0]) / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--num-steps", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = seconds_a_step(options.python, options.file, pathlib.Path(folder), options.num_steps)
    print(json.dumps({"seconds_a_step": seconds}))


if __name__ == "__main__":
    main()
