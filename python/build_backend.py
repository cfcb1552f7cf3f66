# SPDX-License-Identifier: MIT
"""The build backend of pyproject.toml: setuptools as the system has it, which pip would otherwise want to download.

Setuptools, and not scikit-build-core, as Debian 12 has no package of that; what the module is made of is CMake's business
either way (setup.py).
"""
import subprocess
import sys

try:
    import setuptools  # noqa: F401
except ImportError:
    # pip builds in an environment without the system's packages, which the system's interpreter still knows where to find.
    ask = "import setuptools, pathlib; print(pathlib.Path(setuptools.__file__).parent.parent)"
    for interpreter in ("/usr/bin/python3", getattr(sys, "_base_executable", sys.executable)):
        found = subprocess.run([interpreter, "-c", ask], capture_output=True, text=True)
        if found.returncode == 0:
            sys.path.append(found.stdout.strip())
            break
    else:
        raise SystemExit("setuptools is missing: install python3-setuptools")

from setuptools.build_meta import *  # noqa: E402, F401, F403
