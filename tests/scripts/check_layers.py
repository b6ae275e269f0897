#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the folders: who includes whom, how long a file may be, what lies at the top level.

RULES below is the whole table: a folder's files may include what starts with one of its prefixes, and nothing else of ours.
Run without arguments on the tree, or with --self-test on made-up lines.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BASE = ("src/base/",)
IR = BASE + ("src/ir/",)
X86 = IR + ("frontend/guest.h", "frontend/x86/decode/")
PUBLIC = ("frontend/guest.h", "tcg/tcg.h", "llvm-opt/lopt.h")

# Longest matching folder wins. %g stands for the guest's own folder.
RULES = {
    "src/base/": BASE,
    "src/ir/": IR,
    "src/cli/": IR + PUBLIC + ("src/cli/", "runtime/"),
    "frontend/": IR + ("frontend/",),  # the list of guests sits above all of them
    "frontend/%g/": IR + ("frontend/guest.h", "frontend/%g/"),
    # Rooms of the x86 front end, lowest first; the lifter of one instruction and struct guest_ops lie above all of them.
    "frontend/x86/decode/": X86,
    "frontend/x86/common/": X86 + ("frontend/x86/common/",),
    "frontend/x86/sse/": X86 + ("frontend/x86/common/", "frontend/x86/sse/"),
    "frontend/x86/x87/": X86 + ("frontend/x86/common/", "frontend/x86/sse/", "frontend/x86/x87/"),
    "frontend/x86/system/": X86 + ("frontend/x86/common/", "frontend/x86/x87/", "frontend/x86/system/"),
    "frontend/x86/int/": X86 + ("frontend/x86/common/", "frontend/x86/system/", "frontend/x86/int/"),
    "frontend/x86/abi/": X86 + ("frontend/x86/common/", "frontend/x86/x87/", "frontend/x86/system/",
                                "frontend/x86/abi/"),
    "tcg/": IR + ("tcg/",),
    "llvm-opt/": IR + ("llvm-opt/",),
    "runtime/": IR + PUBLIC + ("runtime/",),
}
OURS = ("src/", "frontend/", "tcg/", "llvm-opt/", "runtime/", "tests/")
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
             ".ci", ".clang-format", ".editorconfig", ".gitignore",
             "src", "frontend", "tcg", "llvm-opt", "runtime", "tests", "spec-scripts"}
CODE = (".c", ".h", ".cc", ".def", ".S", ".py", ".sh")
MAX_LINES = 800
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


def allowed_prefixes(path):
    """The row of RULES for a file, or None where everything may be included (tests, tools)."""
    parts = path.split("/")
    guest = parts[1] if parts[0] == "frontend" and len(parts) > 2 else None
    if guest and not any(path.startswith(folder) for folder in RULES if folder.startswith(f"frontend/{guest}/")):
        return tuple(p.replace("%g", guest) for p in RULES["frontend/%g/"])
    rows = [folder for folder in RULES if "%" not in folder and path.startswith(folder)]
    return RULES[max(rows, key=len)] if rows else None


def check_include(path, quote, name):
    """A complaint about one #include line of the file path, or None."""
    if "llvm-c/" in name or name.startswith("llvm/"):
        return None if path.startswith(("llvm-opt/", "tests/")) else "LLVM's headers are for llvm-opt alone"
    if name.endswith((".c", ".cc", ".inc")):
        return "code is compiled, not included"
    allowed = allowed_prefixes(path)
    if allowed is None:
        return None
    if quote == '"' and "/" not in name:
        return "write the path from the top of the tree"
    if name.startswith(OURS) and not name.startswith(allowed):
        return "this folder may include only " + " ".join(allowed)
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
        complaint = check_include(path, *match.groups()) if match else None
        if complaint:
            complaints.append(f"{path}:{number}: {line.strip()}: {complaint}")
    return complaints


def check_tree():
    complaints, count = [], 0
    files = tree_files()
    for entry in sorted({f.split("/")[0] for f in files} - TOP_LEVEL):
        complaints.append(f"{entry}: nothing of this name belongs at the top level")
    for path in sorted(files):
        if path.endswith(CODE):
            count += 1
            with open(os.path.join(ROOT, path), errors="replace") as f:
                complaints += check_file(path, f.read())
    print("\n".join(complaints + [f"{count} files checked, {len(complaints)} complaints"]))
    return 1 if complaints else 0


SELF_TEST = [  # file, include, allowed
    ("src/base/log.c", '"src/base/log.h"', True),
    ("src/base/log.c", '"src/ir/ir.h"', False),
    ("src/ir/ir.c", '"frontend/guest.h"', False),
    ("frontend/riscv/lift.c", '"frontend/guest.h"', True),
    ("frontend/riscv/lift.c", '"frontend/riscv/decode.h"', True),
    ("frontend/riscv/lift.c", '"frontend/arm/decode.h"', False),
    ("frontend/riscv/lift.c", '"tcg/tcg.h"', False),
    ("frontend/x86/lift.c", '"frontend/x86/int/args.h"', True),
    ("frontend/x86/int/lift.c", '"frontend/x86/decode/decode.h"', True),
    ("frontend/x86/int/lift.c", '"frontend/x86/sse/vec.h"', False),
    ("frontend/x86/decode/decode.c", '"frontend/x86/common/context.h"', False),
    ("tcg/x86_64/emit.c", '"llvm-opt/lopt.h"', False),
    ("llvm-opt/lower.c", "<llvm-c/Core.h>", True),
    ("runtime/core/engine.c", "<llvm-c/Core.h>", False),
    ("runtime/core/engine.c", '"tcg/tcg.h"', True),
    ("runtime/core/engine.c", '"tcg/tcg_private.h"', False),
    ("runtime/core/engine.c", '"engine.h"', False),
    ("src/cli/main.c", '"runtime/process.h"', True),
    ("src/cli/main.c", '"table.inc"', False),
    ("tests/unit/ir/ir_test.cc", '"src/ir/ir.h"', True),
    ("tests/unit/ir/ir_test.cc", '"src/ir/ir.c"', False),
]


def self_test():
    failed = 0
    for path, include, allowed in SELF_TEST:
        complaint = check_include(path, *INCLUDE.match("#include " + include).groups())
        if (complaint is None) != allowed:
            print(f"{path}: {include}: got {complaint!r}")
            failed += 1
    if not any("lines" in c for c in check_file("src/base/x.c", "\n" * (MAX_LINES + 1))):
        print("a long file passes")
        failed += 1
    print(f"{len(SELF_TEST) + 1} rules tried, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1:] == ["--self-test"] else check_tree())
