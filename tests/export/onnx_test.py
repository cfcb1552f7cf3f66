#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exported graphs are valid, and compute what `score --predictor gpt` says; with a cache, token by token, too. Past the context
they fail.

usage: onnx_test.py PROGRAM
Exit status: 77, skipped, where there is no python3-onnx.
"""
import importlib.util
import json
import math
import subprocess
import sys
import tempfile

if not importlib.util.find_spec("onnx"):
    print("skipped: there is no python3-onnx")
    sys.exit(77)

import numpy as np
import onnx

import onnx_interpreter

MOST_BITS = 1e-4  # that a document may differ by
DOCUMENTS = ["emma", "zoe", "", "maximilian", "q", "anna"]
FLAGS_OF_GRAPHS = ([], ["--with-cache"], ["--double"], ["--double", "--with-cache"])


def output_of(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def bits_of(logits, targets):
    logits = logits.astype(float)
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    return -sum(log_p[i, target] for i, target in enumerate(targets)) / math.log(2)


class Graph:
    """An exported graph, and the model's shape."""

    def __init__(self, path, config, flags):
        self.model = onnx.load(path)
        self.config = config
        self.has_cache = "--with-cache" in flags
        self.type = np.float64 if "--double" in flags else np.float32

    def check(self):
        onnx.checker.check_model(self.model, full_check=True)
        kinds = {tensor.data_type for tensor in self.model.graph.initializer} - {onnx.TensorProto.INT64}
        assert kinds == {onnx.TensorProto.DOUBLE if self.type is np.float64 else onnx.TensorProto.FLOAT}, kinds

    def empty_cache(self, batch=1):
        if not self.has_cache:
            return {}
        shape = (batch, self.config["n_head"], 0, self.config["n_embd"] // self.config["n_head"])
        return {f"past_key_values.{layer}.{what}": np.zeros(shape, self.type)
                for layer in range(self.config["n_layer"]) for what in ("key", "value")}

    def run(self, tokens, cache=None):
        """The logits of all positions, and the cache behind them."""
        inputs = {"input_ids": np.array(tokens, dtype=np.int64), **(self.empty_cache(len(tokens)) if cache is None else cache)}
        outputs = onnx_interpreter.run(self.model, inputs)
        logits = outputs.pop("logits")
        assert logits.dtype == self.type
        return logits, {name.replace("present", "past_key_values"): value for name, value in outputs.items()}

    def run_in_pieces(self, tokens, piece):
        logits, cache = [], self.empty_cache()
        for begin in range(0, len(tokens), piece):
            some, cache = self.run([tokens[begin:begin + piece]], cache)
            logits.append(some[0])
        return np.concatenate(logits)


def expect_failure_past_context(graph):
    length = graph.config["block_size"]
    full = [[0] * length]
    cache = graph.run(full)[1]
    calls = [lambda: graph.run([[0] * (length + 1)])]
    if graph.has_cache:
        calls += [lambda: graph.run([[0]], cache), lambda: graph.run([[0, 0]], cache)]
    for call in calls:
        try:
            call()
        except IndexError:
            continue
        raise AssertionError("no error past the context")


def check_graph(graph, tokens_of, expected):
    graph.check()
    bos = graph.config["vocab_size"] - 1
    for document, bits in expected.items():
        tokens = [bos, *map(tokens_of.__getitem__, document)]
        targets = [*tokens[1:], bos]
        assert abs(bits_of(graph.run([tokens])[0][0], targets) - bits) < MOST_BITS, document
        for piece in (1, 2, 3) if graph.has_cache else ():
            assert abs(bits_of(graph.run_in_pieces(tokens, piece), targets) - bits) < MOST_BITS, (document, piece)
    same_length = [[bos, *map(tokens_of.__getitem__, name)] for name in ("emma", "anna")]
    together = graph.run(same_length)[0]
    for i, tokens in enumerate(same_length):
        assert np.allclose(together[i], graph.run([tokens])[0][0], rtol=0, atol=1e-5), "a batch is its documents"
    expect_failure_past_context(graph)


def expect_that_a_wrong_graph_is_found(graph, tokens_of, expected):
    for tensor in graph.model.graph.initializer:
        if tensor.name == "epsilon":
            tensor.raw_data = np.array(1e-3, graph.type).tobytes()
    try:
        check_graph(graph, tokens_of, expected)
    except AssertionError:
        return
    raise AssertionError("another epsilon is not noticed")


def main():
    program = sys.argv[1]
    shapes = (["--n-layer", "2", "--n-embd", "24", "--n-head", "3"], ["--activation", "relu2", "--n-layer", "1"], ["--engine", "exact"])
    with tempfile.TemporaryDirectory() as folder:
        for number, flags in enumerate(shapes):
            model = f"{folder}/{number}"
            output_of(program, "train", "--num-steps", "20", "--quiet", "--num-samples", "0", "-o", model, *flags)
            config = json.load(open(f"{model}/config.json"))
            tokens_of = json.load(open(f"{model}/tokenizer.json"))["model"]["vocab"]
            records = output_of(program, "score", model, "--predictor", "gpt", "--format", "jsonl", input="\n".join(DOCUMENTS) + "\n")
            expected = {document: json.loads(record)["bits"] for document, record in zip(DOCUMENTS, records.splitlines())}
            assert len(expected) == len(DOCUMENTS)
            for graph_flags in FLAGS_OF_GRAPHS:
                path = f"{model}{''.join(graph_flags)}.onnx"
                output_of(program, "export", model, "--onnx", path, *graph_flags)
                graph = Graph(path, config, graph_flags)
                check_graph(graph, tokens_of, expected)
                expect_that_a_wrong_graph_is_found(graph, tokens_of, expected)


if __name__ == "__main__":
    main()
