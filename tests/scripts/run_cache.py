#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cache on disk, as whole processes see it: a guest program runs again and again, and what its runs compile, take
from the cache and leave there is compared.

  run_cache.py --tandem BINARY --program GUEST_PROGRAM --expected FILE --dynamic GUEST_PROGRAM --sysroot ROOT
"""
import argparse
import glob
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

SOON = ["--hot-threshold=20", "--opt-threads=0"]
CHECKS = []
FEW_BLOCKS = 24  # so few new blocks are not stored


def check(function):
    CHECKS.append(function)
    return function


class Bench:
    """A folder for the cache, and runs with it."""

    def __init__(self, args, folder):
        self.args, self.cache, self.statistics = args, os.path.join(folder, "cache"), os.path.join(folder, "stats")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        with open(args.expected, encoding="utf-8") as f:
            self.expected = f.read()

    def command(self, *options, program=None, dynamic=False):
        root = ["-L", self.args.sysroot] if dynamic else []
        default = self.args.dynamic if dynamic else self.args.program
        return [self.args.tandem, *SOON, f"--cache-dir={self.cache}", *options, *root, program or default]

    def run(self, *options, **where):
        """One run: its statistics and what it wrote to stderr. Its output is always as expected."""
        done = subprocess.run(self.command("--stats=json", f"--stats-file={self.statistics}", *options, **where),
                              env=self.env, capture_output=True, text=True, check=True)
        if not where:
            assert done.stdout == self.expected, f"wrong output with {options}"
        with open(self.statistics, encoding="utf-8") as f:
            return json.load(f), done.stderr

    def run_words(self, *words):
        """The statistics of a run of these words, whatever comes of it."""
        subprocess.run([*self.command("--stats=json", f"--stats-file={self.statistics}", "-L", self.args.sysroot,
                                      program=words[0]), *words[1:]], env=self.env, capture_output=True, check=False)
        with open(self.statistics, encoding="utf-8") as f:
            return json.load(f)

    def files(self, suffix=""):
        return sorted(glob.glob(f"{self.cache}/*/*{suffix}"))

    def tool(self, word):
        return subprocess.run([self.args.tandem, f"--cache-dir={self.cache}", word], env=self.env, capture_output=True,
                              text=True, check=False)


def compiled(statistics):
    return statistics["regions"] - statistics["cache_hits"]


@check
def the_second_run_compiles_nothing(bench):
    first, _ = bench.run()
    assert compiled(first) > 0 and first["cache_stored"] > 0 and first["cache_hits"] == 0, first
    second, _ = bench.run()
    assert second["cache_hits"] > 0 and compiled(second) == 0 and second["llvm_load_ns"] == 0, second
    assert second["cache_rejected"] == 0 and second["cache_stored"] == 0, second


@check
def the_second_run_translates_next_to_nothing(bench):
    first, _ = bench.run()
    assert first["unit_hits"] == 0 and first["unit_stored_blocks"] > 0.9 * first["blocks"] > FEW_BLOCKS, first
    second, _ = bench.run()
    assert second["unit_hit_blocks"] >= first["unit_stored_blocks"] and second["blocks"] < FEW_BLOCKS, second
    assert second["cache_rejected"] == 0 and second["unit_stored"] == 0, second


@check
def blocks_of_many_runs_come_together(bench):
    """Runs that need other blocks of the same pieces each add theirs, until nothing is new."""
    loader = glob.glob(os.path.join(bench.args.sysroot, "lib", "ld-linux-*"))[0]
    ways = (["--help"], ["--version"], ["--list", bench.args.dynamic], ["--verify", bench.args.dynamic],
            ["--list-tunables"], ["--list-diagnostics"], [bench.args.dynamic],
            ["--preload", "/nowhere", bench.args.dynamic], ["--library-path", "/nowhere:/tmp", bench.args.dynamic])
    loads = [[bench.run_words(loader, *words) for words in ways] for _ in range(4)]
    assert sum(one["unit_stored"] > 0 for one in loads[0]) > 4, "each way is to have blocks of its own"
    for one in loads[-1]:
        assert one["unit_stored"] == 0 and one["cache_written"] == 0, one
        assert one["unit_hit_blocks"] > 10 * one["blocks"] and one["cache_rejected"] == 0, one


@check
def blocks_that_are_shown_or_made_otherwise_are_not_kept(bench):
    bench.run()
    for options in (["--random-regs=1"], ["--timeline=/dev/null"], ["-d", "in_asm", "-D", "/dev/null"]):
        other, _ = bench.run(*options)
        assert other["unit_hits"] == 0 and other["unit_stored"] == 0, (options, other)
    other, _ = bench.run("--block-insns=7")
    assert other["unit_hits"] == 0 and other["unit_stored"] > 0, other


@check
def libraries_have_their_addresses_in_every_process(bench):
    bench.run(dynamic=True)
    second, _ = bench.run(dynamic=True)
    assert second["cache_hits"] > 0 and compiled(second) == 0, second
    assert len(bench.files(".idx")) > 1, "the program and its library are to have files of their own"
    maps = {random: {bench.run("-d", "page", *random, dynamic=True)[1].split("entry ")[1].split(",")[0]
                     for _ in range(3)} for random in ((), ("--random-addresses",))}
    assert len(maps[()]) == 1, f"entry points {maps}"


@check
def without_a_cache_there_is_no_folder(bench):
    off, _ = bench.run("--cache=0")
    assert not os.path.exists(bench.cache) and compiled(off) > 0 and off["cache_stored"] == 0, off
    program = bench.cache + "-program"
    shutil.copy(bench.args.program, program)
    os.chmod(program, stat.S_ISUID | 0o755)
    bench.run(program=program)
    assert not os.path.exists(bench.cache), "a set-id program used the cache"
    os.chmod(program, 0o755)
    bench.run(program=program)
    assert bench.files(), "a copy of a program is to be cached"


@check
def other_options_have_other_entries(bench):
    bench.run()
    for option in ("--unroll=1", "--llvm-level=1", "--region-blocks=7", "-cpu=rv64,zba=false"):
        words = option.split("=", 1) if option.startswith("-cpu") else [option]
        other, _ = bench.run(*words)
        assert other["cache_hits"] == 0 and other["cache_stored"] > 0, (option, other)
    again, _ = bench.run()
    assert again["cache_hits"] > 0 and compiled(again) == 0, again


@check
def precise_regions_serve_a_run_that_needs_them(bench):
    bench.run()
    precise, _ = bench.run("--precise")
    assert precise["cache_hits"] == 0 and precise["cache_stored"] > 0, precise
    again, _ = bench.run("--precise")
    assert again["cache_hits"] > 0 and compiled(again) == 0, again


@check
def regions_that_were_slower_are_refused(bench):
    first, _ = bench.run()
    taken, said = bench.run("--take-out-one-in=1", "-d", "cache")
    assert taken["regions_taken_out"] == taken["regions"] and taken["cache_hits"] > 0, taken
    were_slower = set(re.findall(r"(\w+): installed", said))
    _, said = bench.run("-d", "cache")
    assert were_slower.isdisjoint(re.findall(r"(\w+): installed", said)), said
    assert were_slower & set(re.findall(r"(\w+): it was slower", said)), said
    bench.tool("--cache-clear")
    again, _ = bench.run()
    assert again["regions"] == first["regions"], (first, again)


@check
def damaged_files_are_said_once_and_healed(bench):
    bench.run()
    name = bench.files(".dat")[0]
    size = os.path.getsize(name)
    with open(name, "r+b") as f:
        for at in range(0, size, 64):
            f.seek(at)
            f.write(b"\xff")
    damaged, said = bench.run("-d", "cache")
    assert damaged["cache_hits"] == 0 and damaged["cache_rejected"] > 0 and compiled(damaged) > 0, damaged
    assert said.count("has a damaged entry") == damaged["cache_rejected"], said
    bench.run()  # may ask for a region that the last run had no need of
    healed, _ = bench.run()
    assert healed["cache_hits"] > 0 and compiled(healed) == 0, healed
    for suffix in (".idx", ".dat"):
        for keep in (0, 1, 63, 64, 65, 200, 1000):
            os.truncate(bench.files(suffix)[0], keep)
            bench.run()
            again, _ = bench.run()
            assert compiled(again) == 0, (suffix, keep, again)


@check
def a_folder_of_others_is_not_used(bench):
    bench.run()
    os.chmod(bench.cache, 0o777)
    foreign, said = bench.run("-d", "cache")
    assert foreign["cache_hits"] == 0 and foreign["cache_stored"] == 0, foreign
    assert said.count("may be written by others") == 1, said
    os.chmod(bench.cache, 0o700)
    shutil.rmtree(bench.cache)
    with open(bench.cache, "w", encoding="ascii"):
        pass
    bench.run()


@check
def a_folder_may_be_for_reading_only(bench):
    bench.run()
    for name in bench.files():
        os.chmod(name, 0o400)
    os.chmod(os.path.dirname(bench.files()[0]), 0o500)
    again, _ = bench.run()
    assert again["cache_hits"] > 0 and compiled(again) == 0, again
    os.chmod(os.path.dirname(bench.files()[0]), 0o700)


@check
def killed_writers_leave_a_cache_that_works(bench):
    chance = random.Random(1)
    for _ in range(40):
        runs = [subprocess.Popen(bench.command(), env=bench.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(4)]
        time.sleep(chance.uniform(0.0, 0.15))
        for one in runs:
            one.send_signal(signal.SIGKILL)
        for one in runs:
            one.wait()
    bench.run()
    last, _ = bench.run()
    assert last["cache_hits"] > 0 and compiled(last) == 0 and last["cache_rejected"] == 0, last


@check
def many_processes_share_a_cache(bench):
    for _ in range(4):
        runs = [subprocess.Popen(bench.command(), env=bench.env, stdout=subprocess.PIPE, text=True) for _ in range(50)]
        for one in runs:
            assert one.communicate()[0] == bench.expected and one.returncode == 0
    last, _ = bench.run()
    assert last["cache_hits"] > 0 and compiled(last) == 0 and last["cache_rejected"] == 0, last


@check
def the_command_line_shows_and_empties_it(bench):
    assert " 0 regions and pieces of tier-1 code of 0 files" in bench.tool("--cache-stat").stdout
    first, _ = bench.run()
    shown = bench.tool("--cache-stat").stdout
    entries = first["cache_stored"] + first["unit_stored"]
    assert f" {entries} regions and pieces of tier-1 code of 1 files" in shown, shown
    assert bench.tool("--cache-clear").returncode == 0 and not bench.files(), bench.files()
    again, _ = bench.run()
    assert again["cache_hits"] == 0, again


@check
def the_limit_is_kept(bench):
    bench.run()
    bench.run("--cache-limit=1k", "--unroll=1")  # the first entries are older: they go
    assert len(bench.files(".idx")) == 1, bench.files()
    again, _ = bench.run()
    assert again["cache_hits"] == 0, again


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("tandem", "program", "expected", "dynamic", "sysroot"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--only", help="the check of this name")
    args = parser.parse_args()
    failed = 0
    for one in CHECKS:
        if args.only and args.only != one.__name__:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                one(Bench(args, folder))
                print("ok:", one.__name__, flush=True)
            except (AssertionError, subprocess.CalledProcessError) as why:
                failed += 1
                print(f"FAILED: {one.__name__}: {why}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
