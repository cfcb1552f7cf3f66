#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peer in PyTorch that scores and samples: the same model, in eager mode on the CPU, as fast as PyTorch lets it.

    torch_inference.py FILE

FILE is JSON: "config" and "parameters" as torch_peer.py has them, "documents" (lists of token ids from BOS to BOS, at most
block_size + 1 of them), "temperature". What can be made beforehand is: documents lie in tensors, by length and so with little
padding, before it prints `ready {…}` as torch_peer.py does. Then it answers a line with a line:

    losses              losses [...]    the loss of each document, nats, summed over its positions
    stepped             losses [...]    the same from the cache of keys and values, token after token, as it samples
    score THREADS       seconds X       for all documents
    sample THREADS N    seconds X T     for N new documents of T tokens in all, those that end them included
    quit

What was decided by measurement, at widths 16 and 32: BATCH documents at a time, and samples that have ended are dropped from the
caches after each token.
"""
import gc
import json
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

from torch_padded import IGNORED, Gpt, rms_norm
from torch_peer import set_threads, system

BATCH = 1024


class Batch:
    def __init__(self, documents, indices):
        length = max(len(documents[index]) for index in indices) - 1
        self.indices = indices
        self.tokens = torch.zeros(len(indices), length, dtype=torch.long)
        self.targets = torch.full((len(indices), length), IGNORED)
        for row, index in enumerate(indices):
            document = documents[index]
            self.tokens[row, : len(document) - 1] = torch.tensor(document[:-1])
            self.targets[row, : len(document) - 1] = torch.tensor(document[1:])


class Cache:
    """Documents that grow in lock step: keys and values of each layer, [documents][heads][positions][head_dim]."""

    def __init__(self, gpt, documents):
        config = gpt.config
        shape = (documents, config["n_head"], config["block_size"], config["n_embd"] // config["n_head"])
        self.gpt = gpt
        self.layers = [(torch.empty(shape), torch.empty(shape)) for _ in range(config["n_layer"])]
        self.position = 0

    def keep(self, documents):
        self.layers = [(k[documents], v[documents]) for k, v in self.layers]

    def attention(self, x, layer, wqkv, wo):
        at = self.position
        q, k, v = F.linear(x, wqkv).view(len(x), 3, self.gpt.config["n_head"], -1).unbind(1)
        keys, values = self.layers[layer]
        keys[:, :, at], values[:, :, at] = k, v
        scores = keys[:, :, : at + 1] @ q.unsqueeze(-1) * q.shape[-1] ** -0.5
        mixed = torch.softmax(scores, 2).transpose(2, 3) @ values[:, :, : at + 1]
        return F.linear(mixed.reshape(len(x), -1), wo)

    def feed(self, tokens):
        """The logits after one more token of each document."""
        wte, wpe, lm_head, *layers = self.gpt.weights
        x = rms_norm(F.embedding(tokens, wte) + wpe[self.position])
        for layer, (wqkv, wo, fc1, fc2) in enumerate(zip(*[iter(layers)] * 4)):
            x = x + self.attention(rms_norm(x), layer, wqkv, wo)
            hidden = F.relu(F.linear(rms_norm(x), fc1))
            x = x + F.linear(hidden.square() if self.gpt.config["activation"] == "relu2" else hidden, fc2)
        self.position += 1
        return F.linear(x, lm_head)


class Peer:
    def __init__(self, spec):
        values = torch.frombuffer(bytearray(pathlib.Path(spec["parameters"]).read_bytes()), dtype=torch.float32)
        self.gpt = Gpt(spec["config"], values)
        self.block_size = spec["config"]["block_size"]
        self.bos = spec["config"]["vocab_size"] - 1
        self.temperature = spec["temperature"]
        documents = spec["documents"]
        by_length = sorted(range(len(documents)), key=lambda index: len(documents[index]))
        self.batches = [Batch(documents, by_length[i : i + BATCH]) for i in range(0, len(documents), BATCH)]
        self.count = len(documents)

    def logits(self, batch):
        return self.gpt(batch.tokens)

    def stepped_logits(self, batch):
        cache = Cache(self.gpt, len(batch.tokens))
        return torch.stack([cache.feed(tokens) for tokens in batch.tokens.unbind(1)], 1)

    def losses(self, logits_of):
        losses = torch.empty(self.count)
        for batch in self.batches:
            logits = logits_of(batch)
            loss = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED, reduction="none")
            losses[batch.indices] = loss.view(batch.targets.shape).sum(1)
        return losses

    def sample(self, count):
        """Documents as lists of tokens, BOS left out; and how many tokens were drawn."""
        documents, drawn = [], 0
        for begin in range(0, count, BATCH):
            n = min(BATCH, count - begin)
            cache, tokens = Cache(self.gpt, n), torch.full((n,), self.bos)
            rows = torch.empty((n, 0), dtype=torch.long)
            while len(tokens) > 0 and cache.position < self.block_size:
                probabilities = torch.softmax(cache.feed(tokens) / self.temperature, -1)
                tokens = torch.multinomial(probabilities, 1).squeeze(1)
                drawn += len(tokens)
                ended = tokens == self.bos
                documents += rows[ended].tolist()
                grows = (~ended).nonzero().squeeze(1)
                tokens = tokens[grows]
                rows = torch.cat([rows[grows], tokens.unsqueeze(1)], 1)
                cache.keep(grows)
            documents += rows.tolist()
        return documents, drawn


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def serve(peer):
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "losses":
            print("losses", json.dumps(peer.losses(peer.logits).tolist()), flush=True)
        elif command == "stepped":
            print("losses", json.dumps(peer.losses(peer.stepped_logits).tolist()), flush=True)
        elif command == "score":
            set_threads(int(numbers[0]))
            print("seconds", timed(lambda: peer.losses(peer.logits))[0], flush=True)
        elif command == "sample":
            set_threads(int(numbers[0]))
            seconds, (_, drawn) = timed(lambda: peer.sample(int(numbers[1])))
            print("seconds", seconds, drawn, flush=True)
        elif command == "quit":
            return
        else:
            sys.exit(f"unknown command: {command}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    set_threads(1)
    torch.set_flush_denormal(True)  # as our engine does
    torch.manual_seed(42)
    with torch.inference_mode():
        peer = Peer(json.loads(pathlib.Path(sys.argv[1]).read_text()))
        peer.losses(peer.logits)
        gc.collect()
        gc.freeze()
        print("ready", json.dumps(system()), flush=True)
        serve(peer)


if __name__ == "__main__":
    main()
