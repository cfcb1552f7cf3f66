#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mutate.py SOURCE RESULT FROM TO: copies a source with FROM replaced by TO. FROM must occur exactly once; "\\n" is a line end."""
import pathlib
import sys


def main():
    source, result, old, new = sys.argv[1:]
    old, new = (text.replace("\\n", "\n") for text in (old, new))
    text = pathlib.Path(source).read_text()
    if text.count(old) != 1:
        sys.exit(f"{source}: the text to mutate occurs {text.count(old)} times instead of once: {old}")
    result = pathlib.Path(result)
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(text.replace(old, new))


if __name__ == "__main__":
    main()
