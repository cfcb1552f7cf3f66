#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The PyTorch peer trains the model that we train: its losses are those of the oracle, document by document, in float64.

The oracle knows neither batches nor padding. The initial values are float32, so that both start from the same.
"""
import array
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "tests" / "oracle"))
import oracle  # noqa: E402

SKIPPED = 77
TOLERANCE = 1e-4
VOCAB_SIZE = 5
ADAM = {"learning_rate": 0.01, "beta1": 0.85, "beta2": 0.99, "epsilon": 1e-8}
# Lengths in positions, a batch a list: equal and different ones, single positions, and more than the peer packs into a row.
SHORT = [[1, 4, 6, 2], [6, 1, 1], [1], [3, 3, 5]]
LONG = [[70, 1, 9, 33], [64, 64]]
CASES = [
    {"activation": "relu2", "n_layer": 2, "n_embd": 8, "n_head": 2, "block_size": 6, "lengths": SHORT, "steps": 20},
    {"activation": "relu", "n_layer": 1, "n_embd": 6, "n_head": 3, "block_size": 6, "lengths": SHORT, "steps": 8},
    {"activation": "relu2", "n_layer": 1, "n_embd": 4, "n_head": 1, "block_size": 70, "lengths": LONG, "steps": 2},
]


def python_with_torch():
    for python in (sys.executable, "/usr/bin/python3"):
        if pathlib.Path(python).exists():
            if subprocess.run([python, "-c", "import torch"], capture_output=True).returncode == 0:
                return python
    return None


def make_model(case):
    """The oracle's model with random float32 values everywhere, as its own leave some matrices at 0."""
    revision = {"relu": "final", "relu2": "first"}[case["activation"]]
    shape = {name: case[name] for name in ("n_layer", "n_embd", "n_head", "block_size")}
    model = oracle.Model(types.SimpleNamespace(revision=revision, **shape), VOCAB_SIZE)
    values = array.array("f", [random.gauss(0, 0.3) for _ in model.parameters])
    for parameter, value in zip(model.parameters, values):
        parameter.value = value
    return model, values


def make_batches(case):
    bos = VOCAB_SIZE - 1
    return [[[bos, *random.choices(range(bos), k=n - 1), bos] for n in batch] for batch in case["lengths"]]


def adam_step(parameters, m, v, step):
    beta1, beta2 = ADAM["beta1"], ADAM["beta2"]
    for i, p in enumerate(parameters):
        m[i] = beta1 * m[i] + (1 - beta1) * p.gradient
        v[i] = beta2 * v[i] + (1 - beta2) * p.gradient**2
        m_hat, v_hat = m[i] / (1 - beta1**step), v[i] / (1 - beta2**step)
        p.value -= ADAM["learning_rate"] * m_hat / (v_hat**0.5 + ADAM["epsilon"])
        p.gradient = 0


def expected_losses(model, batches, steps):
    m, v, losses = [0.0] * len(model.parameters), [0.0] * len(model.parameters), []
    for step in range(steps):
        batch = batches[step % len(batches)]
        loss = 0.0
        for document in batch:
            document_loss = oracle.document_loss(model, document).times(oracle.Scalar(1 / len(batch)))
            oracle.backpropagate(document_loss)
            loss += document_loss.value
        losses.append(loss)
        adam_step(model.parameters, m, v, step + 1)
    return losses


def answers(python, spec, values, commands):
    """What the peer prints, line by line."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "parameters").write_bytes(values.tobytes())
        (folder / "spec").write_text(json.dumps({**spec, "parameters": str(folder / "parameters")}))
        command = [python, HERE / "torch_peer.py", folder / "spec"]
        text = "".join(f"{line}\n" for line in commands)
        return subprocess.run(command, input=text, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def close(losses, expected):
    return len(losses) == len(expected) and all(abs(a - b) <= TOLERANCE for a, b in zip(losses, expected))


def check_case(python, case):
    model, values = make_model(case)
    batches = make_batches(case)
    names = ("activation", "n_layer", "n_embd", "n_head", "block_size")
    spec = {"config": {"vocab_size": VOCAB_SIZE, **{name: case[name] for name in names}}, "adam": ADAM, "batches": batches}
    expected = expected_losses(model, batches, case["steps"])
    check_form(python, spec, values, expected)
    check_form(python, {**spec, "form": "padded"}, values, expected)


def check_form(python, spec, values, expected):
    check = f"check {len(expected)}"
    ready, first, seconds, again, *rest = answers(python, spec, values, [check, "time 2 3", check, "quit"])
    assert not rest, rest
    assert ready.startswith("ready ") and json.loads(ready.removeprefix("ready "))["torch"], ready
    assert seconds.startswith("seconds ") and float(seconds.removeprefix("seconds ")) > 0, seconds
    for line in (first, again):
        losses = json.loads(line.removeprefix("losses "))
        assert close(losses, expected), f"the peer's losses {losses}\nare not the oracle's {expected}"


def main():
    assert not close([1.0, float("nan")], [1.0, 2.0]) and not close([1.0], [1.0, 2.0]) and not close([1.0], [1.0002])
    python = python_with_torch()
    if python is None:
        print("no torch in this Python, nor in /usr/bin/python3")
        return SKIPPED
    random.seed(42)
    for case in CASES:
        check_case(python, case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
