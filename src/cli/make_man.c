/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the manual page tandem(1) in troff, at build time: the options come from the table that parses them, so that
 * the page cannot say anything else than the command. */
#include <stdio.h>

#include "frontend/guest.h"
#include "src/base/log.h"
#include "src/cli/cli.h"

/* troff reads a dot or a quote at the start of a line as a request, and a backslash anywhere. */
static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void print_name(const char *dashes, const char *name, const char *before_arg, const char *arg)
{
    fputs("\\fB", stdout);
    print_text(dashes);
    print_text(name);
    fputs("\\fR", stdout);
    if (!arg[0])
        return;
    if (arg[0] == '[') { /* may be left out, with what comes before it */
        putchar('[');
        arg++;
    }
    fputs(before_arg, stdout);
    fputs("\\fI", stdout);
    print_text(arg);
    fputs("\\fR", stdout);
}

static void print_option(const char *short_name, const char *long_name, const char *arg, const char *help)
{
    fputs(".TP\n", stdout);
    if (short_name[0])
        print_name("-", short_name, " ", arg);
    if (short_name[0] && long_name[0])
        fputs(", ", stdout);
    if (long_name[0])
        print_name("--", long_name, "=", arg);
    putchar('\n');
    print_text(help);
    putchar('\n');
}

static void print_options(void)
{
    puts(".SH OPTIONS");
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_options[i];
        char value[64], text[640];
        cli_format_default(value, sizeof value, row);
        snprintf(text, sizeof text, "%s%s%s%s%s", row->help, value, row->env[0] ? " [TANDEM_" : "", row->env,
                 row->env[0] ? "]" : "");
        print_option(row->short_name, row->long_name, row->arg, text);
    }
    for (const struct cli_command *row = cli_commands; row->help; row++)
        print_option(row->short_name, row->long_name, row->arg, row->help);
}

static void print_item(const char *name, const char *help)
{
    fputs(".TP\n", stdout);
    print_name("", name, "", "");
    putchar('\n');
    print_text(help);
    putchar('\n');
}

static void print_log_channels(void)
{
    puts(".SH LOG\nItems of \\fB\\-d\\fR:");
#define X(name, text, help) print_item(text, help);
    LOG_CHANNELS(X)
#undef X
}

static void print_guests(void)
{
    puts(".SH GUESTS");
    for (const struct guest *const *g = guest_list; *g; g++) {
        printf(".TP\n\\fB%s\\fR\nCPU models (\\fB\\-cpu\\fR):", (*g)->name);
        for (const char *const *model = (*g)->cpu.models; model && *model; model++)
            printf("%s %s", model == (*g)->cpu.models ? "" : ",", *model);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_man VERSION >tandem.1\n", stderr);
        return CLI_EXIT_USAGE;
    }
    printf(".TH TANDEM 1 \"\" \"tandem %s\" \"User Commands\"\n", argv[1]);
    puts(".SH NAME\ntandem \\- run Linux programs that were built for another machine\n"
         ".SH SYNOPSIS\n.B tandem\n[\\fIOPTION\\fR]... \\fIPROGRAM\\fR [\\fIARGUMENT\\fR]...\n"
         ".SH DESCRIPTION\nThe header of \\fIPROGRAM\\fR says which guest it is for. Cold code is translated at once, "
         "block\n"
         "by block, on the program's own thread; hot code is optimized with LLVM on other threads while the program "
         "runs.\n"
         "Options of qemu\\-user's names and QEMU_* variables mean what they mean there. Under the name\n"
         "\\fBqemu\\-riscv64\\fR (and so on) it behaves as that.");
    print_options();
    print_log_channels();
    print_guests();
    puts(".SH EXIT STATUS\nThe program's; 127 if it is not found, 126 if it cannot be run, 2 for a wrong command line. "
         "A\n"
         "program that dies of a signal lets tandem die of the same one.\n"
         ".SH SEE ALSO\n.BR qemu (1),\n.BR perf (1),\n.BR binfmt_misc (5)");
    return ferror(stdout) != 0;
}
