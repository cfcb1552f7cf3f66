#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The comparison must find what it is there to find."""
import unittest

from compare import find_difference, find_far_number


class FarNumber(unittest.TestCase):
    def test_passes_what_is_close(self):
        self.assertIsNone(find_far_number([1.0, 2.0 + 1e-10], [1.0, 2.0]))

    def test_finds_what_is_wrong(self):
        wrong = ([1.0, float("nan")], [1.0, float("inf")], [1.0, -2.0], [1.0, 2.00001], [1.0], [])
        for actual in wrong:
            self.assertIsNotNone(find_far_number(actual, [1.0, 2.0]), actual)
        self.assertIsNotNone(find_far_number([], []))


class Difference(unittest.TestCase):
    def test_bits(self):
        self.assertIsNone(find_difference("losses.hex", "0x1.8p+0\n", "0x1.8p+0\n", True))
        self.assertIsNotNone(find_difference("losses.hex", "0x1.8000000000001p+0\n", "0x1.8p+0\n", True))
        self.assertIsNotNone(find_difference("losses.hex", "", "", True))

    def test_near(self):
        self.assertIsNone(find_difference("losses.hex", "0x1.8000000000001p+0\n", "0x1.8p+0\n", False))
        self.assertIsNotNone(find_difference("losses.hex", "0x1.9p+0\n", "0x1.8p+0\n", False))

    def test_output(self):
        expected = "num docs: 3\nstep 1 | loss 2\nsample  1: anna\n"
        self.assertIsNone(find_difference("stdout.txt", expected.replace("loss 2", "loss 3"), expected, False))
        self.assertIsNotNone(find_difference("stdout.txt", expected.replace("loss 2", "loss 3"), expected, True))
        self.assertIsNotNone(find_difference("stdout.txt", expected.replace("anna", "emma"), expected, False))
        self.assertIsNotNone(find_difference("stdout.txt", "", "", False))


if __name__ == "__main__":
    unittest.main()
