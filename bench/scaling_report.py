# SPDX-License-Identifier: MIT
"""The tables that bench/scaling.py prints. docs/scaling.md says how to read them."""
import dataclasses

from scaling_model import Job, Protocol, Setting, cost

RANKS = (1, 4, 16, 64, 256, 1024)
NETWORKS = (("1 Gbit/s, 100 µs", 1e9, 100e-6), ("10 Gbit/s, 50 µs", 1e10, 50e-6), ("100 Gbit/s, 5 µs", 1e11, 5e-6))
STRONG = {"10 million": Job(6, 384, 256, 256, 64), "100 million": Job(14, 768, 256, 256, 64)}
DOCUMENTS_PER_RANK = 64  # of the weak scaling
CORES_PER_RANK = 16
MOST_RANKS = 1 << 13
CHANGES = (
    ("as it is", Protocol(), False),
    ("a shard for each rank", Protocol(), True),
    ("and sums while backward goes on", Protocol(overlap=True), True),
    ("and the rate sent with the batch", Protocol(overlap=True, step_message=False), True),
)
BEFORE = (
    ("the gradient made whole at each step", Protocol(gathers_gradient=True), False),
    ("the whole batch to each rank", Protocol(whole_batch=True), False),
    ("both", Protocol(gathers_gradient=True, whole_batch=True), False),
)
PARTS = {"compute": "computing", "copies": "copying and calls", "network": "bandwidth", "latency": "latency", "batch": "rank 0's batch"}


def duration(seconds):
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1.0:
            break
    return f"{seconds * factor:.3g} {unit}" if seconds * factor < 999.5 else f"{seconds * factor:.0f} {unit}"


def print_table(head, rows):
    rows = [list(map(str, row)) for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *rows]) for i in range(len(head))]
    print("| " + " | ".join(cell.ljust(width) for cell, width in zip(head, widths)) + " |")
    print("| " + " | ".join("-" * width for width in widths) + " |")
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
    print()


def print_constants(constants):
    print("Constants, fitted\n")
    units = {"goodput": ""}
    print_table(("constant", "value"), [(f.name, f"{getattr(constants, f.name):.3g}{units.get(f.name, ' s')}") for f in dataclasses.fields(constants)])


def network_of(setting):
    if setting.ranks == 1:
        return "-"
    rate = "as it goes" if setting.rate is None else f"{setting.rate / 1e6:.0f} Mbit/s"
    return f"{rate}, {setting.delay * 1e3:.0f} ms" if setting.delay else rate


def print_predictions(measured, fitted, constants):
    """Returns the largest error of what was not fitted."""
    worst = 0.0
    for title, chosen in (("Fitted", fitted), ("Predicted", [s for s in measured if s not in fitted])):
        rows = []
        for setting in chosen:
            seconds, predicted = measured[setting], cost(setting, constants).total
            error = predicted / seconds - 1.0
            if setting not in fitted:
                worst = max(worst, abs(error))
            job = setting.job
            rows.append((f"{job.layers}x{job.width}", job.positions, setting.ranks, network_of(setting), f"{seconds * 1e3:.1f}",
                         f"{predicted * 1e3:.1f}", f"{error:+.1%}"))  # fmt: skip
        print(f"{title}: milliseconds of a step\n")
        print_table(("model", "positions", "ranks", "network", "measured", "model says", "error"), rows)
    print(f"The worst prediction of what was not fitted is off by {worst:.1%}.\n")
    return worst


def setting_on(network, job, ranks, protocol, cut):
    """`cut`: as many shards as there are ranks, of at least one document each, where the engine has fewer."""
    shards = max(job.shards, min(ranks, job.documents)) if cut else None
    return Setting(job, ranks, network[1], network[2], cores_per_rank=CORES_PER_RANK, shards=shards, protocol=protocol)


def speed_up(settings_of, ranks, constants, is_weak):
    one, many = cost(settings_of(1), constants).total, cost(settings_of(ranks), constants).total
    return one / many * (ranks if is_weak else 1)


def knee(settings_of, constants, is_weak):
    """The most ranks, a power of two, at which half of what they could do is done, and what then takes the most of a step of twice
    as many. (With few ranks the efficiency falls with their number.)"""
    ranks = 1
    while ranks < MOST_RANKS and speed_up(settings_of, 2 * ranks, constants, is_weak) >= ranks:
        ranks *= 2
    parts = vars(cost(settings_of(2 * ranks), constants))
    return ranks, PARTS[max(parts, key=parts.get)]


def jobs(job, is_weak):
    """The job of so many ranks."""
    return lambda ranks: dataclasses.replace(job, documents=DOCUMENTS_PER_RANK * ranks) if is_weak else job


def print_extrapolation(constants):
    print(f"Each rank is a machine of {CORES_PER_RANK} such cores.\n")
    for is_weak in (False, True):
        for name, job in STRONG.items():
            job_of = jobs(job, is_weak)
            what = f"{DOCUMENTS_PER_RANK * job.block} positions a rank" if is_weak else f"{job.positions} positions in all"
            rows = []
            for network in NETWORKS:
                for cut in (False, True):
                    cells = [network[0], "one a rank" if cut else "as it is"]
                    for ranks in RANKS:
                        settings_of = lambda n: setting_on(network, job_of(n), n, Protocol(), cut)
                        seconds = cost(settings_of(ranks), constants).total
                        gain = speed_up(settings_of, ranks, constants, is_weak)
                        cells.append(f"{duration(seconds)}, {gain:.3g}×, {gain / ranks:.0%}")
                    rows.append(cells)
            print(f"{'Weak' if is_weak else 'Strong'} scaling, {name} parameters, {what}: step, speed-up, efficiency\n")
            print_table(("network", "shards", *(f"{ranks} rank{'s' if ranks > 1 else ''}" for ranks in RANKS)), rows)
    print("The knee: the most ranks that do at least half of what they could, and what most of a step goes to beyond it\n")
    rows = []
    for label, protocol, cut in BEFORE[::-1] + CHANGES:
        cells = [label]
        for is_weak in (False, True):
            for job in STRONG.values():
                found = []
                for network in NETWORKS:
                    job_of = jobs(job, is_weak)
                    ranks, part = knee(lambda n: setting_on(network, job_of(n), n, protocol, cut), constants, is_weak)
                    found.append(f"{ranks} ({part})")
                cells.append(", ".join(found))
        rows.append(cells)
    heads = [f"{kind}, {name}" for kind in ("strong", "weak") for name in STRONG]
    print_table(("change", *heads), rows)

    name, job = next(iter(STRONG.items()))
    network = NETWORKS[1]
    print(f"What each change gains: a step of {name} parameters at {network[0]}\n")
    rows = []
    for label, protocol, cut in BEFORE[::-1] + CHANGES:
        cells = [label]
        for is_weak in (False, True):
            for ranks in (4, 64, 1024):
                setting = setting_on(network, jobs(job, is_weak)(ranks), ranks, protocol, cut)
                cells.append(duration(cost(setting, constants).total))
        rows.append(cells)
    print_table(("change", *(f"{kind}, {ranks} ranks" for kind in ("strong", "weak") for ranks in (4, 64, 1024))), rows)
