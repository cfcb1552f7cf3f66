#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peer fastText, its program: a linear classifier of the mean of the vectors of a document's character n-grams.

A document is one word to it, of which it takes n-grams of 1 to 5 characters, the ends of the word among them. The settings were
chosen by the recall of documents held out of domain names; vectors of more features gained nothing, and took longer. With more
than one thread it does not train the same model twice. classifier_peer.py says how it is called.
"""
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import classifier_peer

THREADS = len(os.sched_getaffinity(0))
SETTINGS = {"minn": 1, "maxn": 5, "dim": 16, "epoch": 25, "lr": 0.5, "bucket": 2000000, "minCount": 1, "thread": THREADS,
            "verbose": 0}
POSITIVE, NEGATIVE = "__label__positive", "__label__negative"


def one_word(document):
    return re.sub(r"[\s\0]", "▁", document)


def log_odds(line):
    """Of a line `LABEL PROBABILITY LABEL PROBABILITY`. The probabilities are never 0, as fastText adds 1e-5 to each."""
    cells = line.split()
    probabilities = dict(zip(cells[::2], map(float, cells[1::2])))
    return math.log(probabilities[POSITIVE] / probabilities[NEGATIVE])


class FastText:
    def __init__(self, positives, negatives, seed):
        self.folder = tempfile.TemporaryDirectory()
        model = pathlib.Path(self.folder.name, "model")
        lines = [f"{label} {one_word(document)}\n"
                 for label, documents in ((POSITIVE, positives), (NEGATIVE, negatives)) for document in documents]
        random.Random(seed).shuffle(lines)
        training = model.with_suffix(".txt")
        training.write_text("".join(lines), encoding="utf-8")
        flags = [str(cell) for name, value in {**SETTINGS, "seed": seed}.items() for cell in (f"-{name}", value)]
        subprocess.run(["fasttext", "supervised", "-input", training, "-output", model, *flags], check=True, stdout=sys.stderr)
        self.model = model.with_suffix(".bin")

    def log_odds(self, documents):
        text = "".join(f"{one_word(document)}\n" for document in documents)
        command = ["fasttext", "predict-prob", self.model, "-", "2"]
        report = subprocess.run(command, input=text, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        return [log_odds(line) for line in report.stdout.splitlines()]


if __name__ == "__main__":
    if shutil.which("fasttext") is None:
        sys.exit("there is no program fasttext")
    classifier_peer.main(FastText, __doc__)
