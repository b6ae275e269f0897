#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Expands vec_forms.txt into C: one RUN(number, "assembly") for each instruction form. Usage: vec_forms.py FORMS
OUTPUT"""
import re
import sys


def immediates(text):
    """One pattern for each value of "$0-7," or "$1/5,"."""
    match = re.match(r"(.*@ )\$([\d/-]+),(.*)", text)
    if not match:
        return [text]
    first, _, last = match[2].partition("-")
    values = range(int(first), int(last) + 1) if last else match[2].split("/")
    return [f"{match[1]}${value},{match[3]}" for value in values]


def forms(lines):
    patterns, done = [], False
    for line in lines:
        if line.startswith("#"):
            continue
        if line.startswith("  "):
            if done:
                patterns, done = [], False
            patterns += immediates(line.strip())
            continue
        done = True
        for mnemonic in line.split():
            yield from (pattern.replace("@", mnemonic) for pattern in patterns)


def main():
    with open(sys.argv[1]) as source, open(sys.argv[2], "w") as out:
        for number, form in enumerate(forms(source)):
            out.write(f'RUN({number}, "{form.replace("%", "%%")}")\n')


main()
