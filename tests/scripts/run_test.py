#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run must work from anywhere: another folder, a symbolic link, a CDPATH, and find out that its clone was moved."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()


def call(command, folder, **environment):
    variables = {**os.environ, "MICROGPT_NO_INSTALL": "1", **environment}
    return subprocess.run(command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_configured(root, build):
    script = f'. "{ROOT}/scripts/packages.sh"; is_configured "$1" "$2"'
    return subprocess.run(["sh", "-c", script, "sh", root, build]).returncode == 0


def main():
    if not (ROOT / "build" / "release" / "microgpt").exists():
        print("skipped: build/release is not what is tested here")
        return 0
    failures = []

    def expect(what, condition):
        if not condition:
            failures.append(what)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "names.txt").write_text("anna\nbob\n")
        (folder / "link").symlink_to(ROOT / "run")
        flags = ["reference", "--corpus", "names.txt", "--num-steps", "1", "--num-samples", "0"]
        for what, command, variables in [
            ("from another folder", [ROOT / "run", *flags], {}),
            ("through a symbolic link", ["./link", *flags], {}),
            ("with a CDPATH", ["sh", os.path.relpath(ROOT / "run", folder), *flags], {"CDPATH": f"{folder}:/tmp"}),
        ]:
            result = call(command, folder, **variables)
            expect(f"{what}: {result.stderr}", result.returncode == 0 and result.stdout.startswith("num docs: 2\n"))
        moved = folder / "moved"
        moved.mkdir()
        for name in ("build.ninja", "CMakeCache.txt"):
            shutil.copy(ROOT / "build" / "release" / name, moved)
        expect("a build of these sources is usable", is_configured(ROOT, ROOT / "build" / "release"))
        expect("a build of other sources is not", not is_configured(folder, moved))
        expect("no build is none", not is_configured(ROOT, folder))
    print("\n".join(failures) or "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
