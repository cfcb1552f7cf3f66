#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peer in PyTorch: trains the same model on the same batches, in eager mode on the CPU, as fast as PyTorch lets it.

    torch_peer.py FILE

FILE is JSON: "config" (vocab_size, n_layer, n_embd, n_head, block_size, activation: relu or relu2), "adam" (learning_rate,
beta1, beta2, epsilon), "parameters" (path of the raw little-endian float32 in the order of the parameter table), "batches"
(lists of documents, each a list of token ids from BOS to BOS, at most block_size + 1 of them) and "form": "packed", the default
and the fastest that was found, which is this file, or "padded", which is torch_padded.py. All tensors of all batches are
built and a few steps done before it prints `ready {…}`, an object with "torch" (its version), "threads" (that it may use),
"blas" (the libraries) and "fast_blas". Then it answers a line with a line:

    check N             losses [...]   of N steps from the initial parameters; then all is again as at the start
    time THREADS STEPS  seconds X      for STEPS steps that go on from the last ones; a step before them is not timed
    quit

How "packed" is made was decided by measurement, at widths from 16 to 128, and what lost is noted where it would stand. Scripting or
tracing the forward pass with torch.jit gained nothing. torch.bmm calls BLAS once a matrix, so few larger ones win. Debian's
PyTorch is as fast as the BLAS installed beside it: without "fast_blas", that is with the reference implementation, it is no
peer, and the package libopenblas0-openmp is the remedy.
"""
import ctypes
import functools
import gc
import json
import math
import os
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

from torch_padded import PaddedTrainer

WARM_UP_STEPS = 5
PACKED_ROWS = 64  # 32, 48, 96 and all documents in one lost, and one document a row, padded to the longest, lost most
ROW_MULTIPLE = 8  # softmax works on whole vectors and is slow on what is left over


class RmsNorm(torch.autograd.Function):
    """x·(mean(x²) + 1e-5)^-0.5. Left to autograd it lost; so did layer_norm of [x, -x], which is the same number."""

    @staticmethod
    def forward(ctx, x):
        scale = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_().div_(x.shape[-1]).add_(1e-5).rsqrt_()
        y = x * scale
        ctx.save_for_backward(y, scale)
        return y

    @staticmethod
    def backward(ctx, dy):
        y, scale = ctx.saved_tensors
        return torch.addcmul(dy, y, (dy * y).mean(-1, keepdim=True), value=-1).mul_(scale)


class Attention(torch.autograd.Function):
    """Causal attention within each document of packed rows: qkv [rows·length][3·n_embd] to [rows·length][n_embd].

    Left to autograd it lost, and so did _scaled_dot_product_attention and products of q and k element by element.
    """

    @staticmethod
    def forward(ctx, qkv, mask, n_head):
        length = mask.shape[-1]
        head_dim = qkv.shape[1] // 3 // n_head
        heads = qkv.view(-1, length, 3, n_head, head_dim).permute(2, 0, 3, 1, 4).reshape(3, -1, length, head_dim)
        q, k, v = heads.unbind(0)
        weights = torch.softmax(torch.baddbmm(mask, q, k.transpose(1, 2), alpha=head_dim**-0.5), -1)
        ctx.save_for_backward(heads, weights)
        mixed = torch.bmm(weights, v).view(-1, n_head, length, head_dim)
        return mixed.transpose(1, 2).reshape(-1, n_head * head_dim)

    @staticmethod
    def backward(ctx, dmixed):
        heads, weights = ctx.saved_tensors
        _, matrices, length, head_dim = heads.shape
        n_head = dmixed.shape[1] // head_dim
        q, k, v = heads.unbind(0)
        dmixed = dmixed.view(-1, length, n_head, head_dim).transpose(1, 2).reshape(matrices, length, head_dim)
        dweights = torch.bmm(dmixed, v.transpose(1, 2))
        dscores = torch._softmax_backward_data(dweights, weights, -1, weights.dtype)
        dheads = torch.empty_like(heads)
        torch.bmm(dscores, k, out=dheads[0])
        torch.bmm(dscores.transpose(1, 2), q, out=dheads[1])
        torch.bmm(weights.transpose(1, 2), dmixed, out=dheads[2])
        dheads[:2].mul_(head_dim**-0.5)
        dqkv = dheads.view(3, -1, n_head, length, head_dim).permute(1, 3, 0, 2, 4)
        return dqkv.reshape(-1, 3 * n_head * head_dim), None, None


class Adam:
    """Adam on one flat tensor; torch.optim.Adam on the same tensor lost, as did foreach=True and single tensors."""

    def __init__(self, parameters, settings):
        self.parameters, self.settings = parameters, settings
        self.m, self.v, self.root = (torch.zeros_like(parameters) for _ in range(3))
        self.steps = 0

    def reset(self):
        self.m.zero_()
        self.v.zero_()
        self.steps = 0

    def step(self, gradient):
        beta1, beta2 = self.settings["beta1"], self.settings["beta2"]
        self.steps += 1
        self.m.mul_(beta1).add_(gradient, alpha=1 - beta1)  # lerp_ lost
        self.v.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        correction = math.sqrt(1 - beta2**self.steps)
        torch.sqrt(self.v, out=self.root).add_(self.settings["epsilon"] * correction)
        rate = self.settings["learning_rate"] * correction / (1 - beta1**self.steps)
        self.parameters.addcdiv_(self.m, self.root, value=-rate)


def pack(documents):
    """Documents laid end to end in as few rows of about PACKED_ROWS positions as hold them, and the length of the rows."""
    longest_first = sorted(documents, key=len, reverse=True)
    positions = sum(len(document) - 1 for document in documents)
    wanted = max(PACKED_ROWS, len(longest_first[0]) - 1)
    rows, filled = [], []
    for _ in range(max(1, round(positions / wanted))):
        rows.append([])
        filled.append(0)
    for document in longest_first:
        emptiest = filled.index(min(filled))
        rows[emptiest].append(document)
        filled[emptiest] += len(document) - 1
    return rows, -(-max(filled) // ROW_MULTIPLE) * ROW_MULTIPLE


@functools.lru_cache(maxsize=None)
def attention_mask(lengths, length, n_head):
    """What to add to the scores [rows·n_head][length][length]: 0 where a position sees another, else -inf."""
    sees = torch.eye(length, dtype=torch.bool).repeat(len(lengths), 1, 1)
    for row, documents in enumerate(lengths):
        start = 0
        for n in documents:
            sees[row, start : start + n, start : start + n] = torch.ones(n, n, dtype=torch.bool).tril()
            start += n
    return torch.zeros(sees.shape).masked_fill(~sees, -math.inf).repeat_interleave(n_head, 0)


class Batch:
    """One batch as tensors. Padding has the weight 0 in the loss, each document 1 over their number."""

    def __init__(self, documents, config):
        rows, length = pack(documents)
        vocab_size = config["vocab_size"]
        self.mask = attention_mask(tuple(tuple(len(d) - 1 for d in row) for row in rows), length, config["n_head"])
        # [position][token, then place]: two ones a row. F.embedding lost, its gradient above all, and so did embedding_bag.
        self.one_hot = torch.zeros(len(rows) * length, vocab_size + config["block_size"])
        self.targets = torch.zeros(len(rows) * length, dtype=torch.long)
        self.weights = torch.zeros(len(rows) * length)
        for row, packed in enumerate(rows):
            at = row * length
            for document in packed:
                n = len(document) - 1
                here = torch.arange(at, at + n)
                self.one_hot[here, torch.tensor(document[:-1])] = 1
                self.one_hot[here, vocab_size + torch.arange(n)] = 1
                self.targets[here] = torch.tensor(document[1:])
                self.weights[here] = 1 / (n * len(documents))
                at += n


def read_parameters(path, config):
    """The shapes and values of the weights as they are used: wte over wpe, and all others [inputs][outputs], q, k, v as one."""
    width, vocab_size = config["n_embd"], config["vocab_size"]
    layer = [(3 * width, width), (width, width), (4 * width, width), (width, 4 * width)]
    stored = [(vocab_size + config["block_size"], width), (vocab_size, width)] + layer * config["n_layer"]
    values = torch.frombuffer(bytearray(pathlib.Path(path).read_bytes()), dtype=torch.float32)
    tensors = [part.view(shape) for part, shape in zip(values.split([r * c for r, c in stored]), stored)]
    tensors[1:] = [tensor.t() for tensor in tensors[1:]]
    return [tensor.shape for tensor in tensors], torch.cat([tensor.reshape(-1) for tensor in tensors])


class PackedTrainer:
    """The model, its optimizer and its batches. Parameters and gradients are one flat tensor each, seen as matrices."""

    def __init__(self, spec):
        self.config = spec["config"]
        shapes, self.initial = read_parameters(spec["parameters"], self.config)
        self.parameters = self.initial.clone()
        self.gradient = torch.zeros_like(self.initial)
        sizes = [shape.numel() for shape in shapes]
        self.matrices = []
        for value, gradient, shape in zip(self.parameters.split(sizes), self.gradient.split(sizes), shapes):
            matrix = value.view(shape).requires_grad_()
            matrix.grad = gradient.view(shape)  # backward adds in place; gradients set to None and gathered after lost
            self.matrices.append(matrix)
        self.adam = Adam(self.parameters, spec["adam"])
        self.batches = [Batch(documents, self.config) for documents in spec["batches"]]
        self.next = 0

    def reset(self):
        self.parameters.copy_(self.initial)
        self.adam.reset()
        self.next = 0

    def loss(self, batch):
        """The mean over documents of the mean over their positions of -ln P(target)."""
        embedding, lm_head, *layers = self.matrices
        squared = self.config["activation"] == "relu2"
        x = RmsNorm.apply(torch.mm(batch.one_hot, embedding))
        for attn_wqkv, attn_wo, mlp_fc1, mlp_fc2 in zip(*[iter(layers)] * 4):
            mixed = Attention.apply(torch.mm(RmsNorm.apply(x), attn_wqkv), batch.mask, self.config["n_head"])
            x = torch.addmm(x, mixed, attn_wo)
            hidden = torch.relu(torch.mm(RmsNorm.apply(x), mlp_fc1))
            x = torch.addmm(x, hidden * hidden if squared else hidden, mlp_fc2)  # square() lost
        return F.cross_entropy(torch.mm(x, lm_head), batch.targets, reduction="none").dot(batch.weights)

    def step(self):
        batch = self.batches[self.next]
        self.next = (self.next + 1) % len(self.batches)
        self.gradient.zero_()
        loss = self.loss(batch)
        loss.backward()
        self.adam.step(self.gradient)
        return loss


TRAINERS = {"packed": PackedTrainer, "padded": PaddedTrainer}


def check(trainer, steps):
    trainer.reset()
    losses = [trainer.step().item() for _ in range(steps)]
    trainer.reset()
    return losses


def seconds(trainer, steps):
    trainer.step()
    start = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    return time.perf_counter() - start


def blas_libraries():
    """The files of the BLAS that torch has loaded."""
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    files = {pathlib.Path(line.split(maxsplit=5)[-1]) for line in lines}
    return sorted(file for file in files if any(name in file.name for name in ("blas", "blis", "mkl")))


def system():
    """What stands behind the figures."""
    blas = [file.name for file in blas_libraries()]
    return {
        "torch": torch.__version__,
        "threads": len(os.sched_getaffinity(0)),
        "blas": blas,
        "fast_blas": torch.backends.mkl.is_available() or not all(name.startswith("libblas.") for name in blas),
    }


def set_threads(threads):
    """Torch's own, and those of an OpenBLAS that was built on pthreads, of which torch does not know."""
    torch.set_num_threads(threads)
    for file in blas_libraries():
        if "openblas" in file.name:
            ctypes.CDLL(str(file)).openblas_set_num_threads(threads)


def serve(trainer):
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "check":
            print("losses", json.dumps(check(trainer, int(numbers[0]))), flush=True)
        elif command == "time":
            set_threads(int(numbers[0]))
            print("seconds", seconds(trainer, int(numbers[1])), flush=True)
        elif command == "quit":
            return
        else:
            sys.exit(f"unknown command: {command}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    set_threads(1)
    torch.set_flush_denormal(True)  # as our engine does
    spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
    trainer = TRAINERS[spec.get("form", "packed")](spec)
    check(trainer, WARM_UP_STEPS)
    gc.collect()
    gc.freeze()
    print("ready", json.dumps(system()), flush=True)
    serve(trainer)


if __name__ == "__main__":
    main()
