#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The oracle: what CPython computes, for any shape.

A scalar-autograd GPT in plain Python whose every floating-point operation, and every addition into a gradient, happens in
the order of microgpt.py. It has no interest in speed; it exists so that `microgpt reference` can be compared, bit by bit,
with the CPython and the C library of the machine at hand, for shapes that no stored golden covers.

It takes the flags of `microgpt reference` and prints the same output.
"""
import argparse
import math
import random
import sys


class Scalar:
    """A number that remembers how it was made: the parents, and the derivative with respect to each."""

    __slots__ = ("value", "gradient", "parents", "derivatives")

    def __init__(self, value, parents=(), derivatives=()):
        self.value = value
        self.gradient = 0
        self.parents = parents
        self.derivatives = derivatives

    def plus(self, other):
        return Scalar(self.value + other.value, (self, other), (1, 1))

    def times(self, other):
        return Scalar(self.value * other.value, (self, other), (other.value, self.value))

    def power(self, exponent):
        return Scalar(self.value**exponent, (self,), (exponent * self.value ** (exponent - 1),))

    def log(self):
        return Scalar(math.log(self.value), (self,), (1 / self.value,))

    def exp(self):
        e = math.exp(self.value)
        return Scalar(e, (self,), (e,))

    def relu(self):
        return Scalar(max(0, self.value), (self,), (float(self.value > 0),))


def total(scalars):
    """What sum() does: it starts from the number 0."""
    result = Scalar(0)
    for scalar in scalars:
        result = result.plus(scalar) if result.parents else scalar.plus(result)
    return result


def backpropagate(loss):
    """Gradients in the reverse of the depth-first post-order; an explicit stack, as deep graphs exhaust Python's."""
    order, seen, stack = [], {loss}, [(loss, iter(loss.parents))]
    while stack:
        node, parents = stack[-1]
        for parent in parents:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parent.parents)))
                break
        else:
            order.append(node)
            stack.pop()
    loss.gradient = 1
    for node in reversed(order):
        for parent, derivative in zip(node.parents, node.derivatives):
            parent.gradient += derivative * node.gradient


def dot(a, b):
    return total([x.times(y) for x, y in zip(a, b)])


def matvec(matrix, x):
    return [dot(row, x) for row in matrix]


def softmax(logits):
    largest = max(logit.value for logit in logits)
    weights = [logit.plus(Scalar(-largest)).exp() for logit in logits]
    norm = total(weights)
    return [weight.times(norm.power(-1)) for weight in weights]


def rmsnorm(x):
    mean_square = dot(x, x).times(Scalar(len(x) ** -1))
    scale = mean_square.plus(Scalar(1e-5)).power(-0.5)
    return [element.times(scale) for element in x]


def add(a, b):
    return [x.plus(y) for x, y in zip(a, b)]


class Model:
    def __init__(self, options, vocab_size):
        self.options = options
        width, self.first = options.n_embd, options.revision == "first"
        self.tensors = {}

        def tensor(name, rows, columns, std):
            self.tensors[name] = [[Scalar(random.gauss(0, std)) for _ in range(columns)] for _ in range(rows)]

        std = 0.02 if self.first else 0.08
        residual_std = 0 if self.first else std
        tensor("wte", vocab_size, width, std)
        tensor("wpe", options.block_size, width, std)
        tensor("lm_head", vocab_size, width, std)
        for layer in range(options.n_layer):
            for name in ("attn_wq", "attn_wk", "attn_wv"):
                tensor(f"layer{layer}.{name}", width, width, std)
            tensor(f"layer{layer}.attn_wo", width, width, residual_std)
            tensor(f"layer{layer}.mlp_fc1", 4 * width, width, std)
            tensor(f"layer{layer}.mlp_fc2", width, 4 * width, residual_std)
        self.parameters = [p for tensor in self.tensors.values() for row in tensor for p in row]

    def logits(self, token, position, keys, values):
        t, n_head = self.tensors, self.options.n_head
        head_dim = self.options.n_embd // n_head
        x = rmsnorm(add(t["wte"][token], t["wpe"][position]))
        for layer in range(self.options.n_layer):
            z = rmsnorm(x)
            q, k, v = (matvec(t[f"layer{layer}.attn_w{letter}"], z) for letter in "qkv")
            keys[layer].append(k)
            values[layer].append(v)
            mixed = []
            for head in range(n_head):
                part = slice(head * head_dim, (head + 1) * head_dim)
                scale = (head_dim**0.5) ** -1
                scores = [dot(q[part], key[part]).times(Scalar(scale)) for key in keys[layer]]
                weights = softmax(scores)
                for j in range(part.start, part.stop):
                    mixed.append(dot(weights, [value[j] for value in values[layer]]))
            x = add(matvec(t[f"layer{layer}.attn_wo"], mixed), x)
            hidden = [h.relu() for h in matvec(t[f"layer{layer}.mlp_fc1"], rmsnorm(x))]
            if self.first:
                hidden = [h.power(2) for h in hidden]
            x = add(matvec(t[f"layer{layer}.mlp_fc2"], hidden), x)
        return matvec(t["lm_head"], x)

    def empty_cache(self):
        return [[] for _ in range(self.options.n_layer)]


def document_loss(model, tokens):
    n = min(model.options.block_size, len(tokens) - 1)
    keys, values, losses = model.empty_cache(), model.empty_cache(), []
    for position in range(n):
        probabilities = softmax(model.logits(tokens[position], position, keys, values))
        losses.append(probabilities[tokens[position + 1]].log().times(Scalar(-1)))
    return total(losses).times(Scalar(1 / n))


def adam_step(model, m, v, step, num_steps):
    first = model.options.revision == "first"
    beta1, beta2 = (0.9, 0.95) if first else (0.85, 0.99)
    if first:
        rate = 0.01 * 0.5 * (1 + math.cos(math.pi * step / num_steps))
    else:
        rate = 0.01 * (1 - step / num_steps)
    for i, p in enumerate(model.parameters):
        m[i] = beta1 * m[i] + (1 - beta1) * p.gradient
        v[i] = beta2 * v[i] + (1 - beta2) * p.gradient**2
        m_hat = m[i] / (1 - beta1 ** (step + 1))
        v_hat = v[i] / (1 - beta2 ** (step + 1))
        p.value -= rate * m_hat / (v_hat**0.5 + 1e-8)
        p.gradient = 0


def sample(model, characters, temperature):
    bos, token, text = len(characters), len(characters), ""
    keys, values = model.empty_cache(), model.empty_cache()
    for position in range(model.options.block_size):
        logits = model.logits(token, position, keys, values)
        probabilities = softmax([logit.times(Scalar(temperature**-1)) for logit in logits])
        token = random.choices(range(bos + 1), weights=[p.value for p in probabilities])[0]
        if token == bos:
            break
        text += characters[token]
    return text


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--revision", choices=["final", "first"], default="final")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--num-steps", type=int)
    parser.add_argument("--n-layer", type=int, default=1)
    parser.add_argument("--n-embd", type=int, default=16)
    parser.add_argument("--n-head", type=int, default=4)
    parser.add_argument("--block-size", type=int)
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--num-samples", type=int, default=20)
    parser.add_argument("--trace")
    parser.add_argument("--params")
    options = parser.parse_args()
    first = options.revision == "first"
    if options.num_steps is None:
        options.num_steps = 500 if first else 1000
    if options.block_size is None:
        options.block_size = 8 if first else 16
    return options


def write_hex(path, numbers):
    with open(path, "w") as file:
        file.writelines(float(number).hex() + "\n" for number in numbers)


def main():
    options = parse_arguments()
    first = options.revision == "first"
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    random.seed(options.seed)
    with open(options.corpus, encoding="utf-8") as file:
        documents = [line.strip() for line in file if line.strip()]
    random.shuffle(documents)
    characters = sorted(set("".join(documents)))
    bos = len(characters)
    model = Model(options, bos + 1)
    print(f"num docs: {len(documents)}")
    print(f"vocab size: {bos + 1}")
    print(f"num params: {len(model.parameters)}")
    m, v, losses = [0.0] * len(model.parameters), [0.0] * len(model.parameters), []
    for step in range(options.num_steps):
        document = documents[step % len(documents)]
        loss = document_loss(model, [bos] + [characters.index(c) for c in document] + [bos])
        backpropagate(loss)
        adam_step(model, m, v, step, options.num_steps)
        losses.append(loss.value)
        line = f"step {step + 1:4d} / {options.num_steps:4d} | loss {loss.value:.4f}"
        print(line, end="\n" if first else "\r", flush=True)
    print("\n--- inference ---" if first else "\n--- inference (new, hallucinated names) ---")
    for number in range(options.num_samples):
        print(f"sample {number + 1:2d}: {sample(model, characters, options.temperature)}")
    if options.trace:
        write_hex(options.trace, losses)
    if options.params:
        write_hex(options.params, [p.value for p in model.parameters])


if __name__ == "__main__":
    main()
