/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers of this folder share: text that signal handlers may write. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../chance.h"

enum { TEXT_ROOM = 1 << 16, TEXT_FULL = TEXT_ROOM - 256 };
static char text[TEXT_ROOM];
static volatile size_t text_used;

static inline void say(const char *s)
{
    const size_t n = strlen(s);
    if (text_used + n < TEXT_FULL) {
        memcpy(text + text_used, s, n);
        text_used += n;
    }
}

static inline void say_number(const char *before, long n)
{
    char digits[24], *p = digits + sizeof digits;
    unsigned long left = n < 0 ? -(unsigned long)n : (unsigned long)n;
    *--p = 0;
    do
        *--p = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        *--p = '-';
    say(before);
    say(p);
}

static inline void say_hex(const char *before, uint64_t n)
{
    char digits[20], *p = digits + sizeof digits;
    *--p = 0;
    do
        *--p = "0123456789abcdef"[n % 16];
    while (n /= 16);
    say(before);
    say(p);
}

/* A call's result, or its error by name. */
static inline void say_result(const char *name, long result)
{
    const int error = errno;
    say(name);
    if (result == -1) {
        say(" = ");
        say(strerrorname_np(error));
    } else {
        say_number(" = ", result);
    }
}

/* All that was said, in one piece. */
static inline void tell(void)
{
    size_t done = 0;
    while (done < text_used) {
        const ssize_t n = write(1, text + done, text_used - done);
        if (n < 0 && errno != EINTR)
            _exit(97);
        done += n > 0 ? (size_t)n : 0;
    }
    text_used = 0;
}

#endif
