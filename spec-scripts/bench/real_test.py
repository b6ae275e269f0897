#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of real.py that measure nothing: the table, the commands, how outputs are judged, and going on after a stop."""
import contextlib
import io
import json
import os
import re
import sys
import tempfile
import unittest
from dataclasses import replace

sys.dont_write_bytecode = True

import programs as progs
import real
import real_inputs
import real_runs
import real_table
from measure import Run, run

ROWS = real_table.ROWS
SETTINGS = {"guest": "riscv64", "tandem": "abc"}


def quiet(function, *args):
    """What the function gives; its messages are not shown."""
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return function(*args)


def record(mode="native", output=b"same", status=0, row=ROWS[0], number=0, wall=1.0):
    return real_runs.make_record(row, mode, number, row.words("0.3"), Run(wall, wall, 1, status, output))


class Table(unittest.TestCase):
    def test_has_enough_programs_of_each_kind(self):
        self.assertGreaterEqual(len(ROWS), 25)
        self.assertEqual(len(ROWS), len({row.name for row in ROWS}))
        self.assertEqual(set(real.KINDS), {"compiler", "interpreter", "compressor", "database", "text", "media",
                                           "numerics", "game", "rust", "crypto"})

    def test_rows_say_what_they_need(self):
        for row in ROWS:
            with self.subTest(row.name):
                self.assertRegex(row.packages, r"^[a-z0-9][a-z0-9.+-]*( [a-z0-9][a-z0-9.+-]*)*$")
                self.assertRegex(row.argv, r"^usr/")
                self.assertIn(row.compare, ("equal", "sorted", "near"))
                re.compile(row.keep)

    def test_each_length_is_longer_than_the_one_before(self):
        for row in ROWS:
            with self.subTest(row.name):
                self.assertEqual(len(row.sizes), len(real_table.LENGTHS))
                self.assertEqual(sorted(set(row.sizes)), list(row.sizes))
                self.assertEqual(len({" ".join(row.words(length)) for length in real_table.LENGTHS}), 3)

    def test_every_input_can_be_made(self):
        for row in ROWS:
            for length in real_table.LENGTHS:
                for name in row.inputs(length):
                    with self.subTest(row.name, name=name):
                        real_inputs.check(name)

    def test_no_place_stays_open_in_a_command(self):
        with tempfile.TemporaryDirectory() as folder:
            place, binaries = real.Place(folder), {"emulator": "/e", "tandem": "/t", "baseline": "/b"}
            for row in ROWS:
                for name, mode in real.MODES.items():
                    words = place.command(row, mode, "0.3", "riscv64", binaries)
                    words += place.environment(row, "riscv64").values()
                    with self.subTest(row.name, mode=name):
                        self.assertFalse([w for w in words if re.search(r"\{(n|in|out|root|triplet)\}|\*n$", w)])

    def test_a_word_with_a_star_is_repeated(self):
        row = replace(ROWS[0], argv="usr/bin/x -{n} {in}/text-5*n", sizes=(2, 3, 4))
        self.assertEqual(row.words("2"), ["usr/bin/x", "-3"] + ["{in}/text-5"] * 3)
        self.assertEqual(row.inputs("2"), ["text-5"])

    def test_unknown_programs_are_refused(self):
        self.assertEqual([row.name for row in real_table.choose("xz,cc1")], ["cc1", "xz"])
        self.assertRaises(SystemExit, real_table.choose, "xz,no-such-program")


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.place = real.Place(self.folder)
        self.binaries = {"emulator": "/e", "tandem": "/t", "baseline": "/b"}

    def command(self, mode, guest="riscv64", name="numpy"):
        row = real_table.choose(name)[0]
        return self.place.command(row, real.MODES[mode], "0.3", guest, self.binaries)

    def test_native_runs_with_the_loader_and_libraries_of_its_own_root(self):
        root = os.path.join(self.folder, "x86_64/root")
        words = self.command("native")
        self.assertEqual(words[:2], [f"{root}/lib64/ld-linux-x86-64.so.2", "--library-path"])
        self.assertEqual(words[2].split(":")[1], f"{root}/usr/lib/x86_64-linux-gnu/blas")
        self.assertEqual(words[3], f"{root}/usr/bin/python3.13")

    def test_modes_differ_in_runner_and_options(self):
        root = os.path.join(self.folder, "riscv64/root")
        self.assertEqual(self.command("qemu")[:3], ["/e", "-L", root])
        self.assertEqual(self.command("tier1")[:4], ["/t", "--tier=1", "-L", root])
        self.assertEqual(self.command("base-both")[:4], ["/b", "--tier=mixed", "-L", root])
        self.assertEqual(self.command("cached")[2], f"--cache-dir={self.folder}/cache/tandem/riscv64/numpy")
        self.assertIn("LD_LIBRARY_PATH=/usr/lib/riscv64-linux-gnu:/usr/lib/riscv64-linux-gnu/blas:"
                      "/usr/lib/riscv64-linux-gnu/lapack", self.command("tier1"))

    def test_cached_is_chosen_only_where_the_binary_knows_it(self):
        wanted = ["native", "both", "cached"]
        self.assertEqual(quiet(real.choose_modes, wanted, self.binaries, lambda binary: False), ["native", "both"])
        self.assertEqual(quiet(real.choose_modes, wanted, self.binaries, lambda binary: True), wanted)

    def test_help_says_whether_a_binary_knows_it(self):
        for text, known in (("--cache-size=BYTES", False), ("--cache-dir=FOLDER", True)):
            script = os.path.join(self.folder, "tandem")
            with open(script, "w") as f:
                f.write(f"#!/bin/sh\necho '{text}'\n")
            os.chmod(script, 0o755)
            self.assertEqual(real.knows_cache(script), known)

    def test_modes_without_their_runner_are_left_out(self):
        found = quiet(real.choose_modes, ["native", "qemu", "tier1"], {"tandem": "/t"}, lambda binary: False)
        self.assertEqual(found, ["native", "tier1"])
        self.assertRaises(SystemExit, real.choose_modes, ["no-such-mode"], self.binaries, lambda binary: False)

    def test_each_guest_has_packages_and_an_emulator(self):
        self.assertLessEqual({"riscv64", "x86_64"}, set(real.GUESTS))
        for guest in real.GUESTS:
            self.assertTrue(progs.GUESTS[guest].triplet and progs.GUESTS[guest].emulator)


class Judgement(unittest.TestCase):
    def judge(self, row, guest, native=b"a long output"):
        first = record("native", native, row=row)
        guests = [record("qemu", guest[0], row=row), record("tier1", guest[1], row=row)]
        return [real_runs.is_right(row, r, first, guests[0]) for r in guests]

    def test_equal(self):
        row = replace(ROWS[0], compare="equal", keep="")
        self.assertEqual(self.judge(row, (b"a long output", b"a l0ng output")), [True, False])

    def test_sorted_ignores_the_order_of_lines(self):
        row = replace(ROWS[0], compare="sorted", keep="")
        self.assertEqual(self.judge(row, (b"b\na\n", b"b\nb\n"), b"a\nb\n"), [True, False])

    def test_keep_leaves_other_lines_out(self):
        row = replace(ROWS[0], compare="equal", keep="^Nodes")
        self.assertEqual(self.judge(row, (b"time 1\nNodes 7", b"time 2\nNodes 8"), b"time 3\nNodes 7"), [True, False])

    def test_near_wants_guests_that_agree_and_a_like_length(self):
        row = replace(ROWS[0], compare="near", keep="")
        self.assertEqual(self.judge(row, (b"x" * 99, b"x" * 99), b"y" * 100), [True, True])
        self.assertEqual(self.judge(row, (b"x" * 99, b"z" * 99), b"y" * 100), [True, False])
        self.assertEqual(self.judge(row, (b"x" * 90, b"x" * 90), b"y" * 100), [False, False])

    def test_a_wrong_status_or_nothing_at_all_is_wrong(self):
        row = replace(ROWS[0], compare="equal", keep="")
        bad = record("tier1", status=-11, row=row)
        self.assertFalse(real_runs.is_right(row, bad, record(row=row), bad))
        nothing = record("tier1", b"", row=row)
        self.assertFalse(real_runs.is_right(row, nothing, record("native", b"", row=row), nothing))


class Stop(Exception):
    """What interrupts a measurement here."""


class Resume(unittest.TestCase):
    modes = ["native", "tier1"]

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.path = os.path.join(self.folder, "results.json")
        self.rows = [replace(ROWS[0], name=name, argv="usr/bin/echo {n}", compare="equal", keep="", status=0)
                     for name in ("one", "two")]
        self.calls, self.said = [], []

    def measure(self, resume, stop_after=None, settings=None):
        store = real_runs.Store(self.path, settings or SETTINGS, resume)

        def one(row, mode):
            if stop_after is not None and len(self.calls) == stop_after:
                raise Stop
            self.calls.append((row.name, mode))
            return run(["/bin/echo", row.name])
        real_runs.measure_all(self.rows, self.modes, store, 2, "0.3", one, self.said.append)
        return store

    def records(self):
        with open(self.path) as f:
            return json.load(f)["records"]

    def test_a_stop_loses_nothing_and_nothing_is_measured_twice(self):
        self.assertRaises(Stop, self.measure, False, 3)
        self.assertEqual(len(self.records()), 3)
        store = self.measure(True)
        self.assertEqual(self.calls, [("one", "native"), ("one", "tier1"), ("two", "native"), ("two", "tier1")] * 2)
        self.assertEqual(len(self.records()), 8)
        self.assertIn("[4/8] run 1: two tier1", self.said[4])
        programs, wrong = real_runs.summarize(self.rows, self.modes, store)
        self.assertEqual(wrong, [])
        self.assertEqual([len(p["modes"]["tier1"]["walls"]) for p in programs], [2, 2])

    def test_the_report_has_a_line_for_each_program_and_goes_into_the_file(self):
        store = self.measure(False)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(real.report_all(self.rows, self.modes, store), 0)
        self.assertRegex(out.getvalue(), r"(?m)^one +compiler .*\n^two +compiler ")
        self.assertRegex(out.getvalue(), r"(?m)^spread tier1")
        with open(self.path) as f:
            self.assertEqual(json.load(f)["results"]["geomeans"]["all"]["native"]["wall_x"], 1)

    def test_without_resume_it_begins_anew_and_keeps_the_old_file(self):
        self.assertRaises(Stop, self.measure, False, 3)
        self.calls.clear()
        self.measure(False)
        self.assertEqual(len(self.calls), 8)
        self.assertTrue(os.path.exists(self.path + ".old"))

    def test_another_tandem_does_not_go_on(self):
        self.measure(False)
        self.assertRaisesRegex(SystemExit, "another tandem", self.measure, True, None, SETTINGS | {"tandem": "other"})

    def test_a_row_that_changed_is_measured_again(self):
        self.measure(False)
        self.calls.clear()
        self.rows[1] = replace(self.rows[1], argv="usr/bin/echo changed {n}")
        self.measure(True)
        self.assertEqual(self.calls, [("two", "native"), ("two", "tier1")] * 2)
        self.assertEqual(len(self.records()), 8)

    def test_the_time_left_follows_what_was_measured(self):
        store = real_runs.Store(self.path, SETTINGS, False)
        jobs = [(row, "tier1", 0) for row in self.rows]
        clock = real_runs.Clock(store, "2")
        self.assertAlmostEqual(clock.left(jobs), 2 * 2 * real_runs.GUESS)
        store.add(record("native", row=self.rows[0], wall=1.0))
        store.add(record("tier1", row=self.rows[0], wall=3.0))
        self.assertAlmostEqual(clock.left(jobs[1:]), 2 * 3.0)
        self.assertEqual(real_runs.minutes(3725), "1:02:05")


class Inputs(unittest.TestCase):
    def test_are_the_same_each_time(self):
        for name in ("text-20", "log-20", "json-20", "xml-20", "c-2", "nasm-5", "wav-1", "ppm-4", "png-4", "cnf-20",
                     "go-3", "number-89", "troff-9", "blob-1", "work.bc@3"):
            with self.subTest(name):
                made = []
                for _ in range(2):
                    with tempfile.TemporaryDirectory() as folder:
                        real_inputs.make(name, folder, None)
                        self.assertEqual(os.listdir(folder), [name])
                        with open(os.path.join(folder, name), "rb") as f:
                            made.append(f.read())
                self.assertGreater(len(made[0]), 20)
                self.assertEqual(*made)

    def test_a_script_gets_its_size(self):
        with tempfile.TemporaryDirectory() as folder:
            real_inputs.make("work.sql@12", folder, None)
            with open(os.path.join(folder, "work.sql@12")) as f:
                self.assertIn("i < 12 * 1000", f.read())


if __name__ == "__main__":
    unittest.main()
