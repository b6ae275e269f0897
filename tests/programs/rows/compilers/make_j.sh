# SPDX-License-Identifier: Apache-2.0
# make -j2 with pattern rules, autoconf's configure and ninja by cmake: builds of many short processes.
# packages: make gcc cmake ninja-build autoconf automake
# timeout: 400
for i in $(seq 12); do echo "int f$i(int x) { return x * $i; }" >f$i.c; done
{ for i in $(seq 12); do echo "int f$i(int);"; done; echo '#include <stdio.h>'; echo 'int main(void) { int s = 0;'
for i in $(seq 12); do echo "s += f$i($i);"; done; printf '%s\n' 'printf("%d\n", s); }'; } >m.c
cat >Makefile <<'END'
o = $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
all: p
p: $o
	@$(CC) -o $@ $^
%.o: %.c
	@$(CC) -c $<
.PHONY: clean
clean:
	@rm -f p *.o; echo clean
END
make -j2 && ./p; touch f3.c; make -j2 -n | wc -l; make clean
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(p C)
file(GLOB s *.c)
add_executable(p ${s})
enable_testing()
add_test(NAME t COMMAND p)
END
cmake -G Ninja -B b >log 2>&1; echo $?; grep -c 'Detecting C compile features - done' log; ninja -j2 -C b >/dev/null
echo $?; b/p; ninja -C b | tail -n 1; (cd b; ctest | grep -c 'tests passed')
mkdir a; cd a; cp ../*.c .
cat >configure.ac <<'END'
AC_INIT([p],[1])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
AC_CHECK_HEADERS([unistd.h sys/none.h])
AC_CHECK_FUNCS([fork])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
{ echo 'bin_PROGRAMS = p'; echo p_SOURCES = *.c; } >Makefile.am; sed -i "s/\*.c/$(echo *.c)/" Makefile.am
autoreconf -i >/dev/null 2>&1; echo $?
./configure 2>&1 | grep -E 'checking for (unistd.h|sys/none.h|fork)|creating'; make -s -j2 2>/dev/null; ./p
