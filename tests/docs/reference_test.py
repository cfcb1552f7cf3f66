#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference of the library is made from its headers without a warning, and has each class with its comment.

usage: reference_test.py ROOT
Exit status: 77, skipped, where there is no doxygen.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

if not shutil.which("doxygen"):
    print("skipped: there is no doxygen")
    sys.exit(77)
root = pathlib.Path(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    settings = (root / "docs/Doxyfile").read_text() + f"\nOUTPUT_DIRECTORY = {folder}\n"
    done = subprocess.run(["doxygen", "-"], input=settings, cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    pages = pathlib.Path(folder) / "html"
    for name, words in (("Model", "does not change after it is made"), ("Scorer", "one by one"), ("Classifier", "Copies share")):
        assert words in (pages / f"classmicrogpt_1_1{name}.html").read_text(), name
