# SPDX-License-Identifier: MIT
"""The same model as most users of PyTorch would write it: documents as rows padded to the longest, autograd, torch's own Adam.

It computes the same losses as the peer's own form, and is there to be timed beside it; see torch_peer.py.
"""
import pathlib

import torch
import torch.nn.functional as F

IGNORED = -100  # the target of padding


class Batch:
    def __init__(self, documents):
        length = max(map(len, documents)) - 1
        self.tokens = torch.zeros(len(documents), length, dtype=torch.long)
        self.targets = torch.full((len(documents), length), IGNORED)
        self.weights = torch.zeros(len(documents), length)  # a document counts 1 over their number
        for row, document in enumerate(documents):
            n = len(document) - 1
            self.tokens[row, :n] = torch.tensor(document[:-1])
            self.targets[row, :n] = torch.tensor(document[1:])
            self.weights[row, :n] = 1 / (n * len(documents))


def rms_norm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5)


class Gpt(torch.nn.Module):
    """Parameters in the order of the parameter table, with queries, keys and values as one."""

    def __init__(self, config, values):
        super().__init__()
        self.config = config
        width, vocab_size, context = config["n_embd"], config["vocab_size"], config["block_size"]
        layer = [(3 * width, width), (width, width), (4 * width, width), (width, 4 * width)]
        shapes = [(vocab_size, width), (context, width), (vocab_size, width)] + layer * config["n_layer"]
        parts = values.split([rows * columns for rows, columns in shapes])
        self.weights = torch.nn.ParameterList(
            torch.nn.Parameter(part.view(shape).clone()) for part, shape in zip(parts, shapes)
        )
        self.register_buffer("mask", torch.full((context, context), float("-inf")).triu(1))

    def attention(self, x, wqkv, wo):
        rows, length, width = x.shape
        heads = F.linear(x, wqkv).view(rows, length, 3, self.config["n_head"], -1).permute(2, 0, 3, 1, 4)
        q, k, v = heads.unbind(0)
        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5 + self.mask[:length, :length]
        return F.linear((torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(rows, length, width), wo)

    def forward(self, tokens):
        wte, wpe, lm_head, *layers = self.weights
        x = rms_norm(F.embedding(tokens, wte) + wpe[: tokens.shape[1]])
        for wqkv, wo, fc1, fc2 in zip(*[iter(layers)] * 4):
            x = x + self.attention(rms_norm(x), wqkv, wo)
            hidden = F.relu(F.linear(rms_norm(x), fc1))
            x = x + F.linear(hidden.square() if self.config["activation"] == "relu2" else hidden, fc2)
        return F.linear(x, lm_head)


class PaddedTrainer:
    def __init__(self, spec):
        self.spec = spec
        bytes_ = bytearray(pathlib.Path(spec["parameters"]).read_bytes())
        self.initial = torch.frombuffer(bytes_, dtype=torch.float32)
        self.batches = [Batch(documents) for documents in spec["batches"]]
        self.reset()

    def reset(self):
        adam = self.spec["adam"]
        self.model = Gpt(self.spec["config"], self.initial)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=adam["learning_rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"]
        )
        self.next = 0

    def step(self):
        batch = self.batches[self.next]
        self.next = (self.next + 1) % len(self.batches)
        logits = self.model(batch.tokens)
        losses = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED, reduction="none")
        loss = losses.dot(batch.weights.flatten())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss
