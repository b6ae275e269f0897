# SPDX-License-Identifier: Apache-2.0
"""Inputs of real.py, made once and always the same. A name like text-4 is a maker and a size; work.bc@4 is a file of
folder workload with @N@ replaced by 4.
"""
import array
import math
import os
import random
import re
import shutil
import struct
import subprocess
import zlib

WORKLOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workload")
CC1 = "usr/lib/gcc/x86_64-w64-mingw32/14-win32/cc1"
RATE = 44100
FRESH = "new-"  # begins the name of an input that is being made


def _text(path, kilobytes, _tools):
    """Sentences of words that are as unlike in frequency as those of a language."""
    rng, size = random.Random(0), 0
    syllables = [c + v for c in ("b", "d", "k", "l", "m", "n", "r", "s", "t", "st", "tr", "") for v in "aeiou"]
    words = ["".join(rng.choices(syllables, k=rng.randrange(1, 5))) for _ in range(6000)]
    total, weights = 0.0, []
    for i in range(len(words)):
        total += 1 / (i + 2)
        weights.append(total)
    with open(path, "w") as f:
        while size < kilobytes << 10:
            line = " ".join(rng.choices(words, cum_weights=weights, k=rng.randrange(5, 20)))
            size += f.write(line.capitalize() + rng.choice(".,;.") + "\n")


def _blob(path, megabytes, _tools):
    """Bytes without a pattern; a megabyte repeats."""
    part = random.Random(11).randbytes(1 << 20)
    with open(path, "wb") as f:
        for _ in range(megabytes):
            f.write(part)


def _log(path, kilobytes, _tools):
    """Lines of a web server's log."""
    rng, size = random.Random(1), 0
    with open(path, "w") as f:
        while size < kilobytes << 10:
            at = rng.getrandbits(48)
            end = (".html", ".png", ".css", f"?id={at & 0xFFFFFF:x}")[at >> 5 & 3]
            status = (200, 200, 304, 404)[at >> 7 & 3]
            line = (f"{10 + at % 3}.{at >> 8 & 7}.{at >> 16 & 31}.{at >> 24 & 255} - - [{1 + at % 28:02}/Mar/2025:"
                    f"{at % 24:02}:{at % 60:02}:00 +0000] \"GET /shop/{at % 97}/item{at >> 12 & 255}{end} HTTP/1.1\" "
                    f"{status} {at % 50000} \"-\" \"Mozilla/5.0 (X11; {at >> 30:x})\"\n")
            size += f.write(line)


def _json(path, kilobytes, _tools):
    """A list of orders."""
    rng, size, parts = random.Random(2), 0, []
    while size < kilobytes << 10:
        items = ",".join(f'{{"count":{rng.randrange(1, 9)},"price":{rng.randrange(100, 9999)},"name":"thing'
                         f' {rng.randrange(500)}"}}' for _ in range(rng.randrange(1, 7)))
        parts.append(f'{{"id":{len(parts)},"customer":{{"name":"c{rng.randrange(300)}","town":"t{rng.randrange(40)}"}},'
                     f'"tags":["{rng.choice(("red", "blue"))}","x{rng.randrange(50)}"],"items":[{items}]}}')
        size += len(parts[-1])
    with open(path, "w") as f:
        f.write("[" + ",\n".join(parts) + "]\n")


def _xml(path, kilobytes, _tools):
    """The same kind of list as elements and attributes."""
    rng, size, parts = random.Random(3), 0, []
    while size < kilobytes << 10:
        parts.append(f'<order id="o{len(parts)}" day="{rng.randrange(365)}">' + "".join(
            f'<item price="{rng.randrange(9999)}">thing &amp; {rng.randrange(500)}</item>'
            for _ in range(rng.randrange(1, 6))) + "</order>\n")
        size += len(parts[-1])
    with open(path, "w") as f:
        f.write("<orders>\n" + "".join(parts) + "</orders>\n")


C_FUNCTION = """
struct node{k} {{ int key; unsigned weight; struct node{k} *left, *right; }};
static unsigned table{k}[{size}];
unsigned hash{k}(const unsigned char *text, unsigned long count)
{{
    unsigned h = {a}u;
    for (unsigned long i = 0; i < count; i++)
        h = (h ^ text[i]) * {b}u + (h >> {shift});
    return h;
}}
struct node{k} *insert{k}(struct node{k} *root, struct node{k} *fresh)
{{
    struct node{k} **at = &root;
    while (*at) {{
        (*at)->weight += fresh->weight;
        at = fresh->key < (*at)->key ? &(*at)->left : &(*at)->right;
    }}
    *at = fresh;
    return root;
}}
double filter{k}(double *x, int n)
{{
    double sum = 0;
    for (int i = {tap}; i < n - {tap}; i++) {{
        double y = 0;
        for (int j = -{tap}; j <= {tap}; j++)
            y += x[i + j] * ({a} - j);
        x[i - {tap}] = y > {b} ? y - {b} : y;
        sum += y;
    }}
    return sum;
}}
int step{k}(int op, int a, int b)
{{
    switch (op) {{
{cases}
    default: table{k}[op & {mask}] += a; return hash{k}((const unsigned char *)table{k}, sizeof(table{k})) & 0x7fff;
    }}
}}
"""


def _c_text(units):
    """C that needs no headers: hashes, trees, loops of floating point and wide switches."""
    rng, out = random.Random(4), []
    forms = ("return a {o} (b + {c});", "return step{k}({c} % 7 + op, b, a {o} {c});",
             "for (int i = 0; i < b; i++) a = (a {o} i) ^ table{k}[i & {m}]; return a;",
             "if (a > {c}) return b * {c} - a; else return (a << 3) {o} b;",
             "table{k}[a & {m}] {o}= b; return (int)table{k}[b & {m}];")
    for k in range(units):
        size = 1 << rng.randrange(4, 9)
        cases = [f"    case {i}: {{ " + rng.choice(forms).format(o=rng.choice("+-^&|*"), c=rng.randrange(1, 999), k=k,
                                                                m=size - 1) + " }" for i in range(40)]
        out.append(C_FUNCTION.format(k=k, size=size, mask=size - 1, a=rng.randrange(9999), b=rng.randrange(1, 9999),
                                     shift=rng.randrange(1, 30), tap=rng.randrange(2, 6), cases="\n".join(cases)))
    return "".join(out)


def _c(path, units, _tools):
    with open(path, "w") as f:
        f.write(_c_text(units))


def _assembly(path, tools):
    """What the compiler, run natively, makes of C text; path: of files that will be gone."""
    source, out = path + ".i", path + ".s"
    with open(source, "w") as f:
        f.write(_c_text(40))
    subprocess.run(tools.native(CC1) + ["-fpreprocessed", "-quiet", "-O1", source, "-o", out], check=True)
    with open(out) as f:
        text = f.read()
    for name in (source, out):
        os.remove(name)
    return text


def _renamed(text, copy):
    """Assembly with names of its own."""
    return re.sub(r"\b(hash|insert|filter|step|table)(\d+)", rf"\g<1>{copy}_\2", text).replace(".L", f".L{copy}_")


def _gas(path, copies, tools):
    text = _assembly(path, tools)
    with open(path, "w") as f:
        f.writelines(_renamed(text, i) for i in range(copies))


def _objects(path, count, tools):
    """A folder of object files, and list, their names, for the linker."""
    os.makedirs(path)
    text = _assembly(path, tools)
    for i in range(count):
        subprocess.run(tools.native("usr/bin/x86_64-w64-mingw32-as") + ["-o", f"{path}/{i}.o", "-"],
                       input=_renamed(text, i).encode(), check=True)
    with open(os.path.join(path, "list"), "w") as f:
        f.writelines(f"{path.replace(FRESH, '')}/{i}.o\n" for i in range(count))


def _nasm(path, units, _tools):
    """Assembly in nasm's own syntax: macros, loops, forward jumps."""
    rng, out = random.Random(5), ["bits 64", "%macro step 3", " mov rax,[%1+%2*8+%3]", " lea rdx,[rax+rax*4+%3]",
                                  " xor rax,rdx", " shl rdx,(%3) & 31", " add [%1+%3],rax", "%endmacro"]
    for k in range(units):
        out.append(f"label{k}:\n%assign turn 0\n%rep 20")
        out.append(f" step rbx,rcx,{rng.randrange(4096)}+turn\n cmp rax,{rng.randrange(1 << 20)}\n jne near label"
                   f"{rng.randrange(units)}\n%assign turn turn+8\n%endrep")
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")


def _wav(path, seconds, _tools):
    """Stereo sound: chords that move, with noise. A part of ten seconds repeats."""
    rng, part = random.Random(6), array.array("h")
    sine = [math.sin(2 * math.pi * i / 4096) for i in range(4096)]
    frames = min(seconds, 10) * RATE
    for i in range(frames):
        low, high = 5.1 + (i // 22050) % 5, 40.7 + (i // 11025) % 7
        noise = rng.getrandbits(10) - 512
        left = 9000 * sine[int(i * low * 4) & 4095] + 5000 * sine[int(i * high) & 4095] + noise
        part.append(int(left))
        part.append(int(left / 2 + 4000 * sine[int(i * high * 1.5) & 4095] - noise / 2))
    data = part.tobytes() * (seconds // min(seconds, 10))
    with open(path, "wb") as f:
        f.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 2, RATE, RATE * 4,
                            4, 16, b"data", len(data)) + data)


def _pixels(width, height):
    """Rows of a picture: smooth shades, edges and noise."""
    rng = random.Random(7)
    for y in range(height):
        noise = rng.randbytes(width)
        row = bytearray()
        for x in range(width):
            edge = 90 if (x // 37 + y // 53) % 2 else 0
            row += bytes(((x + y) * 80 // (width + height) + edge + noise[x] % 8, (x * y >> 9) % 160 + noise[x] % 4,
                          (x ^ y) % 64 + edge))
        yield bytes(row)


def _ppm(path, height, _tools):
    with open(path, "wb") as f:
        f.write(b"P6\n512 %d\n255\n" % height)
        for row in _pixels(512, height):
            f.write(row)


def _png(path, height, _tools):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + row for row in _pixels(512, height))
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 512, height, 8, 2, 0, 0, 0)) +
                chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def _tree(path, files, _tools):
    """Folders of source files of a few kinds."""
    rng = random.Random(8)
    ends = (("c", "/* text {} */\nint f{}(int a) {{ return a; }}\n"), ("py", "# text {}\ndef f{}(a):\n    return a\n"),
            ("sh", "# text {}\nf{}() {{ echo; }}\n\n"), ("md", "# Text {}\n\nWords {} and words.\n"))
    for i in range(files):
        end, form = ends[i % len(ends)]
        folder = os.path.join(path, f"part{i % 13}", f"sub{i % 29}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"file{i}.{end}"), "w") as f:
            f.write("".join(form.format(rng.randrange(999), k) for k in range(40)))


def _cnf(path, variables, _tools):
    """Random clauses of three literals, 4.6 for each variable: hardly ever satisfiable."""
    rng = random.Random(9)
    clauses = int(variables * 4.6)
    with open(path, "w") as f:
        f.write(f"p cnf {variables} {clauses}\n")
        for _ in range(clauses):
            f.write(" ".join(str(v * rng.choice((1, -1))) for v in rng.sample(range(1, variables + 1), 3)) + " 0\n")


def _go(path, moves, _tools):
    """Commands to gnugo: play against yourself, a new game every 40 moves."""
    with open(path, "w") as f:
        f.write("boardsize 9\n")
        f.writelines(("clear_board\n" if i % 40 == 0 else "") + f"genmove {('black', 'white')[i % 2]}\n"
                     for i in range(moves))
        f.write("showboard\nquit\n")


def _number(path, exponent, _tools):
    """2^exponent - 1; of 1061 the least factor has 143 digits."""
    with open(path, "w") as f:
        f.write(f"{2 ** exponent - 1}\n")


def _troff(path, paragraphs, _tools):
    """A manual page with headings, lists and running text."""
    rng = random.Random(10)
    with open(path, "w") as f:
        f.write(".TH PAGE 1 2025-01-01\n")
        for i in range(paragraphs):
            if i % 9 == 0:
                f.write(f".SH Part {i}\n")
            f.write((".PP\n", ".IP \\(bu 2\n", ".LP\n")[i % 3])
            f.writelines(" ".join(f"{rng.choice(('translating', 'interpretation', 'code', 'of', 'machines'))}"
                                  f"{rng.randrange(99)}" for _ in range(12)) + ".\n" for _ in range(6))


MAKERS = {"text": _text, "blob": _blob, "log": _log, "json": _json, "xml": _xml, "c": _c,
          "gas": _gas, "objects": _objects, "nasm": _nasm, "wav": _wav, "ppm": _ppm, "png": _png, "tree": _tree,
          "cnf": _cnf, "go": _go, "number": _number, "troff": _troff}


def check(name):
    """Is there a maker or a file for this name? Raises KeyError or OSError if not."""
    if "@" in name:
        os.stat(os.path.join(WORKLOAD, name.split("@")[0]))
    else:
        maker, size = name.split("-")
        return MAKERS[maker], int(size)
    return None


def make(name, folder, tools):
    """Makes folder/NAME unless it is there; tools.native(program) begins the command of a native program."""
    path = os.path.join(folder, name)
    if os.path.exists(path):
        return
    fresh = os.path.join(folder, FRESH + name)
    shutil.rmtree(fresh, ignore_errors=True)
    if "@" in name:
        source, size = name.split("@")
        with open(os.path.join(WORKLOAD, source)) as f, open(fresh, "w") as out:
            out.write(f.read().replace("@N@", size))
    else:
        maker, size = check(name)
        maker(fresh, size, tools)
    os.replace(fresh, path)
