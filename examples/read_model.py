#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A saved model read and computed by numpy alone: the loss of a document, position by position, for documents that fit into the
context. `microgpt explain MODEL TEXT --predictor gpt --json` says the same.

usage: read_model.py MODEL TEXT
"""
import json
import pathlib
import sys

import numpy as np

folder, text = pathlib.Path(sys.argv[1]), sys.argv[2]
config = json.loads((folder / "config.json").read_text())
vocab = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]  # BOS, the last token, has a longer name
data = (folder / "model.safetensors").read_bytes()
size = int.from_bytes(data[:8], "little")
w = {}
for name, tensor in json.loads(data[8:8 + size]).items():
    if name != "__metadata__":
        begin, end = tensor["data_offsets"]
        kind = {"F32": "<f4", "F64": "<f8"}[tensor["dtype"]]
        w[name] = np.frombuffer(data[8 + size + begin:8 + size + end], kind).reshape(tensor["shape"]).astype(float)


def norm(x):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)


bos = len(vocab) - 1
tokens = [bos, *(vocab[character] for character in text), bos]
n, heads = len(tokens) - 1, config["n_head"]
x = norm(w["wte"][tokens[:-1]] + w["wpe"][:n])  # [positions, n_embd]
for layer in range(config["n_layer"]):
    q, k, v = (norm(x) @ w[f"layer{layer}.attn_w{each}"].T for each in "qkv")
    q, k, v = (each.reshape(n, heads, -1).transpose(1, 0, 2) for each in (q, k, v))  # [heads, positions, head_dim]
    logits = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]) + np.triu(np.full((n, n), -np.inf), 1)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    x = x + (weights @ v).transpose(1, 0, 2).reshape(n, -1) @ w[f"layer{layer}.attn_wo"].T
    hidden = np.maximum(norm(x) @ w[f"layer{layer}.mlp_fc1"].T, 0.0)
    x = x + (hidden if config["activation"] == "relu" else hidden**2) @ w[f"layer{layer}.mlp_fc2"].T
logits = x @ w["lm_head"].T
log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
print(json.dumps([-float(log_p[i, tokens[i + 1]]) for i in range(n)]))
