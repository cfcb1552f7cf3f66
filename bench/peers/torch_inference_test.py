#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The PyTorch peer scores what we score, at once and token after token: its losses are those of the oracle, document by document,
in float64; and what it samples is what the model says."""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

from torch_peer_test import HERE, SKIPPED, TOLERANCE, VOCAB_SIZE, make_batches, make_model, python_with_torch

import oracle  # its path is set there

CASES = [
    {"activation": "relu2", "n_layer": 2, "n_embd": 8, "n_head": 2, "block_size": 6, "lengths": [[1, 4, 6, 2, 6, 3]]},
    {"activation": "relu", "n_layer": 1, "n_embd": 6, "n_head": 3, "block_size": 9, "lengths": [[9, 1, 5]]},
]
DOCUMENTS = 4000


def answers(python, spec, values, commands):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "parameters").write_bytes(values.tobytes())
        (folder / "spec").write_text(json.dumps({**spec, "parameters": str(folder / "parameters")}))
        text = "".join(f"{line}\n" for line in commands)
        command = [python, HERE / "torch_inference.py", folder / "spec"]
        return subprocess.run(command, input=text, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def mean_tokens(model, block_size):
    """How many tokens a sample takes on average, as the oracle counts it: each position is reached unless BOS came before."""
    bos = VOCAB_SIZE - 1

    def expected(tokens):
        if len(tokens) > block_size:
            return 0
        loss = lambda token: oracle.document_loss(model, tokens + [token]).value * len(tokens)
        before = oracle.document_loss(model, tokens).value * (len(tokens) - 1) if len(tokens) > 1 else 0
        return 1 + sum(math.exp(before - loss(token)) * expected(tokens + [token]) for token in range(bos))

    return expected([bos])


def check_losses(python, case):
    model, values = make_model(case)
    documents = make_batches(case)[0]
    names = ("activation", "n_layer", "n_embd", "n_head", "block_size")
    config = {"vocab_size": VOCAB_SIZE, **{name: case[name] for name in names}}
    spec = {"config": config, "documents": documents, "temperature": 1.0}
    ready, at_once, stepped, seconds, *rest = answers(python, spec, values, ["losses", "stepped", "score 1", "quit"])
    assert ready.startswith("ready ") and not rest and float(seconds.removeprefix("seconds ")) > 0, (ready, rest, seconds)
    expected = [oracle.document_loss(model, document).value * (len(document) - 1) for document in documents]
    for line in (at_once, stepped):
        losses = json.loads(line.removeprefix("losses "))
        assert all(abs(a - b) <= TOLERANCE * b for a, b in zip(losses, expected, strict=True)), (losses, expected)


def check_samples(python):
    case = {"activation": "relu", "n_layer": 1, "n_embd": 4, "n_head": 2, "block_size": 4, "lengths": [[1]]}
    model, values = make_model(case)
    config = {"vocab_size": VOCAB_SIZE, **{name: case[name] for name in ("activation", "n_layer", "n_embd", "n_head", "block_size")}}
    spec = {"config": config, "documents": [[VOCAB_SIZE - 1, 0]], "temperature": 1.0}
    *_, line = answers(python, spec, values, [f"sample 1 {DOCUMENTS}", "quit"])
    tokens = int(line.split()[2]) / DOCUMENTS
    mean = mean_tokens(model, case["block_size"])
    assert abs(tokens - mean) < 0.15, (tokens, mean)  # six standard deviations at least, as a sample has 1 to 4 tokens


def main():
    python = python_with_torch()
    if python is None:
        print("no torch in this Python, nor in /usr/bin/python3")
        return SKIPPED
    for case in CASES:
        check_losses(python, case)
    check_samples(python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
