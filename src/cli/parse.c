/* SPDX-License-Identifier: Apache-2.0 */
/* Command line and environment -> struct cli.
 *
 * How: names are accepted with one or two dashes, values as "-name value" or "-name=value", as qemu-user and GNU
 * programs have it between them. The first word that is no option is the program; everything after it is the program's.
 * Rows come from options.def; what is no value (help, -E, what is not there yet) from the table "specials" below.
 *
 * Invariants
 * I1  Nothing is printed here: the caller acts on cli->action. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/cli/cli.h"

struct parser {
    struct cli *cli;
    int argc, at; /* at: next word */
    char *const *argv;
    size_t set_count, unset_count;
};

enum special_kind {
    SPECIAL_HELP,
    SPECIAL_VERSION,
    SPECIAL_CACHE_STAT,
    SPECIAL_CACHE_CLEAR,
    SPECIAL_SET_ENV,
    SPECIAL_UNSET_ENV,
    SPECIAL_ABSENT,
    SPECIAL_ONE_INSN
};

static const struct special {
    const char *name;
    enum special_kind kind;
} specials[] = {
    {"h", SPECIAL_HELP},
    {"help", SPECIAL_HELP},
    {"version", SPECIAL_VERSION},
    {"cache-stat", SPECIAL_CACHE_STAT},
    {"cache-clear", SPECIAL_CACHE_CLEAR},
    {"E", SPECIAL_SET_ENV},
    {"set-env", SPECIAL_SET_ENV},
    {"U", SPECIAL_UNSET_ENV},
    {"unset-env", SPECIAL_UNSET_ENV},
    {"g", SPECIAL_ABSENT},
    {"gdb", SPECIAL_ABSENT},
    {"plugin", SPECIAL_ABSENT},
    {"singlestep", SPECIAL_ONE_INSN},
    {"one-insn-per-tb", SPECIAL_ONE_INSN},
};

/* Environment variables that qemu-user reads, and the option whose they are. */
static const struct {
    const char *name, *long_name;
} qemu_names[] = {
    {"LD_PREFIX", "sysroot"},
    {"STRACE", "strace"},
    {"CPU", "cpu"},
    {"LOG", "log"},
    {"LOG_FILENAME", "log-file"},
    {"DFILTER", "log-filter"},
    {"STACK_SIZE", "stack-size"},
    {"ARGV0", "argv0"},
    {"GUEST_BASE", "guest-base"},
    {"RESERVED_VA", "reserved-va"},
    {"RAND_SEED", "seed"},
    {"PAGESIZE", "page-size"},
    {"UNAME", "uname-release"},
};

static void fail(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct cli *cli, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(cli->message, sizeof cli->message, fmt, args);
    va_end(args);
    cli->action = CLI_ERROR;
}

/* Appends to a NULL-terminated list. */
static void append(const char ***list, size_t *count, const char *item)
{
    *list = realloc(*list, (*count + 2) * sizeof **list);
    if (!*list)
        out_of_memory("the command line");
    (*list)[(*count)++] = item;
    (*list)[*count] = NULL;
}

/* Appends the parts of "A=1,B=2". */
static void append_parts(const char ***list, size_t *count, const char *text)
{
    while (*text) {
        const size_t n = strcspn(text, ",");
        if (n) {
            char *part = strndup(text, n);
            if (!part)
                out_of_memory("the command line");
            append(list, count, part);
        }
        text += n + (text[n] != 0);
    }
}

static const struct cli_option *find_long(const char *name)
{
    for (size_t i = 0; i < cli_option_count; i++)
        if (cli_options[i].long_name[0] && strcmp(cli_options[i].long_name, name) == 0)
            return &cli_options[i];
    return NULL;
}

static const struct cli_option *find_option(const char *name)
{
    for (size_t i = 0; i < cli_option_count; i++)
        if (cli_options[i].short_name[0] && strcmp(cli_options[i].short_name, name) == 0)
            return &cli_options[i];
    return find_long(name);
}

static const struct special *find_special(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(specials); i++)
        if (strcmp(specials[i].name, name) == 0)
            return &specials[i];
    return NULL;
}

/* The value of option word: what follows its '=', or the next word. NULL: there is none (an error was noted). */
static const char *take_value(struct parser *p, const char *word, const char *inline_value)
{
    if (inline_value)
        return inline_value;
    if (p->at < p->argc)
        return p->argv[p->at++];
    fail(p->cli, "%s: a value is missing", word);
    return NULL;
}

static void do_special(struct parser *p, const struct special *s, const char *word, const char *inline_value)
{
    struct options *o = &p->cli->options;
    const char *value = NULL;
    if (s->kind == SPECIAL_SET_ENV || s->kind == SPECIAL_UNSET_ENV) {
        value = take_value(p, word, inline_value);
        if (!value)
            return;
    }
    switch (s->kind) {
    case SPECIAL_HELP:
        p->cli->action = CLI_HELP;
        break;
    case SPECIAL_VERSION:
        p->cli->action = CLI_VERSION;
        break;
    case SPECIAL_CACHE_STAT:
        p->cli->action = CLI_CACHE_STAT;
        break;
    case SPECIAL_CACHE_CLEAR:
        p->cli->action = CLI_CACHE_CLEAR;
        break;
    case SPECIAL_ABSENT:
        fail(p->cli, "%s: not available yet", word);
        break;
    case SPECIAL_ONE_INSN:
        o->block_insns = 1;
        break;
    case SPECIAL_SET_ENV:
        append_parts(&o->set_env, &p->set_count, value);
        if (!strchr(value, '='))
            fail(p->cli, "%s %s: NAME=VALUE is expected", word, value);
        break;
    case SPECIAL_UNSET_ENV:
        append_parts(&o->unset_env, &p->unset_count, value);
        if (strchr(value, '='))
            fail(p->cli, "%s %s: only a NAME is expected", word, value);
        break;
    }
}

static void do_option(struct parser *p, const struct cli_option *row, const char *word, const char *inline_value)
{
    char why[256] = "";
    const char *value = inline_value;
    if (!value && cli_needs_value(row)) {
        value = take_value(p, word, NULL);
        if (!value)
            return;
    }
    if (!cli_set_value(&p->cli->options, row, value, why, sizeof why))
        fail(p->cli, "%s: %s", word, why);
}

/* One option word: p->argv[p->at - 1]. */
static void parse_word(struct parser *p)
{
    char name[64];
    const char *word = p->argv[p->at - 1];
    const char *start = word + (word[1] == '-' ? 2 : 1);
    const char *equals = strchr(start, '=');
    const size_t len = equals ? (size_t)(equals - start) : strlen(start);
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), start);
    const struct cli_option *row = find_option(name);
    const struct special *special = row ? NULL : find_special(name);
    if (row)
        do_option(p, row, word, equals ? equals + 1 : NULL);
    else if (special)
        do_special(p, special, word, equals ? equals + 1 : NULL);
    else
        fail(p->cli, "unknown option %s (see --help)", word);
}

static const struct cli_option *find_env(const char *name, size_t len)
{
    for (size_t i = 0; i < cli_option_count; i++)
        if (cli_options[i].env[0] && strlen(cli_options[i].env) == len && memcmp(cli_options[i].env, name, len) == 0)
            return &cli_options[i];
    return NULL;
}

static const struct cli_option *find_qemu_env(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(qemu_names); i++)
        if (strlen(qemu_names[i].name) == len && memcmp(qemu_names[i].name, name, len) == 0)
            return find_long(qemu_names[i].long_name);
    return NULL;
}

/* Takes the variables that begin with prefix. */
static void parse_environment(struct parser *p, char *const *envp, const char *prefix,
                              const struct cli_option *(*find)(const char *name, size_t len))
{
    const size_t skip = strlen(prefix);
    char why[256];
    for (; *envp && p->cli->action != CLI_ERROR; envp++) {
        if (strncmp(*envp, prefix, skip) != 0 || !strchr(*envp, '='))
            continue;
        const char *name = *envp + skip, *value = strchr(*envp, '=') + 1;
        const size_t len = (size_t)(value - 1 - name);
        const struct cli_option *row = find(name, len);
        if (len == 7 && memcmp(name, "SET_ENV", len) == 0)
            append_parts(&p->cli->options.set_env, &p->set_count, value);
        else if (len == 9 && memcmp(name, "UNSET_ENV", len) == 0)
            append_parts(&p->cli->options.unset_env, &p->unset_count, value);
        else if (row && row->kind == CLI_FLAG && !cli_set_value(&p->cli->options, row, value, why, sizeof why))
            cli_set_value(&p->cli->options, row, NULL, why, sizeof why); /* QEMU_STRACE=anything */
        else if (row && row->kind != CLI_FLAG && !cli_set_value(&p->cli->options, row, value, why, sizeof why))
            fail(p->cli, "%s%.*s: %s", prefix, (int)len, name, why);
    }
}

/* The program and its arguments: words from p->at on. */
static void take_program(struct parser *p, bool preserve_argv0)
{
    struct cli *cli = p->cli;
    if (p->at >= p->argc) {
        fail(cli, "no program given (see --help)");
        return;
    }
    cli->program = p->argv[p->at++];
    const char *argv0 = cli->program;
    if (preserve_argv0 && p->at < p->argc)
        argv0 = p->argv[p->at++];
    if (cli->options.argv0)
        argv0 = cli->options.argv0;
    const size_t rest = (size_t)(p->argc - p->at);
    const char **words = malloc((rest + 2) * sizeof *words);
    if (!words)
        out_of_memory("the command line");
    words[0] = argv0;
    for (size_t i = 0; i < rest; i++)
        words[i + 1] = p->argv[p->at + (int)i];
    words[rest + 1] = NULL;
    cli->guest_argv = words;
    cli->owned = words;
}

/* qemu-riscv64, tandem-riscv64, qemu-riscv64-static: behaves as that guest's emulator. */
static const struct guest *guest_of_tool(const char *tool)
{
    char name[32];
    const char *dash = strchr(tool, '-');
    if (!dash || (strncmp(tool, "qemu-", 5) != 0 && strncmp(tool, "tandem-", 7) != 0))
        return NULL;
    snprintf(name, sizeof name, "%s", dash + 1);
    char *suffix = strstr(name, "-static");
    if (suffix)
        *suffix = 0;
    return guest_find_name(name);
}

/* Values that only look right: what the whole cannot work with. */
static void check(struct cli *cli)
{
    const struct options *o = &cli->options;
    if (o->page_size != 4096)
        fail(cli, "--page-size: only 4096 is available");
    else if (o->stack_size && o->stack_size < 65536)
        fail(cli, "--stack-size: at least 64k");
    else if (o->block_insns < 1 || o->region_insns < 1 || o->region_blocks < 1 || o->unroll < 1)
        fail(cli, "thresholds and limits have to be at least 1");
    else if (o->hot_threshold < 0 || o->hot_threshold > 1 << 30)
        fail(cli, "--hot-threshold: a count, or 0 to go by time");
    else if (o->opt_after < 0)
        fail(cli, "--opt-after: a percentage");
    else if (o->opt_share < 0)
        fail(cli, "--opt-share: a percentage, or 0 for no limit");
    else if (o->log_mask && strcmp(o->log_mask, "help") == 0)
        cli->action = CLI_LOG_HELP;
    else if (o->cpu_model && (strcmp(o->cpu_model, "help") == 0 || strcmp(o->cpu_model, "?") == 0))
        cli->action = CLI_CPU_HELP;
}

/* The cache's folder may be named behind the word that asks for it. */
static bool options_may_follow(enum cli_action action)
{
    return action == CLI_RUN || action == CLI_CACHE_STAT || action == CLI_CACHE_CLEAR;
}

void cli_parse(struct cli *cli, int argc, char *const *argv, char *const *envp, bool preserve_argv0)
{
    struct parser p = {.cli = cli, .argc = argc, .at = 1, .argv = argv};
    memset(cli, 0, sizeof *cli);
    cli_set_defaults(&cli->options);
    append(&cli->options.set_env, &p.set_count, NULL);
    append(&cli->options.unset_env, &p.unset_count, NULL);
    p.set_count = p.unset_count = 0;
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    cli->tool = slash ? slash + 1 : argc > 0 ? argv[0] : "tandem";
    cli->guest = guest_of_tool(cli->tool);
    parse_environment(&p, envp, "QEMU_", find_qemu_env);
    parse_environment(&p, envp, "TANDEM_", find_env);
    while (options_may_follow(cli->action) && p.at < argc && argv[p.at][0] == '-' && argv[p.at][1]) {
        if (strcmp(argv[p.at++], "--") == 0)
            break;
        parse_word(&p);
    }
    if (cli->action == CLI_RUN)
        check(cli);
    if (cli->action == CLI_RUN)
        take_program(&p, preserve_argv0);
}

static void free_list(const char **list)
{
    for (const char **item = list; item && *item; item++)
        free((char *)*item);
    free(list);
}

void cli_fini(struct cli *cli)
{
    free_list(cli->options.set_env);
    free_list(cli->options.unset_env);
    free(cli->owned);
    memset(cli, 0, sizeof *cli);
}
