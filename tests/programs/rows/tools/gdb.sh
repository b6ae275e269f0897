# SPDX-License-Identifier: Apache-2.0
# gdb without a process to look at: it reads a program's debug information, types, lines and macros; its own Python.
# packages: gdb gcc
# guests: riscv64 x86_64
# timeout: 240
cat >p.c <<'END'
#include <stdint.h>
#define TWICE(x) ((x) + (x))
enum colour { RED = 1, GREEN = 4, BLUE };
struct node { struct node *next; union { int32_t i; float f; } value; unsigned bits : 5; enum colour colour; };
struct node last = {0, {.f = 1.5f}, 17, BLUE}, first = {&last, {42}, 3, RED};
const char *const names[] = {"one", "two", "three"};
static int sum(const struct node *n)
{
    int total = 0;
    for (; n; n = n->next)
        total += n->value.i;
    return TWICE(total);
}
int main(void) { return sum(&first) & 1; }
END
gcc -g3 -O0 p.c -o p || exit 1
gdb -q -nx -batch -ex 'ptype struct node' -ex 'print first.value' -ex 'print last.colour' -ex 'print *first.next' \
    -ex 'print names' -ex 'list sum' -ex 'print TWICE(21)' -ex 'info line 12' -ex 'info scope main' \
    -ex 'print sizeof(struct node)' -ex 'whatis sum' -ex 'print/x (BLUE << 4) | 0xf00' -ex 'output 22.0/7' p 2>&1 |
    sed 's/0x[0-9a-f]*/0x/g; s/<sum+[0-9]*>/<sum>/g'
cat >s.py <<'END'
import gdb
t = gdb.lookup_type("struct node")
print([(f.name, f.bitsize) for f in t.fields()])
n, seen = gdb.parse_and_eval("&first"), []
while n:
    seen.append(int(n["bits"]))
    n = n["next"]
print(seen, sorted(gdb.types.make_enum_dict(gdb.lookup_type("enum colour")).items()) if hasattr(gdb, "types") else "")
print(gdb.lookup_global_symbol("main").symtab.filename, gdb.execute("info functions sum", to_string=True).count("sum"))
END
gdb -q -nx -batch -x s.py p 2>&1; gdb -q -nx -batch -ex 'print 1 +' 2>&1 | head -1
