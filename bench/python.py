#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How fast Python scores a list: the module beside `microgpt score`, and beside PyTorch with the same model, each with one thread.

    bench/python.py LIST [--program PROGRAM] [--module FOLDER] [--documents N] [--steps N] [--rounds N]

A model is trained on LIST for some steps. Its lines, those that fit into the context, are taken again and again until there are N
documents. Two things are timed, in turns: the default predictor, in Python from a list of str to a numpy array and by the program
from a file to a file; and the GPT alone, in Python and in PyTorch (bench/peers/torch_inference.py), whose documents lie in tensors,
sorted by length, before its clock starts. Before that, all must say the same: the program the same bits, PyTorch within 1e-4.
FOLDER has the module microgpt; it is built by ./test, as is PROGRAM.
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

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
NATS = np.log(2.0)
TOLERANCE = 1e-4  # of what a document costs, in PyTorch


class Torch:
    def __init__(self, model, documents, folder):
        config = dict(model.config)
        numbers = np.concatenate([tensor.ravel() for tensor in model.parameters().values()])
        (folder / "parameters").write_bytes(numbers.astype("<f4").tobytes())
        tokens = {character: token for token, character in enumerate(model.characters)}
        bos = [len(tokens)]
        spec = {"config": config, "parameters": str(folder / "parameters"), "temperature": 1.0,
                "documents": [bos + [tokens[c] for c in document] + bos for document in documents]}
        (folder / "spec.json").write_text(json.dumps(spec))
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "bench/peers/torch_inference.py", folder / "spec.json"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
        ready = self.process.stdout.readline()
        if not ready.startswith("ready "):
            sys.exit("PyTorch does not start: is python3-torch installed?")
        self.system = json.loads(ready.removeprefix("ready "))

    def ask(self, command, answer):
        print(command, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().removeprefix(answer)

    def losses(self):
        return np.array(json.loads(self.ask("losses", "losses ")))

    def seconds(self):
        return float(self.ask("score 1", "seconds "))


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def by_program(program, folder, documents):
    """Seconds, and bits: the whole call, from a file to a file."""
    (folder / "lines").write_text("".join(document + "\n" for document in documents))
    command = [program, "score", folder / "model", folder / "lines", "--threads", "1"]

    def call():
        with open(folder / "scores", "w") as scores:
            subprocess.run(command, check=True, stdout=scores, stderr=subprocess.DEVNULL)

    def bits():
        head, *records = (line.split("\t") for line in (folder / "scores").read_text().splitlines())
        return np.array([float(record[head.index("bits")]) for record in records])

    return call, bits


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/microgpt")
    parser.add_argument("--module", type=pathlib.Path, default=ROOT / "build/release/python")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    sys.path.insert(0, str(arguments.module))
    import microgpt

    lines = [line.strip() for line in arguments.list.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([arguments.program, "train", arguments.list, "-o", folder / "model", "--num-steps", str(arguments.steps),
                        "--num-samples", "0", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        model = microgpt.Model.load(folder / "model")
        lines = [line for line in lines if line and len(line) < model.config["block_size"]]
        documents = (lines * (arguments.documents // len(lines) + 1))[: arguments.documents]
        call, bits = by_program(arguments.program, folder, documents)
        torch = Torch(model, documents, folder)

        call()
        if not np.array_equal(model.score(documents), bits()):
            sys.exit("the module and the program do not say the same")
        off = np.abs(torch.losses() - model.score(documents, predictor="gpt") * NATS) / np.abs(torch.losses())
        if not off.max() <= TOLERANCE:
            sys.exit(f"PyTorch is {off.max():.1e} off: there is nothing to compare")

        seconds = {"module": [], "program": [], "module, GPT": [], "PyTorch": []}
        for _ in range(arguments.rounds):
            seconds["module"].append(timed(lambda: model.score(documents))[0])
            seconds["program"].append(timed(call)[0])
            seconds["module, GPT"].append(timed(lambda: model.score(documents, predictor="gpt"))[0])
            seconds["PyTorch"].append(torch.seconds())
    print(f"{len(documents)} documents, {model.config}, {torch.system}")
    for name, each in seconds.items():
        print(f"{name:12} {min(each):7.2f} s least, {statistics.median(each):7.2f} s median")

    def ratio(a, b):
        return statistics.median(x / y for x, y in zip(seconds[a], seconds[b]))

    print(f"the module has {ratio('program', 'module'):.2f} of the program's throughput, and with the GPT alone "
          f"{ratio('PyTorch', 'module, GPT'):.1f} times PyTorch's")


main()
