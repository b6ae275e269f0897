/* SPDX-License-Identifier: Apache-2.0 */
/* The options table (options.def) as data, its defaults, and the conversion of text to values.
 *
 * How: the column "arg" of a row is what --help shows and also what a value is checked against: "a|b|c" in lower case
 * are the values there are, "0-3" a range, "[json]" a value that may be left out.
 *
 * Invariants
 * I1  A value is stored only after all checks have passed. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/cli/cli.h"

#define DEFAULT_FLAG(d) .default_int = (d), .default_str = NULL
#define DEFAULT_INT(d)  .default_int = (d), .default_str = NULL
#define DEFAULT_STR(d)  .default_int = 0, .default_str = (d)

const struct cli_option cli_options[] = {
#define OPT(field_, kind_, short_, long_, env_, def_, arg_, help_)                                                     \
    {.kind = CLI_##kind_,                                                                                              \
     .offset = offsetof(struct options, field_),                                                                       \
     .short_name = short_,                                                                                             \
     .long_name = long_,                                                                                               \
     .env = env_,                                                                                                      \
     .arg = arg_,                                                                                                      \
     .help = help_,                                                                                                    \
     DEFAULT_##kind_(def_)},
#include "src/base/options.def"
#undef OPT
};
const size_t cli_option_count = ARRAY_LEN(cli_options);

static void store(struct options *options, const struct cli_option *row, int64_t number, const char *text)
{
    void *field = (char *)options + row->offset;
    switch (row->kind) {
    case CLI_FLAG:
        *(bool *)field = number != 0;
        break;
    case CLI_INT:
        *(int64_t *)field = number;
        break;
    case CLI_STR:
        *(const char **)field = text;
        break;
    }
}

void cli_set_defaults(struct options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < cli_option_count; i++)
        store(options, &cli_options[i], cli_options[i].default_int, cli_options[i].default_str);
}

/* A number with an optional suffix k, M or G (powers of 1024), decimal, octal or hexadecimal. */
static bool parse_number(const char *text, int64_t *value)
{
    static const struct {
        char letter;
        unsigned shift;
    } suffixes[] = {{0, 0}, {'k', 10}, {'K', 10}, {'m', 20}, {'M', 20}, {'g', 30}, {'G', 30}};
    char *end;
    errno = 0;
    const bool negative = text[0] == '-';
    long long number = strtoll(text, &end, 0);
    if (end == text || isspace((unsigned char)text[0]))
        return false;
    if (errno == ERANGE && !negative) { /* an address in the upper half */
        errno = 0;
        number = (long long)strtoull(text, &end, 0);
    }
    if (errno || (end[0] && end[1]))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        if (suffixes[i].letter != end[0])
            continue;
        return !__builtin_mul_overflow(number, 1ll << suffixes[i].shift, value);
    }
    return false;
}

/* Does arg list values, and is text none of them? */
static bool not_in_list(const char *arg, const char *text)
{
    if (!strchr(arg, '|') || isupper((unsigned char)arg[0]))
        return false;
    const size_t len = strlen(text);
    for (const char *item = arg;; item++) {
        const size_t n = strcspn(item, "|");
        if (n == len && memcmp(item, text, n) == 0)
            return false;
        item += n;
        if (!*item)
            return true;
    }
}

/* Is arg a range "0-3" that number is not in? */
static bool not_in_range(const char *arg, int64_t number)
{
    int low, high, used = 0;
    return sscanf(arg, "%d-%d%n", &low, &high, &used) == 2 && !arg[used] && (number < low || number > high);
}

bool cli_needs_value(const struct cli_option *row) { return row->kind != CLI_FLAG && row->arg[0] != '['; }

static bool set_flag(struct options *options, const struct cli_option *row, const char *text)
{
    static const char *const off[] = {"0", "no", "off", "false"}, *const on[] = {"", "1", "yes", "on", "true"};
    for (size_t i = 0; text && i < ARRAY_LEN(off); i++) {
        if (strcmp(text, off[i]) == 0) {
            store(options, row, 0, NULL);
            return true;
        }
    }
    bool known = !text;
    for (size_t i = 0; text && i < ARRAY_LEN(on); i++)
        known |= strcmp(text, on[i]) == 0;
    if (known)
        store(options, row, 1, NULL);
    return known;
}

bool cli_set_value(struct options *options, const struct cli_option *row, const char *text, char *message, size_t size)
{
    int64_t number = 0;
    if (row->kind == CLI_FLAG) {
        if (set_flag(options, row, text))
            return true;
        snprintf(message, size, "'%s' is neither 0 nor 1", text);
        return false;
    }
    if (!text)
        text = "";
    if (not_in_list(row->arg, text)) {
        snprintf(message, size, "'%s' is none of %s", text, row->arg);
        return false;
    }
    if (row->kind == CLI_INT && !parse_number(text, &number)) {
        snprintf(message, size, "'%s' is not a number", text);
        return false;
    }
    if (row->kind == CLI_INT && not_in_range(row->arg, number)) {
        snprintf(message, size, "%s is not in %s", text, row->arg);
        return false;
    }
    store(options, row, number, text);
    return true;
}
