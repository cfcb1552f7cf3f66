#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How well `train-pair`, with no further flag, tells two kinds of documents apart, and how long it takes, beside others.

    bench/classifier.py FOLDER [POSITIVE NEGATIVE] [--program PROGRAM] [--before PROGRAM] [--seeds N...] [-- FLAG...]

FOLDER has documents to train on, train_POSITIVE.txt and train_NEGATIVE.txt, and others to measure on, dev_POSITIVE.txt and
dev_NEGATIVE.txt, a line each; the kinds are called dga and benign where no others are named, for domain names that a program
generated and those that people chose. Each seed splits and trains otherwise. All contestants take a seed in turn: PROGRAM, the
older build where --before names one, and the peers in bench/peers/ that are installed, fastText and a linear model. FLAGs go to
train-pair, to try other settings. bench/README.md says what the columns are.
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
RATES = {"0.05": "at 5%", "0.01": "at 1%", "0.001": "at 0.1%"}  # of false positives, as classify and the table name them
COLUMNS = ("ROC AUC", *RATES.values(), "ECE", "train s", "score s")
DIGITS = (4, 4, 4, 4, 4, 1, 1)  # after the point
MISSES_AT = COLUMNS.index("at 1%")
PREDICTORS = ("mixture", "gpt", "linear", "ngram")  # what classify may tell of beside what it predicts with
PEERS = {"fastText": "fasttext_classifier.py", "linear": "linear_classifier.py"}


def figures_of(report, training_seconds=None, scoring_seconds=None):
    """The cells of a row, None where there is nothing to say."""
    recalls = report["recall_at_false_positive_rate"]
    return [report["roc_auc"], *(recalls[rate] for rate in RATES), report.get("expected_calibration_error"),
            training_seconds, scoring_seconds]


def timed(command):
    """How long a call takes, and what it prints."""
    start = time.perf_counter()
    call = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return time.perf_counter() - start, call.stdout


class Program:
    """A build of ours, and what stands beside its predictor."""

    def __init__(self, name, program, flags):
        self.name, self.program, self.flags = name, program, flags

    def rows(self, train_files, dev_files, seed):
        with tempfile.TemporaryDirectory() as folder:
            training_seconds, _ = timed(
                [self.program, "train-pair", *train_files, "-o", folder, "--seed", str(seed), *self.flags])
            models = ["--positive", f"{folder}/positive", "--negative", f"{folder}/negative"]
            scoring_seconds, text = timed([self.program, "classify", *models, "--evaluate", *dev_files, "--json"])
        report = json.loads(text)
        beside = {f"{self.name}, {name}": figures_of(report[name]) for name in PREDICTORS if name in report}
        return {self.name: figures_of(report, training_seconds, scoring_seconds), **beside}


class Peer:
    """Another classifier, in a process of its own."""

    def __init__(self, name, python):
        self.name, self.command = name, [python, "-B", ROOT / "bench" / "peers" / PEERS[name]]

    def is_installed(self):
        """Says so where it is not."""
        try:
            call = subprocess.run(self.command, capture_output=True, text=True)
        except OSError as error:
            print(f"{self.name} is left out: {error}")
            return False
        if call.returncode != 0:
            print(f"{self.name} is left out: {call.stderr.strip().splitlines()[-1]}")
        return call.returncode == 0

    def rows(self, train_files, dev_files, seed):
        command = [*self.command, *train_files, *dev_files, "--seed", str(seed)]
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return {self.name: figures_of(report, report["training_seconds"], report["scoring_seconds"])}


def print_row(seed, name, cells):
    print(f"{seed:>4}  {name:<18}" + "".join(f"  {cell:>7}" for cell in cells), flush=True)


def print_figures(seed, rows):
    for name, figures in rows.items():
        print_row(seed, name, ["-" if x is None else f"{x:.{digits}f}" for x, digits in zip(figures, DIGITS)])


def mean(numbers):
    return None if None in numbers else statistics.mean(numbers)


def means(rows_of_seeds):
    """Over the seeds, column by column, of each row that all of them have."""
    names = [name for name in rows_of_seeds[0] if all(name in rows for rows in rows_of_seeds)]
    return {name: [mean(column) for column in zip(*(rows[name] for rows in rows_of_seeds))] for name in names}


def compare_misses(rows, ours, others):
    """Says how many positives are missed beside the best of the others."""
    misses = {name: 1 - rows[name][MISSES_AT] for name in [ours, *others] if rows[name][MISSES_AT] is not None}
    best = min((name for name in others if name in misses), key=misses.get, default=None)
    if best is not None and ours in misses and misses[best] > 0:
        print(f"misses at 1% false positives: {ours} has {misses[ours] / misses[best]:.2f} times those of {best}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("positive", nargs="?", default="dga")
    parser.add_argument("negative", nargs="?", default="benign")
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--before", metavar="PROGRAM", help="an older build of it")
    parser.add_argument("--python", default="/usr/bin/python3", help="for the peers")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="N")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    kinds = (arguments.positive, arguments.negative)
    train_files, dev_files = ([arguments.folder / f"{part}_{kind}.txt" for kind in kinds] for part in ("train", "dev"))
    ours = Program("microgpt", arguments.program, flags)
    older = [Program("before", arguments.before, flags)] if arguments.before else []
    peers = [peer for peer in (Peer(name, arguments.python) for name in PEERS) if peer.is_installed()]

    print(f"{arguments.positive} among {arguments.negative}, on documents of their own; {len(os.sched_getaffinity(0))} cores; "
          "recall at rates of false positives")
    print_row("seed", "contestant", COLUMNS)
    rows_of_seeds = []
    for seed in arguments.seeds:
        rows_of_seeds.append({})
        for contestant in (ours, *older, *peers):
            rows = contestant.rows(train_files, dev_files, seed)
            print_figures(seed, rows)
            rows_of_seeds[-1].update(rows)
    rows = means(rows_of_seeds)
    print_figures("mean", rows)
    for others in (peers, older):
        compare_misses(rows, ours.name, [other.name for other in others])


if __name__ == "__main__":
    main()
