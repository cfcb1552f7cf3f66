#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The figures of the peers that classify are as defined, and the peers that are installed tell two kinds apart."""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
import classifier_peer  # noqa: E402

PYTHON = "/usr/bin/python3"
PEERS = ("fasttext_classifier.py", "linear_classifier.py")


def check_area():
    drawn = random.Random(1)
    positives, negatives = ([drawn.randrange(9) + shift for _ in range(40)] for shift in (2, 0))
    pairs = [(p > n) + 0.5 * (p == n) for p in positives for n in negatives]
    assert math.isclose(classifier_peer.roc_auc(positives, negatives), sum(pairs) / len(pairs))


def check_recall():
    recall_at = classifier_peer.recall_at
    negatives = [5, 3, 3, *[0] * 97]
    assert recall_at([9, 4, 3, 1], negatives, 0.01) == 0.5  # above 3, as the negative 5 may be
    assert recall_at([9, 4, 3, 1], negatives, 0.03) == 1
    assert recall_at([3, 4], negatives, 0.02) == 0.5  # neither of the equal ones may be above
    assert recall_at([9], negatives, 0.009) is None
    assert recall_at(range(30), range(100), 0.29) == 0 and recall_at([71], range(100), 0.29) == 1


def check_calibration():
    error = classifier_peer.expected_calibration_error
    odds = math.log(0.7 / 0.3)
    assert math.isclose(error([odds] * 7, [odds] * 3), 0, abs_tol=1e-12)
    assert math.isclose(error([odds], [odds]), 0.2)
    assert math.isclose(error([-odds], [odds]), 0.7)
    assert error([1000], [-1000]) == 0 and error([-1000], [1000]) == 1


def is_refused(work):
    try:
        work()
    except SystemExit:
        return True
    return False


def check_faults():
    for bad in (math.nan, math.inf):
        assert is_refused(lambda: classifier_peer.figures([1.0, bad], [0.0]))
        assert is_refused(lambda: classifier_peer.figures([1.0], [bad]))


def check_reading(folder):
    file = folder / "lines"
    file.write_bytes("\ufeff a b \r\n\n \t\nc\u2028d\ne".encode())
    assert classifier_peer.read(file) == ["a b", "c\u2028d", "e"]


def files_of_two_kinds(folder):
    drawn = random.Random(1)
    for part, count in (("train", 300), ("dev", 100)):
        for kind, letters in (("positive", "abcd e"), ("negative", "efgh a")):
            file = folder / f"{part}_{kind}"
            file.write_text("".join(f"x{''.join(drawn.choices(letters, k=8))}x\n" for _ in range(count)))
            yield file


def check_peer(peer, files):
    command = [PYTHON, "-B", HERE / peer]
    if subprocess.run(command, capture_output=True).returncode != 0:
        print(f"{peer} has not what it needs")
        return
    report = json.loads(subprocess.run([*command, *files], check=True, stdout=subprocess.PIPE).stdout)
    assert report["roc_auc"] > 0.99 and report["recall_at_false_positive_rate"]["0.05"] > 0.9, report
    assert report["recall_at_false_positive_rate"]["0.001"] is None, report
    assert report["training_seconds"] > 0 and report["scoring_seconds"] > 0, report


def main():
    for check in (check_area, check_recall, check_calibration, check_faults):
        check()
    with tempfile.TemporaryDirectory() as folder:
        check_reading(pathlib.Path(folder))
        files = list(files_of_two_kinds(pathlib.Path(folder)))
        for peer in PEERS:
            if pathlib.Path(PYTHON).exists():
                check_peer(peer, files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
