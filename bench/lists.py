#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `train` without any flag makes of lists: the test loss beside the n-gram's, and how long it takes.

    bench/lists.py FOLDER [--program PROGRAM] [--before PROGRAM] [--seeds N...] [-- FLAG...]

Each file NAME.txt of the folder is trained on once for each seed, which splits it otherwise. With --before another build of the
program does the same in turns, split by split. The time is that of the whole call of `train`: reading, counting n-grams,
training, validation, the final report. FLAGs go to `train`, to try other settings.

A loss is a token mean in nats, of the documents that are held out for the test. The last lines count on how many lists the mean
over the seeds is below the n-gram's, and on how many it is no more than 0.05 above it.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLOSE = 0.05


def train(program, file, seed, flags):
    """The token means of the test, of the model and of the n-gram, and the seconds."""
    command = [program, "train", file, "--seed", str(seed), "--num-samples", "0", "--quiet", *flags]
    start = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    rows = re.findall(r"^test +\d+ +\S+ +(\S+) .*\n +\S+-gram +\d+ +\S+ +(\S+) ", result.stdout, re.MULTILINE)
    if result.returncode != 0 or len(rows) != 1:
        sys.exit(f"{file}: {result.stderr.strip() or 'there is no test'}")
    return float(rows[0][0]), float(rows[0][1]), seconds


def row(*columns):
    print("  ".join([f"{columns[0]:14}", *(f"{column:>8}" for column in columns[1:])]), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--before", metavar="PROGRAM")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="N")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    files = sorted(arguments.folder.glob("*.txt"))
    if not files:
        sys.exit(f"{arguments.folder}: there is no file NAME.txt; name a folder with some")
    print(f"test loss, token mean, nats; {len(os.sched_getaffinity(0))} cores")
    row("list", "seed", *(["before", "seconds"] if arguments.before else []), "model", "n-gram", "better by", "seconds")
    gains, longest = {}, 0.0
    for file in files:
        for seed in arguments.seeds:
            before = train(arguments.before, file, seed, []) if arguments.before else None
            model, ngram, seconds = train(arguments.program, file, seed, flags)
            gains.setdefault(file.stem, []).append(ngram - model)
            longest = max(longest, seconds)
            row(file.stem, seed, *([f"{before[0]:.4f}", f"{before[2]:.1f}"] if before else []), f"{model:.4f}", f"{ngram:.4f}",
                f"{ngram - model:+.4f}", f"{seconds:.1f}")  # fmt: skip
    means = {name: statistics.mean(of_seeds) for name, of_seeds in gains.items()}
    print()
    for name, gain in means.items():
        print(f"{name:14}  mean over seeds: better by {gain:+.4f}")
    print(f"below the n-gram: {sum(gain > 0 for gain in means.values())} of {len(means)} lists")
    print(f"at most {CLOSE} above it: {sum(gain >= -CLOSE for gain in means.values())} of {len(means)} lists")
    print(f"longest call: {longest:.1f} s")


if __name__ == "__main__":
    main()
