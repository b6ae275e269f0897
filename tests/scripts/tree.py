# SPDX-License-Identifier: Apache-2.0
"""What the checks of the tree share: which files there are, and which object files and symbols a build folder has."""
import json
import os
import re
import shlex
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRODUCT = ("src/", "frontend/", "tcg/", "llvm-opt/", "runtime/")  # what tandem is made of
OURS = PRODUCT + ("tests/",)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def tree_files():
    """Tracked files and new ones that git would add; without git, everything but build folders."""
    done = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if done.returncode == 0:
        return [f for f in done.stdout.splitlines() if os.path.exists(os.path.join(ROOT, f))]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [d for d in folders if d not in (".git", "build")]
        found += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files]
    return found


def read(path):
    with open(os.path.join(ROOT, path), errors="replace") as f:
        return f.read()


def includes(path):
    """The files of ours that a file includes, as paths from the top of the tree."""
    matches = [INCLUDE.match(line) for line in read(path).splitlines()]
    return [m[2] for m in matches if m and m[1] == '"' and m[2].startswith(OURS)]


def objects(build):
    """{source: object file} of a build folder. A source whose object is not there maps to None."""
    with open(os.path.join(build, "compile_commands.json")) as f:
        commands = json.load(f)
    found = {}
    for command in commands:
        words = shlex.split(command["command"])
        path = os.path.join(command["directory"], words[words.index("-o") + 1])
        source = os.path.relpath(command["file"], ROOT)
        if source.startswith(OURS) and os.path.exists(os.path.join(ROOT, source)):
            found[source] = path if os.path.exists(path) else None
    return found


def symbols(files):
    """({object file: names it defines for others}, {object file: names it takes from others}) of object files."""
    defined, taken = {f: set() for f in files}, {f: set() for f in files}
    out = subprocess.run(["nm", "-A", "-P", "-g", *files], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        file, _, rest = line.partition(": ")
        name, kind = rest.split()[:2]
        if kind in "TDBRC":
            defined[file].add(name)
        elif kind == "U":
            taken[file].add(name)
    return defined, taken


def add_build_argument(parser):
    parser.add_argument("--build", default=os.path.join(ROOT, "build/default"), help="a folder with a whole build")


def known_lines(path):
    """The lines of a list of known faults without its comments; an absent list is empty."""
    path = os.path.join(ROOT, "tests/scripts", path)
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [line.split("#")[0].strip() for line in f if line.split("#")[0].strip()]
