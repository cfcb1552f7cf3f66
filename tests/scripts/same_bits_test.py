#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/same_bits.py finds bits that differ where they must not. usage: same_bits_test.py ROOT"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(sys.argv.pop(), "scripts")))

from same_bits import REFERENCE, FAST, find_difference  # noqa: E402

FAST_MODEL, EXACT_MODEL = next(iter(FAST)), next(iter(REFERENCE))


class FindDifference(unittest.TestCase):
    def test_finds_none_where_all_are_equal(self):
        for model in (FAST_MODEL, EXACT_MODEL):
            self.assertIsNone(find_difference([(model, "native", "avx2", "with", "1"), (model, "aarch64", "neon", "with", "1")]))

    def test_finds_another_hash_in_any_line(self):
        for odd in range(3):
            hashes = ["1", "1", "1"]
            hashes[odd] = "2"
            results = [(FAST_MODEL, f"host{i}", "scalar", "with", found) for i, found in enumerate(hashes)]
            self.assertIn(f"host{max(odd, 1)}", find_difference(results))

    def test_the_fast_engine_does_not_depend_on_the_c_library_and_the_others_do(self):
        for model, expected in ((FAST_MODEL, True), (EXACT_MODEL, False)):
            results = [(model, "native", "scalar", "with", "1"), (model, "qemu64", "scalar", "without", "2")]
            self.assertEqual(find_difference(results) is not None, expected)

    def test_the_others_agree_with_one_another_on_the_same_c_library(self):
        for other in REFERENCE:
            results = [(EXACT_MODEL, "native", "scalar", "without", "1"), (other, "qemu64", "scalar", "without", "2")]
            self.assertIn("qemu64", find_difference(results))

    def test_models_of_the_fast_engine_are_compared_with_themselves_only(self):
        self.assertIsNone(find_difference([(model, "native", "avx2", "with", model) for model in FAST]))


if __name__ == "__main__":
    unittest.main()
