#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each function and object that a file of tandem defines for others is used by another file of tandem.

What only its own file uses should be static; what nothing uses is dead; what only tests use is dead, too, unless it is
what a test is about: test_subjects.txt has these, "NAME  why". known_unused.txt has the names that are still to go; it
may only shrink.
"""
import argparse
import sys

from tree import PRODUCT, add_build_argument, known_lines, objects, symbols

NOT_OURS = {"main", "tandem_llvm_symbols"}  # the loader uses them: of programs, and of the module (dlsym)


def unused(defined, taken, product):
    """[(name, object, "tests only" or "")]: what no other product file takes."""
    by_product = set().union(*(taken[f] for f in product))
    by_tests = set().union(*(taken[f] for f in taken if f not in product))
    return [(name, f, "only tests use it" if name in by_tests else "") for f in product
            for name in sorted(defined[f] - by_product - NOT_OURS)]


def check(build):
    built = objects(build)
    missing = sorted(s for s, o in built.items() if o is None)
    if missing or not built:
        sys.exit(f"{build}: not built: {' '.join(missing) or 'nothing'}")
    source_of = {o: s for s, o in built.items()}
    product = [o for s, o in built.items() if s.startswith(PRODUCT)]
    found = unused(*symbols(list(source_of)), product)
    subjects = {line.split()[0] for line in known_lines("test_subjects.txt")}
    known = {line.split()[0] for line in known_lines("known_unused.txt")}
    bad = [(n, f, why) for n, f, why in found if not (why and n in subjects)]
    new = [(n, f, why) for n, f, why in bad if n not in known]
    for name, file, why in new:
        print(f"{source_of[file]}: {name}: {why or 'no other file uses it: static, or dead'}")
    superfluous = (subjects | known) - {n for n, _, _ in found}
    for name in sorted(superfluous):
        print(f"{name}: is used, or is not there: take it out of the lists")
    print(f"{len(product)} object files, {len(bad)} names that no other uses, {len(new)} of them new")
    return 1 if new else 0


def self_test():
    defined = {"a": {"used", "alone", "tested", "main"}, "b": set(), "t": {"TestBody"}}
    taken = {"a": set(), "b": {"used"}, "t": {"tested", "used"}}
    got = unused(defined, taken, ["a", "b"])
    right = [("alone", "a", ""), ("tested", "a", "only tests use it")]
    print("1 rule tried,", "0 failed" if got == right else f"1 failed: {got}")
    return 0 if got == right else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_build_argument(parser)
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    return self_test() if args.self_test else check(args.build)


if __name__ == "__main__":
    sys.exit(main())
