# SPDX-License-Identifier: Apache-2.0
"""Runs one command and says what it cost: wall time, CPU time of all its threads, largest resident set, output."""
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Run:
    wall: float
    cpu: float
    rss_kb: int
    status: int
    output: bytes


def run(command, timeout=300.0, env=None):
    """Runs command to its end (killed after timeout seconds: status -9)."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env)
        try:
            status, usage = _wait(child, start + timeout)
        except KeyboardInterrupt:
            child.kill()
            raise
        wall = time.perf_counter() - start
        out.seek(0)
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, status, out.read())


def _wait(child, deadline):
    """Reaps the child with its resource usage; polls only where a blocking wait could outlast the deadline."""
    pause = 0.0005
    while True:
        pid, raw, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if time.perf_counter() > deadline:
            child.kill()
        time.sleep(pause)
        pause = min(pause * 1.2, 0.005)
    child.returncode = os.waitstatus_to_exitcode(raw)
    return child.returncode, usage


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def geomean(values):
    values = [v for v in values if v]
    return statistics.geometric_mean(values) if values else None
