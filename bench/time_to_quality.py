#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `train` reaches in how many seconds: the presets, no flag at all, and `--seconds`, on lists and on a running text.

    bench/time_to_quality.py FILES... [--text TEXT] [--program PROGRAM] [--before PROGRAM] [--seeds N...] [--svg FILE] [--json FILE]

Each of FILES is a list with a document a line; TEXT is one document. The seconds are those of the whole call of `train`: reading,
counting n-grams, steps, validation, the report. The loss is that of the test part in nats, a token mean, by what predicts unless
told otherwise, the mixture of GPT and n-gram; the n-gram's own stands beside it. MB is the peak of the process's memory. Each seed
splits the lists otherwise; seconds, loss and memory are means over the seeds. A `*` marks what no other setting of the same program
beats in both seconds and loss. --before is another build, which trains the same in turns. --svg draws it, a panel for each file:
what is marked is joined by a line, that of --before in grey.
"""
import argparse
import html
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETTINGS = {
    "--seconds 0.3": ["--seconds", "0.3"],
    "--seconds 1": ["--seconds", "1"],
    "--seconds 4": ["--seconds", "4"],
    "--preset small": ["--preset", "small"],
    "no flags": [],
    "--preset best": ["--preset", "best"],
}
PRESETS_ARE_OF_NAMES = 32  # characters of the longest line for which the presets' context of 16 makes sense
WIDTH, HEIGHT, LEFT, TOP, COLUMNS = 380, 260, 52, 34, 3


def train(program, file, flags, seed, is_text):
    """The test losses of mixture and n-gram, the seconds, and the megabytes."""
    command = [program, "train", file, "--seed", str(seed), "--num-samples", "0", "--quiet", *flags]
    if is_text:
        command += ["--split", "text"]
    with tempfile.TemporaryFile("w+") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=tempfile.gettempdir())
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    rows = re.findall(r"^test +\d+ +\S+ +(\S+) .*\n +\S+-gram +\d+ +\S+ +(\S+) .*\n(?: +mixture +\d+ +\S+ +(\S+) )?", text,
                      re.MULTILINE)  # fmt: skip
    if process.returncode != 0 or len(rows) != 1:
        sys.exit(f"{file}: {text.strip() or 'there is no test'}")
    gpt, ngram, mixture = rows[0]
    return float(mixture or gpt), float(ngram), seconds, usage.ru_maxrss / 1024


def marked(rows):
    """The settings that no other beats: rows is setting -> (loss, n-gram, seconds, MB)."""
    return {name for name, row in rows.items()
            if not any(other[0] <= row[0] and other[2] <= row[2] and other != row for other in rows.values())}


class Picture:
    """Panels of seconds, on a logarithmic axis, against loss."""

    def __init__(self):
        self.panels = []

    def add(self, name, rows, before):
        self.panels.append(self.panel(name, rows, before, len(self.panels)))

    @staticmethod
    def panel(name, rows, before, number):
        points = [*rows.values(), *before.values()]
        losses, seconds = [row[0] for row in points] + [points[0][1]], [math.log10(row[2]) for row in points]
        low, high = min(losses), max(losses)
        pad = 0.08 * (high - low or 1.0)
        first, last = math.floor(2 * min(seconds)) / 2, math.ceil(2 * max(seconds)) / 2
        x0, y0 = LEFT + number % COLUMNS * WIDTH, TOP + number // COLUMNS * HEIGHT

        def at(row):
            return (x0 + (math.log10(row[2]) - first) / (last - first) * (WIDTH - LEFT - 24),
                    y0 + (high + pad - row[0]) / (high - low + 2 * pad) * (HEIGHT - TOP - 46))

        right, bottom = x0 + WIDTH - LEFT - 24, y0 + HEIGHT - TOP - 46
        out = [f'<text x="{x0}" y="{y0 - 12}" class="title">{html.escape(name)}</text>',
               f'<path d="M{x0} {y0}V{bottom}H{right}" class="axis"/>']
        for loss in (low, high):
            out.append(f'<text x="{x0 - 6}" y="{at((loss, 0, 10 ** first, 0))[1] + 4:.1f}" class="end">{loss:.3f}</text>')
        tick = first
        while tick <= last:
            x = at((low, 0, 10**tick, 0))[0]
            out.append(f'<path d="M{x:.1f} {bottom}v4" class="axis"/>'
                       f'<text x="{x:.1f}" y="{bottom + 18}" class="middle">{10**tick:.{0 if tick >= 1 else 1}f} s</text>')
            tick += 0.5
        y = at((points[0][1], 0, 10**first, 0))[1]
        out.append(f'<path d="M{x0} {y:.1f}H{right}" class="ngram"/><text x="{right}" y="{y - 4:.1f}" class="end">n-gram</text>')
        labels = []
        for kind, some in (("before", before), ("now", rows)):
            front = sorted((some[setting] for setting in marked(some)), key=lambda row: row[2])
            out.append(f'<path d="M{"L".join("%.1f %.1f" % at(row) for row in front)}" class="{kind}"/>' if front else "")
            for setting, row in some.items():
                x, y = at(row)
                out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="{kind}"><title>'
                           f'{html.escape(setting)}, {kind}: {row[2]:.2f} s, {row[0]:.4f}</title></circle>')
                if kind == "now":
                    is_hit = any(abs(x - other[0]) < 60 and abs(y - other[1]) < 12 for other in labels)
                    labels.append((x, y))
                    out.append(f'<text x="{x + 6:.1f}" y="{y + (14 if is_hit else -5):.1f}" class="label">'
                               f'{html.escape(setting.removeprefix("--"))}</text>')
        return "\n".join(out)

    def write(self, path):
        rows = (len(self.panels) + COLUMNS - 1) // COLUMNS
        style = """svg { background: #fff; font: 12px sans-serif; fill: #222 } path { fill: none } .title { font-weight: bold }
.axis { stroke: #888 } .ngram { stroke: #b60; stroke-dasharray: 4 3 } path.now { stroke: #06c; stroke-width: 1.5 } circle.now { fill: #06c }
path.before { stroke: #999 } circle.before { fill: #aaa } .end { text-anchor: end } .middle { text-anchor: middle } .label { font-size: 10px }
@media (prefers-color-scheme: dark) { svg { background: #111; fill: #ddd } path.now { stroke: #6af } circle.now { fill: #6af } }"""
        width, height = COLUMNS * WIDTH, rows * HEIGHT
        pathlib.Path(path).write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="Seconds of training '
            f'against the loss of the test">\n<!-- SPDX-License-Identifier: MIT -->\n<style>{style}</style>\n' + "\n".join(self.panels) + "\n</svg>\n")


def measure(programs, file, seeds, is_text):
    """name of the program -> setting -> means over the seeds."""
    is_short = not is_text and max(map(len, file.read_text(errors="replace").splitlines())) <= PRESETS_ARE_OF_NAMES
    settings = {name: flags for name, flags in SETTINGS.items() if is_short or "--preset" not in flags}
    figures = {name: {setting: [] for setting in settings} for name in programs}
    for seed in seeds:
        for setting, flags in settings.items():
            for name, program in programs.items():
                figures[name][setting].append(train(program, file, flags, seed, is_text))
    return {name: {setting: tuple(map(statistics.mean, zip(*rows))) for setting, rows in of_program.items()}
            for name, of_program in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILES")
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "microgpt")
    parser.add_argument("--before", type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], metavar="N")
    parser.add_argument("--svg", metavar="FILE")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    programs = {"now": arguments.program.resolve()}
    if arguments.before:
        programs["before"] = arguments.before.resolve()
    print(f"test loss of the mixture, token mean, nats; {len(os.sched_getaffinity(0))} cores; seeds {arguments.seeds}")
    print(f"{'file':16} {'setting':15} {'program':8} {'seconds':>8} {'loss':>8} {'n-gram':>8} {'MB':>6}")
    picture, all_figures = Picture(), {}
    corpora = [(file, False) for file in arguments.files] + ([(arguments.text, True)] if arguments.text else [])
    for file, is_text in corpora:
        figures = all_figures[file.stem] = measure(programs, file.resolve(), arguments.seeds, is_text)
        best = {name: marked(rows) for name, rows in figures.items()}
        for setting in figures["now"]:
            for name, rows in figures.items():
                loss, ngram, seconds, megabytes = rows[setting]
                print(f"{file.stem:16} {setting:15} {name:8} {seconds:8.2f} {loss:8.4f} {ngram:8.4f} {megabytes:6.0f}"
                      f"{' *' if setting in best[name] else ''}", flush=True)
        picture.add(file.stem, figures["now"], figures.get("before", {}))
    if arguments.svg:
        picture.write(arguments.svg)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(all_figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
