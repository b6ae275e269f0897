# SPDX-License-Identifier: Apache-2.0
# gcc: cc1plus, as, ld, collect2 on C++ at -O0 and -O2, its program run; a shared library, an archive, LTO.
# packages: g++ gcc
# timeout: 300
for o in -O0 -O2; do g++ $o -std=c++20 /row/program.cc -o a -pthread && ./a; done
printf 'int f(int x) { return x * 3; }\n' >l.c
printf '#include <stdio.h>\nint f(int); int main(void) { printf("%%d\\n", f(14)); return 3; }\n' >p.c
gcc -shared -fPIC l.c -o libl.so && gcc p.c -L. -ll -Wl,-rpath,/work -o p; ./p; echo $?
nm -D libl.so | grep -c ' T f'; gcc -c l.c; ar rcs libs.a l.o; ar t libs.a; strip p; ./p
gcc -O2 -flto l.c p.c -o q && ./q; echo 'int main(void) { return x; }' | gcc -xc - 2>&1 | grep -c error
