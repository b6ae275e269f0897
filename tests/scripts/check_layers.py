#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the rooms: who includes whom, how long a file may be, what lies at the top level.

A room is a folder with code. RULES below has a row for each: what its files may include besides the room itself, and
nothing else of ours. "a/b/" means the files of that room, "a/b/**" those of the rooms below, too, "a/b.h" that file
alone, "llvm-c/" LLVM's headers.
Run without arguments on the tree, or with --self-test on made-up lines.
"""
import os
import sys

from tree import INCLUDE, OURS, PRODUCT, read, tree_files

BASE = ("src/base/",)
HOST = BASE + ("src/host/",)
IR = HOST + ("src/ir/**",)
X86 = IR + ("frontend/block.h", "frontend/guest.h", "frontend/vdso_clock.h", "frontend/x86/decode/")
PUBLIC = ("frontend/block.h", "frontend/guest.h", "tcg/tcg.h", "llvm-opt/lopt.h")
FRONTEND = ("frontend/block.h", "frontend/cpu_option.h", "frontend/disas_text.h", "frontend/guest.h",
            "frontend/vdso_clock.h")
GUEST_LINUX = ("frontend/guest_linux.h", "frontend/numbers/")
USER_MODE = IR + PUBLIC + ("runtime/**",)
LINUX = IR + GUEST_LINUX + ("frontend/guest.h", "runtime/engine/", "runtime/loader/", "runtime/mem/")

RULES = {
    "src/base/": (),
    "src/host/": BASE + ("src/host/**",),  # a seam and the inline part of each host
    "src/host/aarch64/": HOST,
    "src/host/x86_64/": HOST,
    "src/ir/": HOST,
    "src/ir/text/": BASE + ("src/ir/",),
    "src/ir/build/": BASE + ("src/ir/", "src/ir/text/"),
    "src/ir/simplify/": BASE + ("src/ir/", "src/ir/text/", "src/ir/build/"),
    "src/ir/softfp/": BASE + ("src/ir/",),
    "src/ir/interp/": HOST + ("src/ir/", "src/ir/softfp/"),
    "src/cli/": USER_MODE,
    "frontend/": IR + ("frontend/**",),  # the list of guests sits above all of them
    "frontend/numbers/": (),
    "frontend/aarch64/": IR + GUEST_LINUX + FRONTEND,
    "frontend/riscv/": IR + GUEST_LINUX + FRONTEND,
    # Rooms of the x86 front end, lowest first; the lifter of one instruction and struct guest lie above all of them.
    "frontend/x86/decode/": X86,
    "frontend/x86/common/": X86,
    "frontend/x86/sse/": X86 + ("frontend/x86/common/",),
    "frontend/x86/x87/": X86 + ("frontend/x86/common/", "frontend/x86/sse/"),
    "frontend/x86/system/": X86 + ("frontend/x86/common/", "frontend/x86/x87/"),
    "frontend/x86/int/": X86 + ("frontend/x86/common/", "frontend/x86/system/"),
    "frontend/x86/abi/": X86 + GUEST_LINUX + ("frontend/x86/common/", "frontend/x86/x87/", "frontend/x86/system/"),
    "frontend/x86/": X86 + ("frontend/x86/**",),
    "tcg/": IR,
    "tcg/common/": IR + ("tcg/",),
    "tcg/none/": IR + ("tcg/",),
    "tcg/x86_64/": IR + ("tcg/", "tcg/common/"),
    "llvm-opt/": IR,
    "llvm-opt/none/": IR + ("llvm-opt/",),
    "llvm-opt/plan/": IR + ("llvm-opt/",),
    "llvm-opt/emit/": IR + ("llvm-opt/", "llvm-opt/plan/", "llvm-c/"),
    "llvm-opt/module/": ("llvm-opt/emit/", "llvm-c/"),
    "runtime/mem/": BASE + ("src/host/",),
    "runtime/loader/": IR + ("frontend/guest_linux.h", "runtime/mem/"),
    "runtime/store/": BASE,
    "runtime/engine/": IR + PUBLIC + ("runtime/store/",),
    "runtime/observe/": IR + PUBLIC + ("runtime/engine/", "runtime/loader/", "runtime/mem/"),
    # Linux in user mode, lowest first; the table of calls lies above all handlers, the engine calls it.
    "runtime/linux/base/": LINUX,
    "runtime/linux/generic/": LINUX + ("runtime/linux/base/",),
    "runtime/linux/compat32/": LINUX + ("runtime/linux/base/", "runtime/linux/generic/"),
    "runtime/linux/x86/": LINUX + ("runtime/linux/base/", "runtime/linux/generic/"),
    "runtime/linux/table/": LINUX + ("runtime/linux/base/", "runtime/linux/generic/", "runtime/linux/compat32/"),
}
TOP_LEVEL = {
    "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", ".ci",
    ".clang-format", ".editorconfig", ".gitignore", "src", "frontend", "tcg", "llvm-opt", "runtime", "tests",
    "spec-scripts"
}
CODE = (".c", ".h", ".cc", ".def", ".S", ".py", ".sh")
MAX_LINES = 800


def room_of(path):
    return path.rpartition("/")[0] + "/"


def is_allowed(room, name, rules):
    """May the files of a room include name, a path from the top of the tree?"""
    if room_of(name) == room:
        return True
    for entry in rules[room]:
        if name == entry or room_of(name) == entry or (entry.endswith("**") and name.startswith(entry[:-2])):
            return True
    return False


def check_include(path, quote, name, rules):
    """A complaint about one #include line of the file path, or None."""
    room = room_of(path)
    if name.startswith(("llvm-c/", "llvm/")):
        allowed = path.startswith("tests/") or (name.startswith("llvm-c/") and "llvm-c/" in rules.get(room, ()))
        return None if allowed else "this room sees none of LLVM's headers"
    if name.endswith((".c", ".cc", ".inc")):
        return "code is compiled, not included"
    if not path.startswith(PRODUCT):
        return None
    if quote == '"' and "/" not in name:
        return "write the path from the top of the tree"
    if room not in rules:
        return f"{room} has no row in RULES"
    if name.startswith(OURS) and not is_allowed(room, name, rules):
        return "this room may include only " + " ".join(rules[room])
    return None


def check_file(path, text):
    """All complaints about one file."""
    lines = text.splitlines()
    complaints = []
    if len(lines) > MAX_LINES and not any("do not edit" in line for line in lines[:3]):
        complaints.append(f"{path}: {len(lines)} lines, more than {MAX_LINES}: split it")
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:3]):
        complaints.append(f"{path}: no SPDX line at its head")
    if path.endswith((".py", ".sh")):
        return complaints
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        complaint = check_include(path, *match.groups(), RULES) if match else None
        if complaint:
            complaints.append(f"{path}:{number}: {line.strip()}: {complaint}")
    return complaints


def check_rooms(files, rules):
    """Complaints about rooms without a row and about rows without a room."""
    found = {room_of(f) for f in files if f.startswith(PRODUCT) and f.endswith(CODE)}
    return [f"{room}: has no row in RULES" for room in sorted(found - rules.keys())] + \
           [f"{room}: has a row in RULES and no files" for room in sorted(rules.keys() - found)]


def check_tree():
    files = tree_files()
    complaints, count = check_rooms(files, RULES), 0
    for entry in sorted({f.split("/")[0] for f in files} - TOP_LEVEL):
        complaints.append(f"{entry}: nothing of this name belongs at the top level")
    for path in sorted(files):
        if path.endswith(CODE):
            count += 1
            complaints += check_file(path, read(path))
    print("\n".join(complaints + [f"{count} files checked, {len(complaints)} complaints"]))
    return 1 if complaints else 0


TEST_RULES = {
    "src/base/": (),
    "src/ir/": BASE,
    "src/ir/text/": BASE + ("src/ir/",),
    "src/cli/": IR + ("runtime/**",),
    "frontend/aarch64/": IR + GUEST_LINUX + FRONTEND,
    "frontend/riscv/": IR + ("frontend/guest.h",),
    "tcg/x86_64/": IR + ("tcg/",),
    "llvm-opt/plan/": IR + ("llvm-opt/lopt.h",),
    "llvm-opt/emit/": IR + ("llvm-opt/plan/", "llvm-c/"),
    "runtime/engine/": IR + PUBLIC + ("runtime/mem/",),
    "runtime/mem/": BASE,
}
SELF_TEST = [  # file, include, allowed
    ("src/base/log.c", '"src/base/log.h"', True),
    ("src/base/log.c", '"src/ir/ir.h"', False),
    ("src/ir/ir.c", '"frontend/guest.h"', False),
    ("src/ir/ir.c", '"src/ir/text/print.h"', False),
    ("src/ir/text/print.c", '"src/ir/ir.h"', True),
    ("frontend/riscv/lift.c", '"frontend/guest.h"', True),
    ("frontend/riscv/lift.c", '"frontend/block.h"', False),
    ("frontend/riscv/lift.c", '"frontend/riscv/decode.h"', True),
    ("frontend/riscv/lift.c", '"frontend/arm/decode.h"', False),
    ("frontend/riscv/lift.c", '"src/ir/text/print.h"', True),
    ("frontend/riscv/lift.c", '"tcg/tcg.h"', False),
    ("frontend/arm/lift.c", '"src/base/log.h"', False),
    ("tcg/x86_64/emit.c", '"tcg/liveness.h"', True),
    ("tcg/x86_64/emit.c", '"llvm-opt/lopt.h"', False),
    ("llvm-opt/plan/flow.c", "<llvm-c/Core.h>", False),
    ("llvm-opt/plan/flow.c", '"llvm-opt/emit/value.h"', False),
    ("llvm-opt/emit/value.c", "<llvm-c/Core.h>", True),
    ("llvm-opt/emit/value.c", '"llvm-opt/plan/flow.h"', True),
    ("runtime/engine/engine.c", "<llvm-c/Core.h>", False),
    ("runtime/engine/engine.c", '"tcg/tcg.h"', True),
    ("runtime/engine/engine.c", '"tcg/tcg_private.h"', False),
    ("runtime/engine/engine.c", '"runtime/mem/mem.h"', True),
    ("runtime/engine/engine.c", '"runtime/linux/base/state.h"', False),
    ("runtime/engine/engine.c", '"engine.h"', False),
    ("runtime/mem/mem.c", '"runtime/engine/engine.h"', False),
    ("src/cli/main.c", '"runtime/engine/engine.h"', True),
    ("src/cli/main.c", '"table.inc"', False),
    ("tests/unit/ir/ir_test.cc", '"src/ir/ir.h"', True),
    ("tests/unit/ir/ir_test.cc", '"src/ir/ir.c"', False),
    ("tests/unit/ir/ir_test.cc", "<llvm-c/Core.h>", True),
]


def self_test():
    failed = []
    for path, include, allowed in SELF_TEST:
        complaint = check_include(path, *INCLUDE.match("#include " + include).groups(), TEST_RULES)
        if (complaint is None) != allowed:
            failed.append(f"{path}: {include}: got {complaint!r}")
    if not any("lines" in c for c in check_file("src/base/x.c", "\n" * (MAX_LINES + 1))):
        failed.append("a long file passes")
    if check_rooms(["a.c", "tcg/x.c", "tests/y.c"], {"tcg/": ()}) or len(check_rooms(["tcg/x.c"], {"src/": ()})) != 2:
        failed.append("rooms and rows are not compared")
    print("\n".join(failed + [f"{len(SELF_TEST) + 2} rules tried, {len(failed)} failed"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1:] == ["--self-test"] else check_tree())
