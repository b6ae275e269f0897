/* SPDX-License-Identifier: Apache-2.0 */
/* What a program gets at its start: arguments, environment, auxiliary vector, stack; exit handlers and exit status.
 * arguments: one "two words" '' --three=3
 * environment: TANDEM_TEST_VALUE=some thing
 * status: 7 */
#include <elf.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

extern char **environ;

static void last(void) { puts("last"); }
static void first(void) { puts("first"); }

__attribute__((constructor)) static void before_main(void) { puts("constructor"); }
__attribute__((destructor)) static void after_main(void) { puts("destructor"); }

int main(int argc, char **argv)
{
    printf("%d", argc);
    for (int i = 1; i < argc; i++)
        printf(" [%s]", argv[i]);
    const char *value = getenv("TANDEM_TEST_VALUE");
    printf(" end %d\nvalue %s\n", argv[argc] == NULL, value ? value : "(none)");
    setenv("ADDED", "x", 1);
    printf("added %s\n", getenv("ADDED"));
    printf("pagesz %lu entry %d random %d phnum %d secure %lu\n", getauxval(AT_PAGESZ), getauxval(AT_ENTRY) != 0,
           getauxval(AT_RANDOM) != 0, getauxval(AT_PHNUM) > 2, getauxval(AT_SECURE));
    printf("imafdc %d\n", (getauxval(AT_HWCAP) & 0x112d) == 0x112d);
    printf("uid %d\n", getauxval(AT_UID) == getuid());
    char *executable = strrchr((const char *)getauxval(AT_EXECFN), '/');
    printf("stack aligned %d name %d\n", ((uintptr_t)__builtin_frame_address(0) & 15) == 0, executable != NULL);
    atexit(last);
    atexit(first);
    return 7;
}
