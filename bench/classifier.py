#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How well `train-pair`, with no further flag, tells two kinds of documents apart, and how long it takes.

    bench/classifier.py FOLDER [POSITIVE NEGATIVE] [--program PROGRAM] [--seeds N...] [-- FLAG...]

FOLDER has documents to train on, train_POSITIVE.txt and train_NEGATIVE.txt, and others to measure on, dev_POSITIVE.txt and
dev_NEGATIVE.txt, a line each; the kinds are called dga and benign where no others are named, for domain names that a program
generated and those that people chose. Each seed splits and trains otherwise. A pair of n-grams stands beside. The time is that of
the whole call of train-pair: reading, counting n-grams, training, validation, its own test. FLAGs go to train-pair, to try other
settings.
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
RATES = ("5%", "1%", "0.1%")  # of false positives, as classify reports them


def train(program, files, seed, flags, folder):
    start = time.perf_counter()
    command = [program, "train-pair", *files, "-o", folder, "--seed", str(seed), *flags]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(program, files, folder):
    models = ["--positive", f"{folder}/positive", "--negative", f"{folder}/negative"]
    command = [program, "classify", *models, "--evaluate", *files, "--json"]
    report = subprocess.run(command, check=True, capture_output=True, text=True)
    figures = json.loads(report.stdout)
    of_ngrams = figures["ngram"]
    return [value for of in (figures, of_ngrams) for value in (of["roc_auc"], *of["recall_at_false_positive_rate"].values())]


def row(name, figures, seconds):
    print(f"{name:>4}" + "".join(f"  {figure:14.4f}" for figure in figures[:4]) + f"  {seconds:7.1f}"
          + "".join(f"  {figure:14.4f}" for figure in figures[4:6]), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("positive", nargs="?", default="dga")
    parser.add_argument("negative", nargs="?", default="benign")
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="N")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    train_files, dev_files = (
        [arguments.folder / f"{part}_{kind}.txt" for kind in (arguments.positive, arguments.negative)] for part in ("train", "dev"))
    print(f"{arguments.positive} among {arguments.negative}, on documents of their own; {len(os.sched_getaffinity(0))} cores")
    recalls = "".join(f"  {f'recall at {rate}':>14}" for rate in RATES)
    print(f"seed  {'ROC AUC':>14}{recalls}  seconds  {'n-gram ROC AUC':>14}  {f'recall at {RATES[0]}':>14}")
    rows = []
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            seconds = train(arguments.program, train_files, seed, flags, folder)
            rows.append((measure(arguments.program, dev_files, folder), seconds))
        row(seed, *rows[-1])
    figures, seconds = zip(*rows)
    row("mean", [statistics.mean(column) for column in zip(*figures)], statistics.mean(seconds))


if __name__ == "__main__":
    main()
