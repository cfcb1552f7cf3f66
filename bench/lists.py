#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `train` without any flag makes of lists: the test losses of the GPT, of its n-gram and of their mixture, and the time.

    bench/lists.py FOLDER [--program PROGRAM] [--before PROGRAM] [--seeds N...] [-- FLAG...]

Each file NAME.txt of the folder is trained on once for each seed, which splits it otherwise. With --before another build of the
program does the same in turns, split by split; of one without a mixture its model is shown. The time is that of the whole call of
`train`: reading, counting n-grams, training, validation, the final report. FLAGs go to `train`, to try other settings.

A loss is a token mean in nats, of the documents that are held out for the test. "GPT" is how much the GPT is better than the
n-gram, "both" how much the mixture is better than the better of the two. The last lines count on how many lists, in the mean over
the seeds, the GPT is below the n-gram, and no more than 0.05 above it, and the mixture 0.04 below both.
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
GAIN = 0.04


def train(program, file, seed, flags):
    """The token means of the test, of the GPT, of the n-gram and of the mixture if there is one, and the seconds."""
    command = [program, "train", file, "--seed", str(seed), "--num-samples", "0", "--quiet", *flags]
    start = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    rows = re.findall(r"^test +\d+ +\S+ +(\S+) .*\n +\S+-gram +\d+ +\S+ +(\S+) .*\n(?: +mixture +\d+ +\S+ +(\S+) )?",
                      result.stdout, re.MULTILINE)  # fmt: skip
    if result.returncode != 0 or len(rows) != 1:
        sys.exit(f"{file}: {result.stderr.strip() or 'there is no test'}")
    gpt, ngram, mixture = rows[0]
    return float(gpt), float(ngram), float(mixture) if mixture else None, seconds


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
    row("list", "seed", *(["before", "seconds"] if arguments.before else []), "gpt", "n-gram", "mixture", "GPT", "both", "seconds")
    gains, longest = {}, 0.0
    for file in files:
        for seed in arguments.seeds:
            before = train(arguments.before, file, seed, []) if arguments.before else None
            gpt, ngram, mixture, seconds = train(arguments.program, file, seed, flags)
            mixture = gpt if mixture is None else mixture
            gains.setdefault(file.stem, []).append((ngram - gpt, min(gpt, ngram) - mixture, ngram - mixture))
            longest = max(longest, seconds)
            former = [f"{before[0] if before[2] is None else before[2]:.4f}", f"{before[3]:.1f}"] if before else []
            row(file.stem, seed, *former, f"{gpt:.4f}", f"{ngram:.4f}", f"{mixture:.4f}", f"{ngram - gpt:+.4f}",
                f"{min(gpt, ngram) - mixture:+.4f}", f"{seconds:.1f}")  # fmt: skip
    means = {name: [statistics.mean(column) for column in zip(*seed_rows)] for name, seed_rows in gains.items()}
    print()
    for name, (gpt, both, mixture_gain) in means.items():
        print(f"{name:14}  means over seeds: GPT {gpt:+.4f}, both {both:+.4f}, mixture below the n-gram {mixture_gain:+.4f}")
    print(f"GPT below the n-gram: {sum(gpt > 0 for gpt, _, _ in means.values())} of {len(means)} lists")
    print(f"GPT at most {CLOSE} above it: {sum(gpt >= -CLOSE for gpt, _, _ in means.values())} of {len(means)} lists")
    print(f"mixture at least {GAIN} below both: {sum(both >= GAIN for _, both, _ in means.values())} of {len(means)} lists")
    print(f"mixture below the n-gram, mean over lists: {statistics.mean(gain for _, _, gain in means.values()):+.4f}")
    print(f"longest call: {longest:.1f} s")


if __name__ == "__main__":
    main()
