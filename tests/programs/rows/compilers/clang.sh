# SPDX-License-Identifier: Apache-2.0
# clang compiling C++ with libstdc++.
# packages: clang g++
# timeout: 300
for o in -O0 -O2; do clang++ $o -std=c++20 /row/program.cc -o a -pthread && ./a; done
printf 'int f(int *p, int n) { int s = 0; for (int i = 0; i < n; i++) s += p[i]; return s; }\n' >l.c
clang -O2 --target=x86_64-linux-gnu -S -o - l.c | grep -v -e '\.ident' -e '\.file' | md5sum
clang -fsyntax-only -Wall -x c - 2>&1 <<'END' | grep -c warning
int main(void) { int x; return x; }
END
