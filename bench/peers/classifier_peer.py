# SPDX-License-Identifier: MIT
"""What the peers that tell two kinds of documents apart have in common: how they are called, what they read, what they print.

    PEER.py TRAIN_POSITIVE TRAIN_NEGATIVE DEV_POSITIVE DEV_NEGATIVE [--seed N]

A peer trains on the first two files and scores the other two. It prints JSON: the fields of `classify --evaluate --json`
that do not depend on a threshold, and the seconds of training and of scoring. Both count reading the files, but not
importing libraries. Called without files, it does nothing, but fails where what it needs is not installed.

A peer is a class: `PEER(positives, negatives, seed)` trains on lists of documents, and `log_odds(documents)` says of each
ln P(positive | document) - ln P(negative | document).
"""
import argparse
import bisect
import json
import math
import pathlib
import sys
import time

RATES = (0.05, 0.01, 0.001)  # of false positives, as classify reports them
BINS = 15  # of the probability of being positive, equally wide


def read(path):
    """The documents of a file as our program sees them: a line each, stripped, none of them blank."""
    lines = pathlib.Path(path).read_text(encoding="utf-8-sig").split("\n")
    return [line.strip() for line in lines if line.strip()]


def roc_auc(positives, negatives):
    """The share of pairs in which the positive has the larger score. Equal scores count half."""
    ordered = sorted(positives)
    above = sum(2 * len(ordered) - bisect.bisect_left(ordered, n) - bisect.bisect_right(ordered, n) for n in negatives)
    return above / 2 / len(positives) / len(negatives)


def recall_at(positives, negatives, rate):
    """The share of positives above the lowest threshold above which at most that share of negatives lies.

    None where the negatives are too few for one of them to be above.
    """
    allowed = math.floor(rate * len(negatives) + 1e-9)
    if allowed == 0:
        return None
    threshold = sorted(negatives, reverse=True)[allowed]
    return sum(score > threshold for score in positives) / len(positives)


def expected_calibration_error(positives, negatives):
    """The mean over all documents of how far, in their bin, the mean probability is from the share of positives."""
    excess = [0.0] * BINS
    for scores, is_positive in ((positives, 1), (negatives, 0)):
        for score in scores:
            probability = 0.5 + 0.5 * math.tanh(0.5 * score)
            excess[min(int(probability * BINS), BINS - 1)] += probability - is_positive
    return sum(map(abs, excess)) / (len(positives) + len(negatives))


def figures(positives, negatives):
    """What classify says of such scores. REQUIRES: neither list is empty."""
    if not all(map(math.isfinite, [*positives, *negatives])):
        sys.exit("a score is not a finite number")
    return {"roc_auc": roc_auc(positives, negatives),
            "recall_at_false_positive_rate": {str(rate): recall_at(positives, negatives, rate) for rate in RATES},
            "expected_calibration_error": expected_calibration_error(positives, negatives)}


def scores_of(classifier, path):
    documents = read(path)
    scores = classifier.log_odds(documents)
    if len(scores) != len(documents):
        sys.exit(f"{len(documents)} documents have {len(scores)} scores")
    return scores


def evaluate(peer, train_files, dev_files, seed):
    start = time.perf_counter()
    classifier = peer(*map(read, train_files), seed)
    trained = time.perf_counter()
    scores = [scores_of(classifier, path) for path in dev_files]
    scored = time.perf_counter()
    return {**figures(*scores), "training_seconds": trained - start, "scoring_seconds": scored - trained}


def main(peer, description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if len(arguments.files) not in (0, 4):
        parser.error("it takes four files, or none")
    if arguments.files:
        print(json.dumps(evaluate(peer, arguments.files[:2], arguments.files[2:], arguments.seed)))
