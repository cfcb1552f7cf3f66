# SPDX-License-Identifier: MIT
"""The build backend of pyproject.toml: setuptools and wheel as the system has them, which pip would otherwise want to download.

Setuptools, and not scikit-build-core, as Debian 12 has no package of that; what the module is made of is CMake's business
either way (setup.py).
"""
import importlib.util
import subprocess
import sys

if not (importlib.util.find_spec("setuptools") and importlib.util.find_spec("wheel")):
    # pip builds in an environment without the system's packages; the system's interpreter knows where they are.
    ask = "import setuptools, wheel, pathlib; print(pathlib.Path(setuptools.__file__).parent.parent)"
    for interpreter in ("/usr/bin/python3", getattr(sys, "_base_executable", sys.executable)):
        found = subprocess.run([interpreter, "-I", "-c", ask], capture_output=True, text=True)
        if found.returncode == 0:
            sys.path.append(found.stdout.strip())
            break
    else:
        raise SystemExit("setuptools or wheel is missing: install Debian's python3-setuptools and python3-wheel")

from setuptools.build_meta import *  # noqa: E402, F401, F403


# They are there.
def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []
