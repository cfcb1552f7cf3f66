#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the presets of `train` reach on the embedded names: the test losses of GPT, n-gram and mixture, and the time.

    bench/presets.py [PROGRAM] [--presets NAME...] [--seeds N...] [-- FLAG...]

`none` is no preset, but what fits the documents. Each seed splits the names otherwise, so the figures are means over different
tests. The time is that of the whole call of `train`: reading, counting n-grams, training, validation, the final report. FLAGs
go to `train`, to try other settings.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ROOT / "data" / "names.txt"


def train(program, preset, seed, flags, folder):
    start = time.perf_counter()
    settings = [] if preset == "none" else ["--preset", preset]
    command = [program, "train", *settings, "--seed", str(seed), "--num-samples", "0", "-o", folder, *flags]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def losses(program, folder):
    """The token means of the test, in nats: of the GPT, of the n-gram and of their mixture."""
    report = subprocess.run([program, "eval", folder, NAMES, "--json"], check=True, capture_output=True, text=True)
    test = json.loads(report.stdout)["test"]
    return test["loss_token_mean"], test["ngram_loss_token_mean"], test["mixture_loss_token_mean"]


def measure(program, preset, seeds, flags):
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            seconds = train(program, preset, seed, flags, folder)
            rows.append((*losses(program, folder), seconds))
        print_row(preset, seed, *rows[-1])
    print_row(preset, "mean", *(statistics.mean(column) for column in zip(*rows)))
    print(flush=True)


def print_row(preset, seed, gpt, ngram, mixture, seconds):
    print(f"{preset:9} {seed:>4}  {gpt:.4f}  {ngram:.4f}   {mixture:.4f}  {seconds:7.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--presets", nargs="+", default=["microgpt", "small", "none", "best"], metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="N")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    print(f"test loss, token mean, nats; {len(os.sched_getaffinity(0))} cores")
    print("preset    seed     GPT  n-gram  mixture  seconds")
    for preset in arguments.presets:
        measure(arguments.program, preset, arguments.seeds, flags)


if __name__ == "__main__":
    main()
