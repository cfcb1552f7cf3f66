# SPDX-License-Identifier: MIT
"""How pip builds the extension: with CMake, from the same sources as the program. All else stands in pyproject.toml."""
import pathlib
import re
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = pathlib.Path(__file__).parent.resolve()
VERSION = re.search(r"project\(microgpt VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


class BuildWithCMake(build_ext):
    def build_extension(self, ext):
        to = pathlib.Path(self.get_ext_fullpath(ext.name)).parent.resolve()
        build = pathlib.Path(self.build_temp).resolve()
        subprocess.run(["cmake", "-G", "Ninja", "-S", ROOT, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DMICROGPT_UNITY=ON",
                        "-DMICROGPT_PYTHON=ON", "-DMICROGPT_PROGRAM=OFF", "-DMICROGPT_SHARED=OFF", "-DMICROGPT_BUILD_TESTS=OFF",
                        f"-DPython3_EXECUTABLE={sys.executable}", "--log-level=WARNING"], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "microgpt_python"], check=True)
        to.mkdir(parents=True, exist_ok=True)
        for module in (build / "python/microgpt").glob("_microgpt*.so"):
            self.copy_file(str(module), str(to))


setup(version=VERSION, ext_modules=[Extension("microgpt._microgpt", sources=[])], cmdclass={"build_ext": BuildWithCMake})
