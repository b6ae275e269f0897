#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no files use each other in a circle: none of different rooms, and no more than three of one room.

A unit is foo.c with foo.h. It uses another where it includes a file of it or takes a symbol that the other defines;
symbols are read from the object files of a build folder. A room is a folder. Each circle is listed with the includes
and symbols that tie it.
known_circles.txt has the circles that are still there, as "FOLDER UNITS" of the folder that has all of it; it may only
shrink.
"""
import argparse
import os
import sys
from collections import defaultdict

from tree import PRODUCT, add_build_argument, includes, known_lines, objects, symbols, tree_files

MOST_IN_A_ROOM = 3
SHOWN = 4  # names of one use


def unit(path):
    return os.path.splitext(path)[0]


def add_includes(uses, files):
    for path in files:
        for other in includes(path):
            if unit(other) != unit(path) and other.startswith(PRODUCT):
                uses[unit(path)][unit(other)].add("#include")


def add_symbols(uses, built):
    """built: {source: object file}"""
    defined, taken = symbols(list(built.values()))
    owner = {name: source for source, file in built.items() for name in defined[file]}
    for source, file in built.items():
        for name in taken[file] & owner.keys():
            if unit(owner[name]) != unit(source):
                uses[unit(source)][unit(owner[name])].add(name)


def circles(uses):
    """The strongly connected components of more than one unit (Tarjan's algorithm, without recursion)."""
    index, low, on_path, path, found = {}, {}, set(), [], []
    for root in sorted(uses):
        work = [(root, None)] if root not in index else []
        while work:
            node, rest = work.pop()
            if rest is None:
                index[node] = low[node] = len(index)
                path.append(node)
                on_path.add(node)
                rest = iter(sorted(uses.get(node, ())))
            for other in rest:
                if other not in index:
                    work += [(node, rest), (other, None)]
                    break
                if other in on_path:
                    low[node] = min(low[node], low[other])
            else:
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    at = path.index(node)
                    found.append(sorted(path[at:]))
                    on_path -= set(path[at:])
                    del path[at:]
    return [c for c in found if len(c) > 1]


def rooms(circle):
    return sorted({os.path.dirname(u) for u in circle})


def breaks_rule(circle):
    return len(rooms(circle)) > 1 or len(circle) > MOST_IN_A_ROOM


def is_known(circle, known):
    """Within the folder of a line of the list and no larger than it says."""
    return any(all(u.startswith(folder) for u in circle) and len(circle) <= count for folder, count in known)


def describe(circle, uses):
    lines = [f"circle of {len(circle)} in {', '.join(rooms(circle))}:"]
    for one in circle:
        for other in sorted(uses[one]):
            if other in circle:
                names = sorted(uses[one][other])
                more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                lines.append(f"  {one} -> {other}: {' '.join(names[:SHOWN])}{more}")
    return "\n".join(lines)


def read_uses(build):
    built = {s: o for s, o in objects(build).items() if s.startswith(PRODUCT)}
    missing = sorted(s for s, o in built.items() if o is None)
    if missing or not built:
        sys.exit(f"{build}: not built: {' '.join(missing) or 'nothing'}")
    uses = defaultdict(lambda: defaultdict(set))
    add_includes(uses, [f for f in tree_files() if f.startswith(PRODUCT) and f.endswith((".c", ".h", ".def"))])
    add_symbols(uses, built)
    return uses


def check(build, verbose):
    uses = read_uses(build)
    known = [(line.split()[0], int(line.split()[1])) for line in known_lines("known_circles.txt")]
    bad = [c for c in circles(uses) if breaks_rule(c)]
    new = [c for c in bad if not is_known(c, known)]
    for circle in bad if verbose else new:
        print(describe(circle, uses))
    print(f"{len(uses)} units, {len(bad)} circles, {len(new)} of them new")
    for circle in bad:
        print(f"  {','.join(rooms(circle))} {len(circle)}")
    return 1 if new else 0


def self_test():
    uses = {"a/x": {"a/y": {"f"}}, "a/y": {"b/z": {"g"}}, "b/z": {"a/x": {"#include"}},
            "a/p": {"a/q": {"h"}, "a/x": {"i"}},
            "a/q": {"a/p": {"j"}}, "c/end": {}}
    ring = {f"d/{n}": {f"d/{(n + 1) % 4}": {"f"}} for n in range(4)}
    tried = [
        circles(uses) == [["a/x", "a/y", "b/z"], ["a/p", "a/q"]] or circles(uses) == [["a/p", "a/q"],
                                                                                      ["a/x", "a/y", "b/z"]],
        breaks_rule(["a/x", "a/y", "b/z"]),
        not breaks_rule(["a/p", "a/q"]),
        circles(ring) == [["d/0", "d/1", "d/2", "d/3"]] and breaks_rule(circles(ring)[0]),
        is_known(circles(ring)[0], [("d/", 4)]),
        not is_known(circles(ring)[0], [("d/", 3)]),
        not is_known(["a/x", "b/z"], [("a/", 9)]),
        circles({}) == [],
    ]
    print(f"{len(tried)} rules tried, {tried.count(False)} failed")
    return 0 if all(tried) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_build_argument(parser)
    parser.add_argument("--verbose", action="store_true", help="describe the known circles, too")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    return self_test() if args.self_test else check(args.build, args.verbose)


if __name__ == "__main__":
    sys.exit(main())
