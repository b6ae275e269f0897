#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that what belongs to one host is named only where that host is: in src/host, a host's tier 1 (tcg/x86_64) and
the files of a host in llvm-opt/emit (host_*).

RULES has what may not be named elsewhere, EXCEPTIONS the files that may, each with the reason. A comment may name
anything but MXCSR. Run without arguments on the tree, or with --self-test on made-up lines.
"""
import re
import sys

from tree import read, tree_files

SEARCHED = ("src/", "frontend/", "runtime/", "llvm-opt/", "tcg/common/")
CODE = (".c", ".h", ".def", ".S")
HOSTS = re.compile(r"src/host/|llvm-opt/emit/host_")

# What, and its pattern. Those with a True are looked for in comments, too.
RULES = {
    "mxcsr": (re.compile("mxcsr", re.I), True),
    "signal-context register": (re.compile(r"\b(REG_(R([0-9]|1[0-5])|R[A-D]X|R[SD]I|R[BSI]P|EFL|ERR|TRAPNO|CSGSFS|"
                                           r"OLDMASK|CR2)|gregs|fpregs|greg_t)\b"), False),
    "triple": (re.compile(r"\b(x86_64|i[36]86|aarch64|arm64)-[a-z0-9_]+-[a-z]+"), False),
    "cycle counter": (re.compile(r"\b(__rdtscp?|__builtin_ia32_rdtscp?|__builtin_readcyclecounter)\b"), False),
    "intrinsic": (re.compile(r"\b_mm\d*_\w+|\b__m(64|128|256)[id]?\b|__builtin_ia32_\w+|__get_cpuid\w*|"
                             r"\b([xnpesta]mm|imm|x86)intrin\.h|\bcpuid\.h|arm_neon\.h"), False),
    "assembly": (re.compile(r"\b(__asm__|__asm|asm)\b\s*(volatile|__volatile__|goto)?\s*\("), False),
}

# File or folder: the rules that do not hold there, and why.
EXCEPTIONS = {
    "frontend/x86/": (("mxcsr",), "a register of the guest's"),
}


def without_comments(text):
    """The text with comments blanked out; lines and strings stay."""
    def blank(match):
        part = match[0]
        return part if part[0] in "\"'" else re.sub(r"[^\n]", " ", part)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def excused(path):
    """[(entry, rules)] of EXCEPTIONS for the file."""
    return [(e, rules) for e, (rules, _) in EXCEPTIONS.items() if path == e or (e.endswith("/") and path.startswith(e))]


def found(text):
    """[(line number, rule, what was found)] of one file's text."""
    bare, result = without_comments(text), []
    for rule, (pattern, comments) in RULES.items():
        for number, line in enumerate((text if comments else bare).splitlines(), 1):
            match = pattern.search(line)
            if match:
                result.append((number, rule, match[0]))
    return result


def check_file(path, text, needed):
    """Complaints about one file. needed: receives the (entry, rule) of EXCEPTIONS that it needs."""
    complaints = []
    for number, rule, what in found(text):
        entries = [e for e, rules in excused(path) if rule in rules]
        needed.update((e, rule) for e in entries)
        if not entries:
            complaints.append(f"{path}:{number}: {what}: {rule} of one host")
    return complaints


def check_tree():
    complaints, needed, count = [], set(), 0
    for path in sorted(tree_files()):
        if path.startswith(SEARCHED) and path.endswith(CODE) and not HOSTS.match(path):
            count += 1
            complaints += check_file(path, read(path), needed)
    for entry, (rules, _) in EXCEPTIONS.items():
        complaints += [f"{entry}: needs no exception for {r}" for r in rules if (entry, r) not in needed]
    print("\n".join(complaints + [f"{count} files checked, {len(complaints)} complaints"]))
    return 1 if complaints else 0


SELF_TEST = [  # file, line, rule or None
    ("runtime/engine/a.c", "cpu->fp_env = fp->mxcsr;", "mxcsr"),
    ("runtime/engine/a.c", "/* loads MXCSR */", "mxcsr"),
    ("frontend/x86/sse/a.c", "/* loads MXCSR */", None),
    ("runtime/engine/a.c", "pc = gregs[REG_RIP];", "signal-context register"),
    ("tcg/common/a.c", "REG_FILE_NONE, REG_ERROR", None),
    ("llvm-opt/emit/a.c", '"x86_64-unknown-linux-gnu"', "triple"),
    ("runtime/engine/a.c", 'f("x86_64-linux.txt");', None),
    ("runtime/engine/a.c", "t = __rdtsc();", "cycle counter"),
    ("frontend/x86/sse/a.c", "_mm_setcsr(x);", "intrinsic"),
    ("src/ir/a.c", "#include <immintrin.h>", "intrinsic"),
    ("frontend/x86/sse/a.c", '__asm__ volatile("nop");', "assembly"),
    ("frontend/x86/sse/a.c", "/* asm(x) and _mm_add */", None),
    ("frontend/x86/sse/a.c", "// __rdtsc()", None),
    ("frontend/x86/abi/a.c", "/* uapi */ int asm_count(int);", None),
]


def self_test():
    failed = []
    for path, line, rule in SELF_TEST:
        complaints = check_file(path, line, set())
        if [c.split(": ")[-1].removesuffix(" of one host") for c in complaints] != ([rule] if rule else []):
            failed.append(f"{path}: {line}: got {complaints!r}")
    print("\n".join(failed + [f"{len(SELF_TEST)} lines tried, {len(failed)} failed"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1:] == ["--self-test"] else check_tree())
