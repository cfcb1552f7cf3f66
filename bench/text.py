#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `train` reaches on a running text, without flags and with nanoGPT's settings for a CPU, and how long it takes, beside PyTorch.

    bench/text.py TEXT [--program PROGRAM] [--steps N] [-- FLAG...]

Without flags is with `--split text --held-out 0`: all of the text that it is given is trained on. nanoGPT's settings are
4 layers of 128 features, 4 heads, a context of 64, 12 windows a step, 2000 steps. The last tenth of TEXT is held out: it lies in a
file of its own, which `train` does not see, and nothing is chosen by it. Its loss is a token mean, told in two ways: by `eval`,
whose window slides by half a context, so that all but the first characters are predicted from at least 32 others; and as nanoGPT
measures it, in windows of 64 that know nothing of what is before them. The second is computed by PyTorch from model.safetensors.

The time of `train` is that of the whole call: reading, steps, the report. PyTorch's is that of its steps alone, on tensors that are
built before, with plain Adam. It is given its faster form of two (bench/peers/) and number of threads, by short runs before.
FLAGs go to `train`, to try other settings.
"""
import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench" / "peers"))

CONFIG = {"n_layer": 4, "n_head": 4, "n_embd": 128, "block_size": 64, "activation": "relu"}
WINDOWS = 12  # a step
ADAM = {"learning_rate": 0.003, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
SETTINGS = ["--learning-rate", "0.003", "--warmup", "100", "--weight-decay", "0.1", "--beta1", "0.9", "--clip", "1"]
PYTORCH_BATCHES = 100  # taken again and again
TRIAL_STEPS = 20


def train_without_flags(program, text, folder):
    command = [program, "train", text, "-o", folder, "--split", "text", "--held-out", "0", "--num-samples", "0", "--quiet"]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def report_without_flags(program, training, held_out, folder):
    seconds = train_without_flags(program, training, folder)
    figures = evaluate(program, folder, held_out)
    per_character = figures["bits_per_character"] / figures["loss_token_mean"]
    bits = {name: per_character * figures[field] for name, field in
            (("mixture", "mixture_loss_token_mean"), ("GPT", "loss_token_mean"),
             (f"{figures['ngram_order']}-gram", "ngram_loss_token_mean"))}
    print(f"train without flags       {seconds:.1f} s with {len(os.sched_getaffinity(0))} cores; bits a character: "
          + ", ".join(f"{name} {value:.4f}" for name, value in bits.items()))


def train(program, text, folder, steps, flags):
    shape = ["--n-layer", CONFIG["n_layer"], "--n-head", CONFIG["n_head"], "--n-embd", CONFIG["n_embd"],
             "--block-size", CONFIG["block_size"], "--batch-size", WINDOWS, "--num-steps", steps]
    command = [program, "train", text, "-o", folder, "--split", "text", "--held-out", "0", "--num-samples", "0", "--quiet",
               *map(str, shape), *SETTINGS, *flags]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def evaluate(program, folder, text):
    report = subprocess.run([program, "eval", folder, text, "--json"], check=True, capture_output=True, text=True)
    return json.loads(report.stdout)


def read_safetensors(path):
    """The tensors of a file by name, each as the bytes of its float32."""
    data = path.read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: data[8 + size + at["data_offsets"][0]:8 + size + at["data_offsets"][1]] for name, at in header.items()}


def parameters_in_order(folder):
    """As bytes: wte, wpe, lm_head, then of each layer queries, keys and values, and the others."""
    tensors = read_safetensors(folder / "model.safetensors")
    names = ["wte", "wpe", "lm_head"]
    for layer in range(CONFIG["n_layer"]):
        names += [f"layer{layer}.{name}" for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")]
    return b"".join(tensors[name] for name in names)


def tokens_of(folder, text):
    ids = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    if unseen := set(text) - ids.keys():
        sys.exit(f"the held-out text has characters that the model has never seen: {unseen}")
    return [ids[character] for character in text]


def loss_in_windows(torch, folder, tokens):
    """The mean loss of windows that do not overlap, as PyTorch computes it from the saved parameters."""
    from torch_padded import Gpt

    length = CONFIG["block_size"]
    count = (len(tokens) - 1) // length
    inputs = torch.tensor(tokens[:count * length]).view(count, length)
    targets = torch.tensor(tokens[1:count * length + 1]).view(count, length)
    vocab_size = json.loads((folder / "config.json").read_text())["vocab_size"]
    model = Gpt({**CONFIG, "vocab_size": vocab_size}, torch.frombuffer(bytearray(parameters_in_order(folder)), dtype=torch.float32))
    total = 0.0
    with torch.no_grad():
        for begin in range(0, count, WINDOWS):
            logits = model(inputs[begin:begin + WINDOWS])
            losses = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), targets[begin:begin + WINDOWS].flatten(), reduction="sum")
            total += losses.item()
    return total / (count * length)


class PyTorch:
    """Trains the same model on windows of the same text."""

    def __init__(self, torch_peer, folder, tokens, form):
        self.peer = torch_peer
        vocab_size = json.loads((folder / "config.json").read_text())["vocab_size"]
        length = CONFIG["block_size"] + 1
        generator = random.Random(1)
        windows = [tokens[begin:begin + length] for begin in
                   (generator.randrange(len(tokens) - length) for _ in range(PYTORCH_BATCHES * WINDOWS))]
        batches = [windows[i * WINDOWS:(i + 1) * WINDOWS] for i in range(PYTORCH_BATCHES)]
        parameters = folder / "parameters.raw"
        parameters.write_bytes(parameters_in_order(folder))
        self.trainer = torch_peer.TRAINERS[form](
            {"config": {**CONFIG, "vocab_size": vocab_size}, "adam": ADAM, "parameters": parameters, "batches": batches})

    def seconds(self, threads, steps):
        self.peer.set_threads(threads)
        return self.peer.seconds(self.trainer, steps)


def fastest_pytorch(torch_peer, folder, tokens, cores):
    """(seconds of the trial, form, threads, what trains)"""
    trials = []
    for form in torch_peer.TRAINERS:
        contestant = PyTorch(torch_peer, folder, tokens, form)
        trials += [(contestant.seconds(threads, TRIAL_STEPS), form, threads, contestant) for threads in {1, cores}]
    return min(trials, key=lambda trial: trial[0])


def compare_with_pytorch(folder, training_text, held_out_text, steps, our_seconds):
    try:
        import torch
        import torch_peer
    except ImportError:
        print("PyTorch is not installed: no loss in windows, and no time beside ours")
        return
    torch.set_flush_denormal(True)  # as our engine does
    print(f"held-out loss in windows  {loss_in_windows(torch, folder, tokens_of(folder, held_out_text)):.4f}  computed by PyTorch")
    if not torch_peer.system()["fast_blas"]:
        print("PyTorch has no fast BLAS here: install libopenblas0-openmp; its time is not measured")
        return
    cores = len(os.sched_getaffinity(0))
    _, form, threads, contestant = fastest_pytorch(torch_peer, folder, tokens_of(folder, training_text), cores)
    seconds = contestant.seconds(threads, steps)
    print(f"PyTorch                   {seconds:.1f} s, {form}, {threads} threads: {seconds / our_seconds:.2f} times as long")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--steps", type=int, default=2000)
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, flags = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    text = arguments.text.read_text()
    cut = len(text) * 9 // 10
    with tempfile.TemporaryDirectory() as folder:
        training, held_out, folder, usual = (
            pathlib.Path(folder) / name for name in ("training.txt", "held_out.txt", "model", "usual"))
        training.write_text(text[:cut])
        held_out.write_text(text[cut:])
        print(f"the last {len(text) - cut} of {len(text)} characters are held out; losses are token means in nats", flush=True)
        report_without_flags(arguments.program, training, held_out, usual)
        seconds = train(arguments.program, training, folder, arguments.steps, flags)
        figures = evaluate(arguments.program, folder, held_out)
        print(f"train                     {seconds:.1f} s with {len(os.sched_getaffinity(0))} cores, {arguments.steps} steps")
        print(f"held-out loss, sliding    {figures['loss_token_mean']:.4f}  of the n-gram {figures['ngram_loss_token_mean']:.4f}")
        compare_with_pytorch(folder, text[:cut], text[cut:], arguments.steps, seconds)


if __name__ == "__main__":
    main()
