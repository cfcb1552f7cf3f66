# SPDX-License-Identifier: MIT
"""What a step of `train` takes on ranks of MPI, from a few constants of the machines and of the network; and how to fit these.

How a batch is cut, who sends what to whom, and in which order, is what src/engine/fast/shards.h, src/engine/fast/rank_sum.cc and
src/distributed/data_parallel.cc do. docs/scaling.md has the formulas. Seconds, bytes, bits per second.
"""
import dataclasses
import math

EAGER = 65536  # bytes of a message that Open MPI sends at once over TCP; a longer one first asks the receiver
CONTROL = 128  # bytes of a message of src/distributed/messages.h, roughly


@dataclasses.dataclass(frozen=True)
class Job:
    """A model, and the documents of a step, each as long as the context."""

    layers: int
    width: int
    documents: int
    block: int = 64
    vocabulary: int = 27

    @property
    def parameters(self):
        return 12 * self.layers * self.width**2 + (2 * self.vocabulary + self.block) * self.width

    @property
    def positions(self):
        return self.documents * self.block

    @property
    def operations(self):
        """As bench/README.md counts them."""
        products = 6 * (12 * self.width**2 * self.layers + self.vocabulary * self.width) * self.positions
        return products + 12 * self.width * self.layers * self.documents * self.block * (self.block + 1) // 2

    @property
    def shards(self):
        return shard_count(self.positions, self.parameters)


def power_of_two_up_to(number):
    return 1 << (number.bit_length() - 1)


def shard_count(positions, parameters, most_large=4):
    large = parameters > 1 << 20
    most, least = (most_large, 1024) if large else (16, 192)
    return power_of_two_up_to(min(max(positions // least, 1), most))


def subtree_count(shards, ranks):
    is_power = ranks & (ranks - 1) == 0
    return min(shards, ranks if is_power else 4 * power_of_two_up_to(ranks))


def share_of(count, rank, ranks):
    return count * (rank + 1) // ranks - count * rank // ranks


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What ranks say to each other beyond the slices of gradients and parameters: as it is, unless said otherwise."""

    gathers_gradient: bool = False  # each step makes the gradient whole on all ranks, as --clip does
    whole_batch: bool = False  # each rank gets all documents, not only those that it computes
    step_message: bool = True  # the rate of the step comes by a message of its own
    overlap: bool = False  # gradients are sent while the second half of the work on shards goes on


@dataclasses.dataclass(frozen=True)
class Exchange:
    """What all ranks do at once: the most bytes and messages that one rank sends or receives, the bytes of all ranks that
    share its core, and how long a message is."""

    bytes: float
    messages: int
    piece: float


def gradient_exchanges(job, ranks, shards, protocol):
    """The slices of the gradients, and then those of the parameters."""
    if ranks == 1:
        return []
    subtrees = subtree_count(shards, ranks)
    piece = 4.0 * job.parameters / ranks
    own = [share_of(subtrees, rank, ranks) for rank in range(ranks)]
    sent, received = max(own) * (ranks - 1), subtrees - min(own)
    gather = Exchange(piece * (ranks - 1), ranks - 1, piece)
    return [Exchange(piece * max(sent, received), max(sent, received), piece)] + [gather] * (1 + protocol.gathers_gradient)


def broadcast_exchanges(job, ranks, shards, protocol):
    """Rank 0 sends each other rank what to do, where documents begin, inputs and targets; and later the step to take."""
    if ranks == 1:
        return []
    others = ranks - 1
    of_rank = 4.0 * job.positions * (1.0 if protocol.whole_batch else 1.0 / min(ranks, shards))
    tokens = others * of_rank if protocol.whole_batch else 4.0 * job.positions - of_rank
    begins = 8.0 * (job.documents + 1)
    exchanges = [
        Exchange(others * (CONTROL + begins), 2 * others, begins),
        Exchange(tokens, others, of_rank),
        Exchange(tokens, others, of_rank),
    ]
    if protocol.step_message or protocol.gathers_gradient:
        exchanges.append(Exchange(others * CONTROL, others, CONTROL))
    return exchanges


def latencies(piece):
    """A short message is one; a long one asks, is answered, and goes."""
    return 1 if piece <= EAGER else 3


def broadcast_latencies(exchanges, protocol):
    """Short messages follow each other at once, each long one waits for its answer, and the step comes when all have the gradient."""
    if not exchanges:
        return 0
    answered = sum(latencies(e.piece) for e in exchanges if e.piece > EAGER)
    return max(1, answered) + (1 if protocol.step_message else 0)


@dataclasses.dataclass(frozen=True)
class Constants:
    """What is fitted. All are positive."""

    operation: float  # seconds an operation of a product, on one core
    parameter: float  # seconds a parameter of what no other rank relieves a rank of: copies of weights, the mean of the steps
    byte: float  # seconds of a core a byte that is sent or received
    message: float  # seconds of a core a message
    goodput: float  # part of the bandwidth that carries what is sent


@dataclasses.dataclass(frozen=True)
class Setting:
    """Ranks on machines of a network, or on the cores of one machine that plays them."""

    job: Job
    ranks: int
    rate: float | None = None  # bits per second that a machine sends at most
    delay: float = 0.0  # seconds from one machine to another
    ranks_per_core: int = 1
    cores_per_rank: int = 1
    shards: int | None = None  # as the engine cuts the batch, unless said otherwise
    protocol: Protocol = Protocol()


@dataclasses.dataclass(frozen=True)
class Cost:
    """The parts of a step, in seconds."""

    compute: float  # shards, and what each rank does for all parameters
    copies: float  # of cores, for bytes and messages
    network: float  # bytes over bandwidth, beyond the copies
    latency: float
    batch: float  # all that rank 0 tells the others

    @property
    def total(self):
        return self.compute + self.copies + self.network + self.latency + self.batch


def compute_seconds(setting, k):
    job, ranks = setting.job, setting.ranks
    shards = setting.shards or job.shards
    subtrees = subtree_count(shards, ranks)
    cores = -(-ranks // setting.ranks_per_core)
    on_core = [0] * cores
    for rank in range(ranks):
        on_core[rank % cores] += share_of(subtrees, rank, ranks) * shards // subtrees
    of_shard = k.operation * job.operations / shards / setting.cores_per_rank
    return max(on_core) * of_shard + setting.ranks_per_core * k.parameter * job.parameters


def cost(setting, k):
    copies = network = latency = batch = 0.0
    compute = compute_seconds(setting, k)
    shards = setting.shards or setting.job.shards
    hidden = compute / 2.0 if setting.protocol.overlap else 0.0
    seconds_per_byte = 0.0 if setting.rate is None else 8.0 / (setting.rate * k.goodput)
    sharing = setting.ranks_per_core
    for e in gradient_exchanges(setting.job, setting.ranks, shards, setting.protocol):
        of_core = sharing * (2.0 * e.bytes * k.byte + e.messages * k.message)
        copies += of_core
        network += max(0.0, e.bytes * seconds_per_byte - of_core - hidden)
        hidden = 0.0
        latency += latencies(e.piece) * setting.delay
    broadcasts = broadcast_exchanges(setting.job, setting.ranks, shards, setting.protocol)
    for e in broadcasts:
        batch += e.bytes * max(seconds_per_byte, k.byte) + e.messages * k.message
    latency += broadcast_latencies(broadcasts, setting.protocol) * setting.delay
    return Cost(compute, copies, network, latency, batch)


def solve(matrix, right):
    """Gaussian elimination with pivots."""
    n = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for other in range(i + 1, n):
            factor = rows[other][i] / rows[i][i]
            rows[other] = [a - factor * b for a, b in zip(rows[other], rows[i])]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][j] * x[j] for j in range(i + 1, n))) / rows[i][i]
    return x


def fit(points, start, rounds=200):
    """The constants whose predictions of (setting, seconds) have the least squares of relative errors (of their logarithms), found
    by Levenberg and Marquardt's method from `start`, in the logarithms of the constants, which keeps them positive."""
    names = [field.name for field in dataclasses.fields(start)]

    def errors(x):
        k = Constants(**{name: math.exp(value) for name, value in zip(names, x)})
        return [math.log(cost(setting, k).total / seconds) for setting, seconds in points]

    def squares(e):
        return sum(value * value for value in e)

    x = [math.log(getattr(start, name)) for name in names]
    e, damping, h = errors(x), 1e-2, 1e-5
    for _ in range(rounds):
        columns = []
        for i in range(len(x)):
            moved = errors([value + h * (i == j) for j, value in enumerate(x)])
            columns.append([(b - a) / h for a, b in zip(e, moved)])
        normal = [[sum(a * b for a, b in zip(c, d)) for d in columns] for c in columns]
        right = [-sum(a * b for a, b in zip(c, e)) for c in columns]
        for i in range(len(x)):
            normal[i][i] += damping * (normal[i][i] + 1e-6)
        tried = [value + max(-1.0, min(1.0, step)) for value, step in zip(x, solve(normal, right))]
        new = errors(tried)
        if squares(new) < squares(e):
            x, e, damping = tried, new, damping / 3.0
        else:
            damping *= 4.0
        if damping > 1e12:
            break
    return Constants(**{name: math.exp(value) for name, value in zip(names, x)})
