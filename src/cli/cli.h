/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: from words and environment to struct options.
 *
 * Ownership: struct cli is filled once by the main thread and const afterwards. Its strings are those of argv and the
 * environment, or its own until cli_fini. */
#ifndef TANDEM_CLI_CLI_H
#define TANDEM_CLI_CLI_H

#include <stdio.h>

#include "frontend/guest.h"
#include "src/base/options.h"

/* What the command line asks for. */
enum cli_action {
    CLI_RUN,
    CLI_HELP,
    CLI_VERSION,
    CLI_LOG_HELP, /* -d help */
    CLI_CPU_HELP, /* -cpu help */
    CLI_CACHE_STAT,
    CLI_CACHE_CLEAR,
    CLI_ERROR, /* message says why */
};

enum { CLI_EXIT_USAGE = 2 };

struct cli {
    struct options options;
    enum cli_action action;
    char message[512];
    const char *program;           /* CLI_RUN: the file to run */
    const char *const *guest_argv; /* CLI_RUN: NULL-terminated, with argv[0] as the guest shall see it */
    const struct guest *guest;     /* named by argv[0] (qemu-riscv64); NULL: what the program's header says */
    const char *tool;              /* last part of argv[0] */
    void *owned;                   /* memory of ours that guest_argv is in */
};

/* One row of options.def. */
struct cli_option {
    enum { CLI_FLAG, CLI_INT, CLI_STR } kind;
    size_t offset; /* in struct options */
    const char *short_name, *long_name, *env;
    const char *arg, *help;
    int64_t default_int;
    const char *default_str;
};

/* An option that is no value of struct options. */
struct cli_command {
    const char *short_name, *long_name, *arg, *help;
};

TANDEM_BEGIN_DECLS
extern const struct cli_option cli_options[];
extern const size_t cli_option_count;

/* Parses argv and envp (TANDEM_NAME and, for what QEMU has, QEMU_NAME; the command line wins, then TANDEM_).
 * preserve_argv0: the kernel's binfmt_misc gave the path and then the original argv[0] (AT_FLAGS). */
void cli_parse(struct cli *cli, int argc, char *const *argv, char *const *envp, bool preserve_argv0);
void cli_fini(struct cli *cli);

/* The guest's environment: envp less -U, with -E. malloc; NULL-terminated; strings are not copied. */
const char **cli_guest_environment(const struct options *options, char *const *envp);

/* ---- option_value.c ---- */
void cli_set_defaults(struct options *options);
/* Stores text as the value of row; NULL: a flag without value, or an option whose value may be left out. False and a
 * message if it is not one. */
bool cli_set_value(struct options *options, const struct cli_option *row, const char *text, char *message, size_t size);
/* Must a value follow? */
bool cli_needs_value(const struct cli_option *row);

/* ---- cache.c ---- */
/* The folder of the cache on disk for a run of program (fd: the same, open, or -1). malloc; NULL: there is none. */
char *cli_cache_root(const struct options *options, const char *program, int fd);
/* --cache-stat and --cache-clear: the exit code. */
int cli_cache_stat(const struct options *options);
int cli_cache_clear(const struct options *options);

/* ---- stack.c ---- */
/* Calls body on a stack that does not need to grow, whatever RLIMIT_STACK is or becomes. Its result. The first thread,
 * before there are others. */
int cli_on_large_stack(int (*body)(void *arg), void *arg);
/* --stack-size becomes the soft limit RLIMIT_STACK, as far as the hard one allows. *limit: what it is now, bytes.
 * False: more than an address space has. */
bool cli_set_stack_limit(const struct options *options, uint64_t *limit);

/* ---- help.c ---- */
/* Ends with a row whose help is NULL. */
extern const struct cli_command cli_commands[];
/* " (default: 256M)", or nothing where the row has none. */
void cli_format_default(char *text, size_t size, const struct cli_option *row);
void cli_print_help(FILE *f, const char *tool);
void cli_print_log_help(FILE *f);
/* guest NULL: all of them */
void cli_print_cpu_help(FILE *f, const struct guest *guest);
TANDEM_END_DECLS

#endif
