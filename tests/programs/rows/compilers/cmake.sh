# SPDX-License-Identifier: Apache-2.0
# CMake and Ninja: a project with libraries, generated sources, tests; configure, build, build again, ctest.
# packages: cmake ninja-build g++ gcc
# timeout: 600
mkdir -p p/lib && cd p || exit 1
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.18)
project(p LANGUAGES C CXX)
enable_testing()
find_package(Threads REQUIRED)
file(WRITE ${CMAKE_BINARY_DIR}/gen.cmake "file(WRITE made.h \"#define MADE 42\\n\")")
add_custom_command(OUTPUT made.h COMMAND ${CMAKE_COMMAND} -P gen.cmake)
foreach(n RANGE 1 12)
  file(WRITE ${CMAKE_BINARY_DIR}/f${n}.c "int f${n}(int x) { return x * ${n}; }\n")
  list(APPEND sources ${CMAKE_BINARY_DIR}/f${n}.c)
  string(APPEND calls "s += f${n}(s);\n")
  string(APPEND names "int f${n}(int);\n")
endforeach()
add_library(fs SHARED ${sources})
configure_file(main.cc.in main.cc @ONLY)
add_executable(main ${CMAKE_BINARY_DIR}/main.cc made.h)
target_include_directories(main PRIVATE ${CMAKE_BINARY_DIR})
target_link_libraries(main fs Threads::Threads)
add_test(NAME good COMMAND main 1)
add_test(NAME bad COMMAND main 0)
set_tests_properties(bad PROPERTIES WILL_FAIL TRUE)
math(EXPR sum "3 * (4 + 5)" OUTPUT_FORMAT HEXADECIMAL)
string(REGEX REPLACE "b+" "<\\0>" replaced "abbbc")
message(STATUS "said ${sum} ${replaced} $<0:x>")
END
cat >main.cc.in <<'END'
#include <cstdio>
#include <cstdlib>
#include "made.h"
extern "C" {
@names@
}
int main(int argc, char **argv) {
    unsigned s = atoi(argv[argc - 1]);
    @calls@
    printf("%u %d\n", s, MADE);
    return s == 0;
}
END
cmake -G Ninja -B build -DCMAKE_BUILD_TYPE=Release 2>&1 | grep -e '-- said' -e 'Error'
ninja -C build -j4 | tail -1 | sed 's/\].*/]/'; build/main 1; ninja -C build | tail -1
touch build/f3.c; ninja -C build -n | grep -c 'f3.c\|Linking'
(cd build && ctest -j2 2>&1 | grep -e 'tests passed' -e 'bad ' | sed 's/ *[0-9.]* sec.*//')
cmake -G 'Unix Makefiles' -B other >/dev/null 2>&1; cmake --build other -j2 2>&1 | grep -c 'Building C'; other/main 2
cmake -E sha256sum CMakeLists.txt | cut -c1-16
echo 'broken(' >CMakeLists.txt; cmake -B third 2>&1 | grep -c 'Parse error'
