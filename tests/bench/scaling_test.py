# SPDX-License-Identifier: MIT
"""The model of bench/scaling.py: what ranks say to each other, what a step costs, and that constants are found again."""

import dataclasses
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

import scaling_model as model  # noqa: E402
from scaling_model import Constants, Job, Protocol, Setting  # noqa: E402

SMALL = Job(layers=4, width=128, documents=32)
LARGE = Job(layers=6, width=384, documents=256, block=256, vocabulary=64)
TRUE = Constants(operation=6e-12, parameter=1.5e-9, byte=3e-10, message=2e-4, goodput=0.9)


class CountsTest(unittest.TestCase):
    def test_shards_are_cut_as_the_engine_cuts_them(self):
        header = (ROOT / "src/engine/fast/shards.h").read_text()

        def constant(name):
            return int(re.search(name + r" = (?:std::size_t\{1\} << )?(\d+);", header)[1])

        self.assertEqual(constant("kMaxSmallParameters"), 20)
        most, least = constant("kMaxShards"), constant("kMinShardPositions")
        most_large, least_large = constant("kMaxLargeShards"), constant("kMinLargeShardPositions")
        for parameters, most, least in ((1 << 20, most, least), ((1 << 20) + 1, most_large, least_large)):
            for positions in (1, least, 2 * least - 1, 2 * least, 4 * least - 1, 4 * least, 1000 * least):
                shards = model.shard_count(positions, parameters)
                self.assertEqual(shards & (shards - 1), 0)
                self.assertLessEqual(shards, most)
                self.assertTrue(shards == 1 or shards * least <= positions)
                self.assertTrue(shards == most or 2 * shards * least > positions)

    def test_subtrees(self):
        self.assertEqual([model.subtree_count(16, ranks) for ranks in (1, 2, 3, 4, 5, 16, 17)], [1, 2, 8, 4, 16, 16, 16])

    def test_parameters_and_operations(self):
        self.assertEqual(SMALL.parameters, 801536)
        self.assertEqual(SMALL.operations, 6 * (12 * 128**2 * 4 + 27 * 128) * 2048 + 12 * 128 * 4 * 32 * 64 * 65 // 2)

    def bytes_and_messages(self, job, ranks, **protocol):
        return [(e.bytes, e.messages) for e in model.gradient_exchanges(job, ranks, job.shards, Protocol(**protocol))]

    def test_a_gradient_and_the_parameters_are_sent(self):
        gradient = 4.0 * SMALL.parameters
        self.assertEqual(self.bytes_and_messages(SMALL, 1), [])
        self.assertEqual(self.bytes_and_messages(SMALL, 2), [(gradient / 2, 1)] * 2)
        self.assertEqual(self.bytes_and_messages(SMALL, 4), [(gradient * 3 / 4, 3)] * 2)
        self.assertEqual(self.bytes_and_messages(SMALL, 4, gathers_gradient=True), [(gradient * 3 / 4, 3)] * 3)

    def test_three_ranks_have_subtrees_of_eight(self):
        slice_bytes = 4.0 * SMALL.parameters / 3
        self.assertEqual(self.bytes_and_messages(SMALL, 3), [(slice_bytes * 6, 6), (slice_bytes * 2, 2)])

    def test_ranks_without_shards_still_get_slices(self):
        slice_bytes = 4.0 * LARGE.parameters / 16
        self.assertEqual(self.bytes_and_messages(LARGE, 16), [(slice_bytes * 15, 15)] * 2)

    def test_the_batch_is_sent_once_unless_each_rank_gets_it(self):
        def tokens(ranks, **protocol):
            return sum(e.bytes for e in model.broadcast_exchanges(LARGE, ranks, 4, Protocol(**protocol))[1:3])

        self.assertEqual(tokens(4), 8.0 * LARGE.positions * 3 / 4)
        self.assertEqual(tokens(1024), 8.0 * LARGE.positions * 3 / 4)
        self.assertEqual(tokens(1024, whole_batch=True), 8.0 * LARGE.positions * 1023)

    def test_latencies(self):
        def latency(job, ranks, **protocol):
            return model.cost(Setting(job, ranks, delay=1.0, protocol=Protocol(**protocol)), TRUE).latency

        tiny = Job(layers=1, width=16, documents=8)
        self.assertEqual(latency(tiny, 1), 0.0)
        self.assertEqual(latency(tiny, 2), 1 + 1 + 1 + 1)
        self.assertEqual(latency(SMALL, 2), 1 + 3 + 1 + 3)
        self.assertEqual(latency(SMALL, 2, step_message=False), 1 + 3 + 3)
        self.assertEqual(latency(SMALL, 2, gathers_gradient=True), 1 + 3 + 3 + 1 + 3)


class CostTest(unittest.TestCase):
    def test_one_rank_computes_and_nothing_else(self):
        cost = model.cost(Setting(SMALL, 1), TRUE)
        self.assertAlmostEqual(cost.total, TRUE.operation * SMALL.operations + TRUE.parameter * SMALL.parameters)

    def test_ranks_on_one_core_take_turns(self):
        def compute(ranks_per_core):
            return model.cost(Setting(SMALL, 4, ranks_per_core=ranks_per_core), TRUE).compute

        self.assertAlmostEqual(compute(2), 2 * compute(1))

    def test_bandwidth_counts_beyond_what_copying_takes(self):
        slow = model.cost(Setting(SMALL, 2, rate=1e7), TRUE)
        self.assertAlmostEqual(slow.network + slow.copies, 8 * 4.0 * SMALL.parameters / (1e7 * TRUE.goodput), places=3)
        self.assertEqual(model.cost(Setting(SMALL, 2, rate=1e15), TRUE).network, 0.0)

    def test_overlap_hides_at_most_half_of_computing(self):
        plain, hidden = (model.cost(Setting(SMALL, 2, rate=1e8, protocol=Protocol(overlap=o)), TRUE) for o in (False, True))
        self.assertAlmostEqual(plain.total - hidden.total, plain.compute / 2)


class FitTest(unittest.TestCase):
    def test_constants_are_found_again(self):
        jobs = (SMALL, Job(2, 128, 64), Job(4, 192, 64), Job(2, 256, 16))
        networks = ((1, None, 0.0), (2, None, 0.0), (4, None, 0.0), (2, 2e8, 0.0), (4, 1e8, 1e-3), (3, None, 2e-3), (8, None, 0.0))
        settings = [Setting(job, ranks, rate, delay, -(-ranks // 2)) for job in jobs for ranks, rate, delay in networks]
        points = [(setting, model.cost(setting, TRUE).total) for setting in settings]
        start = Constants(**{name: 2.0 * value for name, value in vars(TRUE).items()} | {"goodput": 1.0})
        found = model.fit(points, start)
        unseen = Setting(Job(6, 384, 64), 4, 1e9, 1e-4, 2)
        self.assertAlmostEqual(model.cost(unseen, found).total / model.cost(unseen, TRUE).total, 1.0, places=2)
        for field in dataclasses.fields(Constants):
            with self.subTest(field.name):
                self.assertAlmostEqual(getattr(found, field.name) / getattr(TRUE, field.name), 1.0, places=1)


if __name__ == "__main__":
    unittest.main()
