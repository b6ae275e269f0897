# SPDX-License-Identifier: Apache-2.0
"""The programs of real.py, one a row.

argv is a command line: its first word is the program's path in the root of unpacked packages. {n} is the size of the
length that was chosen, {in}/NAME an input (real_inputs.py makes it), {out} a file that is written, {root} the root,
{triplet} Debian's name of the system. A word that ends with *n stands there {n} times.
"""
import re
import shlex
from dataclasses import dataclass, field

LENGTHS = ("0.3", "2", "10")  # about so many seconds natively
INPUT = re.compile(r"\{in\}/([^/*]+)")


@dataclass(frozen=True)
class Row:
    """sizes: one for each length. compare: equal (output as natively), sorted (the same with its lines sorted) or near
    (floating point of other machines may round otherwise: guests agree, length as natively within 2 %). keep: of the
    output only the lines that match. libs: folders beside the usual one with libraries, as alternatives have them."""
    name: str
    kind: str
    packages: str
    argv: str
    sizes: tuple
    compare: str = "equal"
    keep: str = ""
    status: int = 0
    env: dict = field(default_factory=dict)
    libs: tuple = ()

    def words(self, length):
        """The command line for this length, with the places of the run still open."""
        out = []
        size = self.sizes[LENGTHS.index(length)]
        for word in shlex.split(self.argv):
            copies = size if word.endswith("*n") else 1
            out += [word.removesuffix("*n").replace("{n}", str(size))] * copies
        return out

    def inputs(self, length):
        return sorted({name for word in self.words(length) for name in INPUT.findall(word)})


PYTHON = {"PYTHONHOME": "{root}/usr", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
RUBY = {"RUBYLIB": "{root}/usr/lib/ruby/3.3.0:{root}/usr/lib/{triplet}/ruby/3.3.0"}
GUILE = {"GUILE_SYSTEM_PATH": "{root}/usr/share/guile/3.0", "GUILE_AUTO_COMPILE": "0",
         "GUILE_SYSTEM_COMPILED_PATH": "{root}/usr/lib/{triplet}/guile/3.0/ccache"}
TCL = {"TCL_LIBRARY": "{root}/usr/share/tcltk/tcl8.6"}
OPENSSL = {"OPENSSL_CONF": "/dev/null"}
TMAC = "{root}/usr/share/groff/1.23.0"
GCC = "usr/lib/gcc/x86_64-w64-mingw32/14-win32"
KEY = "000102030405060708090a0b0c0d0e0f"
MERSENNE = str(2 ** 1279 - 1)

# The compiler is one for Windows: its code is the same whatever machine it was built for.
ROWS = (
    Row("cc1", "compiler", "gcc-mingw-w64-x86-64-win32",
        GCC + "/cc1 -fpreprocessed -quiet -O2 {in}/c-{n} -o {out}", (4, 26, 130)),
    Row("as", "compiler", "binutils-mingw-w64-x86-64", "usr/bin/x86_64-w64-mingw32-as {in}/gas-{n} -o {out}",
        (6, 41, 207)),
    Row("ld", "compiler", "binutils-mingw-w64-x86-64",
        "usr/bin/x86_64-w64-mingw32-ld --no-insert-timestamp --allow-multiple-definition -e 0 -o {out}"
        " @{in}/objects-80/list*n", (2, 12, 60)),
    Row("nasm", "compiler", "nasm", "usr/bin/nasm -f bin -o {out} {in}/nasm-{n}", (220, 1470, 7300)),
    Row("perl", "interpreter", "perl-base", "usr/bin/perl {in}/work.pl@0 {n}", (38, 250, 1260)),
    Row("python3", "interpreter", "python3-minimal", "usr/bin/python3.13 -S {in}/work.py@0 {n}",
        (80, 530, 2700), env=PYTHON),
    Row("lua", "interpreter", "lua5.4", "usr/bin/lua5.4 {in}/work.lua@0 {n}", (110, 750, 3700)),
    Row("ruby", "interpreter", "ruby3.3", "usr/bin/ruby3.3 --disable=gems {in}/work.rb@0 {n}",
        (130, 870, 4300), env=RUBY),
    Row("guile", "interpreter", "guile-3.0", "usr/bin/guile-3.0 -s {in}/work.scm@0 {n}", (46, 300, 1500), env=GUILE),
    Row("tclsh", "interpreter", "tcl8.6", "usr/bin/tclsh8.6 {in}/work.tcl@0 {n}", (150, 980, 4900), env=TCL),
    Row("php", "interpreter", "php8.4-cli", "usr/bin/php8.4 -n {in}/work.php@0 {n}", (350, 2300, 11500)),
    Row("bzip2", "compressor", "bzip2", "usr/bin/bzip2 -9 -c {in}/text-1000*n", (3, 19, 96)),
    Row("gzip", "compressor", "gzip", "usr/bin/gzip -9 -n -c {in}/text-300*n", (7, 47, 235)),
    Row("xz", "compressor", "xz-utils", "usr/bin/xz -1 -T2 --block-size=1MiB -c {in}/text-3000*n", (1, 7, 33)),
    Row("zstd", "compressor", "zstd", "usr/bin/zstd -9 -T1 -q -c {in}/text-2000*n", (3, 22, 113)),
    Row("brotli", "compressor", "brotli", "usr/bin/brotli -q 8 -c {in}/text-{n}", (1200, 8000, 40000)),
    Row("7z", "compressor", "7zip", "usr/lib/7zip/7zr a -bd -bso0 -t7z -mx5 -mmt2 {out} {in}/text-{n}",
        (400, 2300, 11600)),
    Row("sqlite3", "database", "sqlite3", "usr/bin/sqlite3 -init {in}/work.sql@{n} :memory: .quit", (54, 360, 1800)),
    Row("grep", "text", "grep", "usr/bin/grep -Eh '(item[0-9]+[.]html|id=([0-9a-f])[0-9]+\\2) .* (200|404) [0-9]*7 '"
        " {in}/log-4000*n", (17, 113, 560)),
    Row("sort", "text", "coreutils", "usr/bin/sort -S 1500M --parallel=1 -k7,7V -k1,1r -k10,10n {in}/log-{n}",
        (12000, 55000, 270000)),
    Row("sed", "text", "sed", "usr/bin/sed -E -f {in}/work.sed@0 {in}/log-1000*n", (3, 18, 92)),
    Row("mawk", "text", "mawk", "usr/bin/mawk -f {in}/work.awk@0 {in}/log-4000*n", (2, 11, 56)),
    Row("gawk", "text", "gawk", "usr/bin/gawk -f {in}/work.awk@0 {in}/log-4000*n", (1, 5, 24)),
    Row("jq", "text", "jq", "usr/bin/jq -c -f {in}/work.jq@0 {in}/json-1000*n", (2, 10, 50)),
    Row("xmllint", "text", "libxml2-utils", "usr/bin/xmllint --nonet --format {in}/xml-4000*n", (1, 9, 43)),
    Row("troff", "text", "groff-base", f"usr/bin/troff -F {TMAC}/font -M {TMAC}/tmac -man -T ps {{in}}/troff-{{n}}",
        (1600, 11000, 54000)),
    Row("m4", "text", "m4", "usr/bin/m4 -L 0 {in}/work.m4@{n}", (80, 530, 2600)),
    Row("flac", "media", "flac", "usr/bin/flac --silent -8 -e -p --stdout {in}/wav-{n}", (4, 30, 130), compare="near"),
    Row("lame", "media", "lame", "usr/bin/lame --quiet -q 2 -b 128 {in}/wav-{n} {out}", (8, 54, 270), compare="near"),
    Row("opusenc", "media", "opus-tools", "usr/bin/opusenc --quiet --serial 1 {in}/wav-{n} {out}", (24, 160, 800),
        compare="near"),
    Row("oggenc", "media", "vorbis-tools", "usr/bin/oggenc -Q -s 1 -q 5 -o {out} {in}/wav-{n}", (24, 156, 780),
        compare="near"),
    Row("cwebp", "media", "webp", "usr/bin/cwebp -quiet -lossless -m 6 {in}/ppm-{n} -o {out}",
        (260, 3000, 15000), compare="near"),
    Row("optipng", "media", "optipng", "usr/bin/optipng -quiet -force -o2 -out {out} {in}/png-{n}", (190, 1300, 6500)),
    Row("numpy", "numerics", "python3-numpy python3-minimal", "usr/bin/python3.13 {in}/work_numpy.py@0 {n}",
        (3, 130, 700), env=PYTHON, libs=("blas", "lapack")),
    Row("glpsol", "numerics", "glpk-utils", "usr/bin/glpsol -m {in}/work.mod@{n}", (80, 150, 265), keep="^[0-9.e+]+$",
        libs=("blas", "lapack")),
    Row("bc", "numerics", "bc", "usr/bin/bc -l {in}/work.bc@{n}", (240, 1600, 8000)),
    Row("gp", "numerics", "pari-gp", "usr/bin/gp-2.17 -q -f {in}/work.gp@{n}", (300, 2200, 11000)),
    Row("ecm", "numerics", "gmp-ecm", "usr/bin/ecm -q -sigma 0:42 -c 1 -inp {in}/number-1061 {n}",
        (42000, 280000, 1400000)),
    Row("primesieve", "numerics", "primesieve-bin", "usr/bin/primesieve {n} -q -t1",
        (2400000000, 16000000000, 80000000000)),
    Row("minisat", "numerics", "minisat", "usr/bin/minisat -verb=0 {in}/cnf-{n}",
        (240, 270, 296), keep="^UNSAT", status=20, libs=("..",)),
    Row("cadical", "numerics", "cadical", "usr/bin/cadical -q -n {in}/cnf-{n}", (225, 265, 310), status=20),
    Row("gnugo", "game", "gnugo", "usr/bin/gnugo --mode gtp --seed 1 --level 8 --gtp-input {in}/go-{n}", (5, 24, 120)),
    Row("stockfish", "game", "stockfish", "usr/games/stockfish bench 16 1 {n} default nodes", (1500, 13000, 90000),
        keep="^(bestmove|Nodes searched)"),
    Row("fairy", "game", "fairy-stockfish", "usr/games/fairy-stockfish bench chess 16 1 {n} default nodes",
        (2000, 24000, 157000), keep="^(bestmove|Nodes searched)"),
    Row("rg", "rust", "ripgrep",
        "usr/bin/rg --no-config -j2 -c '(?i)item\\w+[.](html|css) .*\\b[37]\\d{3}\\b' {in}/log-4000*n",
        (42, 280, 1400), compare="sorted"),
    Row("fd", "rust", "fd-find", "usr/bin/fdfind -j2 -u '[13579][.](c|py)$' {in}/tree-1000*n", (43, 290, 1430),
        compare="sorted"),
    Row("bat", "rust", "bat", "usr/bin/batcat --no-config --paging=never --color=always -l c {in}/c-4*n", (7, 47, 230)),
    Row("kdf", "crypto", "openssl", "usr/bin/openssl kdf -keylen 32 -kdfopt digest:SHA512 -kdfopt pass:secret"
        " -kdfopt salt:salt -kdfopt iter:{n} PBKDF2", (710000, 4700000, 23600000), env=OPENSSL),
    Row("enc", "crypto", "openssl",
        f"usr/bin/openssl enc -camellia-256-cbc -K {KEY}{KEY} -iv {KEY} -in {{in}}/blob-{{n}}",
        (36, 240, 1200), env=OPENSSL),
    Row("prime", "crypto", "openssl", f"usr/bin/openssl prime {MERSENNE}*n", (6, 42, 210), env=OPENSSL),
)


def packages():
    """All packages of the table, each once."""
    return sorted({name for row in ROWS for name in row.packages.split()})


def choose(only):
    """Rows by their names, in the table's order; only: names with commas between them, or nothing for all."""
    names = set(only.split(",")) if only else {row.name for row in ROWS}
    unknown = names - {row.name for row in ROWS}
    if unknown:
        raise SystemExit(f"real: no such program: {', '.join(sorted(unknown))}")
    return [row for row in ROWS if row.name in names]
