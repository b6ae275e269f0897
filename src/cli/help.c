/* SPDX-License-Identifier: Apache-2.0 */
/* --help, -d help, -cpu help: generated from the tables. */
#include <inttypes.h>
#include <string.h>

#include "src/base/log.h"
#include "src/cli/cli.h"

enum { HELP_COLUMN = 38, HELP_WIDTH = 110 };

const struct cli_command cli_commands[] = {
    {"E", "set-env", "NAME=VALUE", "set a variable of the guest's environment [TANDEM_SET_ENV]"},
    {"U", "unset-env", "NAME", "remove a variable from the guest's environment [TANDEM_UNSET_ENV]"},
    {"singlestep", "one-insn-per-tb", "", "the same as --block-insns=1"},
    {"", "cache-stat", "", "print what is in the cache on disk"},
    {"", "cache-clear", "", "empty the cache on disk"},
    {"version", "version", "", "print the version"},
    {"h", "help", "", "print this text"},
    {NULL, NULL, NULL, NULL},
};

/* "256M" rather than 268435456. */
static void format_number(char *text, size_t size, int64_t number)
{
    static const char suffix[] = "\0kMG";
    unsigned step = 0;
    while (step < 3 && number && number % 1024 == 0) {
        number /= 1024;
        step++;
    }
    snprintf(text, size, "%" PRId64 "%.1s", number, suffix + step);
}

void cli_format_default(char *text, size_t size, const struct cli_option *row)
{
    char number[32];
    text[0] = 0;
    if (row->kind == CLI_STR && row->default_str)
        snprintf(text, size, " (default: %s)", row->default_str);
    if (row->kind == CLI_INT) {
        format_number(number, sizeof number, row->default_int);
        snprintf(text, size, " (default: %s)", number);
    }
}

/* Prints text in words from HELP_COLUMN on; used: columns of the line that are taken. */
static void print_wrapped(FILE *f, const char *text, size_t used)
{
    if (used >= HELP_COLUMN) {
        fputc('\n', f);
        used = 0;
    }
    fprintf(f, "%*s", (int)(HELP_COLUMN - used), "");
    size_t column = HELP_COLUMN;
    while (*text) {
        const size_t word = strcspn(text, " ");
        if (column > HELP_COLUMN && column + 1 + word > HELP_WIDTH) {
            fprintf(f, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            fputc(' ', f);
            column++;
        }
        fwrite(text, 1, word, f);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', f);
}

static void print_entry(FILE *f, const char *short_name, const char *long_name, const char *arg, const char *help)
{
    char head[160];
    const bool optional = arg[0] == '[';
    int n = snprintf(head, sizeof head, "  ");
    if (short_name[0])
        n += snprintf(head + n, sizeof head - (size_t)n, "-%s%s%s%s", short_name, arg[0] ? " " : "", arg,
                      long_name[0] && strcmp(long_name, short_name) != 0 ? ", " : "");
    if (long_name[0] && strcmp(long_name, short_name) != 0) {
        if (optional)
            n += snprintf(head + n, sizeof head - (size_t)n, "--%s[=%s", long_name, arg + 1);
        else
            n += snprintf(head + n, sizeof head - (size_t)n, "--%s%s%s", long_name, arg[0] ? "=" : "", arg);
    }
    fputs(head, f);
    print_wrapped(f, help, (size_t)n);
}

void cli_print_help(FILE *f, const char *tool)
{
    fprintf(f,
            "Usage: %s [OPTION]... PROGRAM [ARGUMENT]...\n"
            "Runs a Linux program that was built for another machine (",
            tool);
    for (const struct guest *const *g = guest_list; *g; g++)
        fprintf(f, "%s%s", g == guest_list ? "" : ", ", (*g)->name);
    fprintf(f, ").\n\nOptions, and the environment variables that set them:\n");
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_options[i];
        char text[512], value[64];
        cli_format_default(value, sizeof value, row);
        snprintf(text, sizeof text, "%s%s%s%s%s", row->help, value, row->env[0] ? " [TANDEM_" : "", row->env,
                 row->env[0] ? "]" : "");
        print_entry(f, row->short_name, row->long_name, row->arg, text);
    }
    for (const struct cli_command *row = cli_commands; row->help; row++)
        print_entry(f, row->short_name, row->long_name, row->arg, row->help);
    fprintf(f,
            "\nNumbers may end in k, M or G. Options of qemu-user's names and QEMU_* variables work as they do there;\n"
            "-g and -plugin are not available yet.\n"
            "Exit code: the program's; 127 if it is not found, 126 if it cannot be run, 2 for a wrong command line.\n");
}

void cli_print_log_help(FILE *f)
{
    fprintf(f, "Items of -d:\n");
#define X(name, text, help) fprintf(f, "  %-16s%s\n", text, help);
    LOG_CHANNELS(X)
#undef X
}

void cli_print_cpu_help(FILE *f, const struct guest *guest)
{
    for (const struct guest *const *g = guest_list; *g; g++) {
        if (guest && *g != guest)
            continue;
        fprintf(f, "CPU models of %s:\n", (*g)->name);
        for (const char *const *model = (*g)->cpu.models; model && *model; model++)
            fprintf(f, "  %s\n", *model);
    }
}
