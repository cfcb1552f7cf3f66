#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the build costs, in seconds of processor time: by room, the longest files, and what headers cost by themselves.

usage: bench/build.py [--each-file] [--target TARGET] [--jobs N] [--folder FOLDER]

Configures the preset `release` in a folder of its own, builds TARGET there (microgpt, all it needs and nothing else) from
nothing and without a compiler cache, and removes the folder. A room of src/ is compiled as one file, as `./run` does it;
--each-file compiles each by itself, and so tells which of them is dear.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOG = "MICROGPT_BUILD_COSTS"  # the environment variable that names the file for the figures
LONGEST = 10


def launch(command):
    """Runs one command of the build, and notes what it took."""
    code = subprocess.run(command).returncode
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.environ[LOG], "a") as log:
        log.write(json.dumps({"output": output_of(command), "seconds": usage.ru_utime + usage.ru_stime}) + "\n")
    return code


def output_of(command):
    return command[command.index("-o") + 1] if "-o" in command else command[-1]


def room_of(output):
    """"src/engine/fast/kernels" for .../microgpt_library.dir/engine/fast/kernels/rows.cc.o, "src/cli" for .../unity_cli-main_cxx.cxx.o."""
    above, _, inside = output.partition(".dir/")
    if not inside:
        return "linking"
    unity = re.search(r"unity_([\w.]+)-\w+_cxx\.cxx\.o$", inside)
    folder = unity[1].replace(".", "/") if unity else str(pathlib.PurePath(inside).parent)
    top = above.split("CMakeFiles/")[0].strip("/")
    return str(pathlib.PurePath(top) / folder)


def name_of(output):
    return pathlib.PurePath(output.partition(".dir/")[2] or output).with_suffix("").as_posix()


def build(folder, arguments):
    log = folder / "costs.jsonl"
    environment = {**os.environ, LOG: str(log), "CCACHE_DISABLE": "1"}
    launcher = f"{sys.executable};{pathlib.Path(__file__).resolve()};--launch"
    begin = time.monotonic()
    subprocess.run(["cmake", "--preset", "release", "-B", str(folder / "build"), "--log-level=WARNING", "-DMICROGPT_BUILD_TESTS=OFF",
                    f"-DMICROGPT_UNITY={'OFF' if arguments.each_file else 'ON'}", f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}",
                    f"-DCMAKE_CXX_LINKER_LAUNCHER={launcher}"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    configured = time.monotonic()
    jobs = ["--parallel", str(arguments.jobs)] if arguments.jobs else []
    subprocess.run(["cmake", "--build", str(folder / "build"), "--target", arguments.target, *jobs], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    built = time.monotonic()
    return [json.loads(line) for line in log.read_text().splitlines()], configured - begin, built - configured


def third_party_headers():
    """Those that sources include from elsewhere, but for the standard library's and the system's, which have no folder."""
    found = {}
    for pattern in ("src/**/*.h", "src/**/*.cc", "include/**/*.h"):
        for path in ROOT.glob(pattern):
            for header in re.findall(r"^#include <(\w+/[\w./-]+)>", path.read_text(), re.M):
                if not header.startswith("sys/"):
                    found[header] = found.get(header, 0) + 1
    return found


def cost_of_header(header, folder):
    """Of a file that includes nothing else, with the options of the release build."""
    source = folder / "header.cc"
    source.write_text(f"#include <{header}>\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["c++", "-std=c++20", "-O3", "-c", str(source), "-o", str(folder / "header.o")], capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime if done.returncode == 0 else None


def report(costs, configuring, building):
    total = sum(cost["seconds"] for cost in costs)
    rooms = {}
    for cost in costs:
        rooms.setdefault(room_of(cost["output"]), []).append(cost["seconds"])
    print(f"{'room':40} files  seconds of processor time")
    for room, seconds in sorted(rooms.items(), key=lambda item: -sum(item[1])):
        print(f"{room:40} {len(seconds):5} {sum(seconds):8.1f}")
    print(f"{'all':40} {len(costs):5} {total:8.1f}   in {configuring:.1f} s to configure and {building:.1f} s to build\n")
    print(f"the {LONGEST} longest files")
    for cost in sorted(costs, key=lambda cost: -cost["seconds"])[:LONGEST]:
        print(f"{name_of(cost['output']):46} {cost['seconds']:8.1f}")


def report_headers(folder):
    print("\nheaders from elsewhere, each by itself              included by")
    costs = {header: cost_of_header(header, folder) for header in third_party_headers()}
    for header, seconds in sorted(costs.items(), key=lambda item: -(item[1] or 0)):
        if seconds is not None:
            print(f"{header:46} {seconds:8.1f} {third_party_headers()[header]:6} files")


def main():
    if sys.argv[1:2] == ["--launch"]:
        return launch(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each-file", action="store_true", help="compile each file by itself")
    parser.add_argument("--target", default="microgpt")
    parser.add_argument("--jobs", type=int, help="commands at a time [ninja's choice]")
    parser.add_argument("--folder", help="where the temporary folder is made [the system's place]")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="microgpt-build-", dir=arguments.folder) as name:
        folder = pathlib.Path(name)
        report(*build(folder, arguments))
        report_headers(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
