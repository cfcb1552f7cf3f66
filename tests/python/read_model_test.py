#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/read_model.py computes what `explain` says, for models of each activation and of several heads and layers.

usage: read_model_test.py ROOT PROGRAM
Exit status: 77, skipped, where there is no numpy.
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
if not importlib.util.find_spec("numpy"):
    print("skipped: there is no numpy")
    sys.exit(77)


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


with tempfile.TemporaryDirectory() as folder:
    for number, flags in enumerate((["--n-layer", "2", "--n-embd", "24", "--n-head", "3"], ["--activation", "relu2", "--engine", "exact"])):
        model = f"{folder}/{number}"
        output_of(program, "train", "--num-steps", "20", "--quiet", "--num-samples", "0", "-o", model, *flags)
        for text in ("emma", "zoe", ""):
            expected = json.loads(output_of(program, "explain", model, text, "--predictor", "gpt", "--json"))["positions"]
            losses = json.loads(output_of(sys.executable, root / "examples/read_model.py", model, text))
            assert len(losses) == len(expected) == len(text) + 1
            for loss, position in zip(losses, expected):
                assert abs(loss - position["nats"]) < 1e-5, (text, loss, position["nats"])
