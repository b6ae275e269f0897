/* SPDX-License-Identifier: Apache-2.0 */
/* main: puts the parts together and runs the guest.
 *
 * How: the command line is parsed; the program's header names the guest; then memory map, engine, Linux layer and
 * loader are made, in the order in which they need each other; the calling thread becomes the guest's first.
 *
 * Invariants
 * I1  Nothing here costs time that hello world would notice: no thread is started, libLLVM is not loaded.
 * I2  Every failure before the guest runs is one line "tandem: PROGRAM: what is wrong" and an exit code as a shell's.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/engine/dispatch.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/linux/generic/process.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/table/user_mode.h"
#include "runtime/loader/loader.h"
#include "runtime/mem/mem_list.h"
#include "runtime/observe/observe.h"
#include "src/base/log.h"
#include "src/base/own_env.h"
#include "src/cli/cli.h"

enum {
    EXIT_CANNOT_RUN = 126,
    AT_FLAGS_PRESERVE_ARGV0 = 1, /* binfmt_misc's flag P; linux/binfmts.h */
};

/* Everything that lives as long as the guest runs. */
struct tandem {
    struct cli cli;
    struct process proc;
    struct loader_image image;
};

static int print_info(const struct cli *cli)
{
    switch (cli->action) {
    case CLI_HELP:
        cli_print_help(stdout, cli->tool);
        break;
    case CLI_VERSION:
        printf("tandem version %s\n", TANDEM_VERSION);
        break;
    case CLI_LOG_HELP:
        cli_print_log_help(stdout);
        break;
    case CLI_CPU_HELP:
        cli_print_cpu_help(stdout, cli->guest);
        break;
    case CLI_CACHE_STAT:
        return cli_cache_stat(&cli->options);
    case CLI_CACHE_CLEAR:
        return cli_cache_clear(&cli->options);
    default:
        message("%s", cli->message);
        return CLI_EXIT_USAGE;
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Opens the log that the options ask for. */
static bool start_log(const struct options *o)
{
    char bad[64];
    uint32_t mask = 0;
    if (o->log_mask && !log_parse(o->log_mask, &mask, bad, sizeof bad)) {
        message("-d: '%s' is not known (see -d help)", bad);
        return false;
    }
    if (o->strace)
        mask |= 1u << LOG_STRACE;
    if (o->log_filter && !log_set_filter(o->log_filter)) {
        message("-dfilter: '%s' is not a list of ranges", o->log_filter);
        return false;
    }
    if (o->log_file && !log_open(o->log_file)) {
        message("-D: %s: %s", o->log_file, strerror(errno));
        return false;
    }
    log_mask = mask;
    return true;
}

static bool log_region(const struct mem_region *r, void *arg)
{
    fprintf(arg, "%016llx-%016llx %c%c%c %s\n", (unsigned long long)r->start, (unsigned long long)r->end,
            r->prot & PROT_READ ? 'r' : '-', r->prot & PROT_WRITE ? 'w' : '-', r->prot & PROT_EXEC ? 'x' : '-',
            r->name);
    return true;
}

/* -d page: the memory map at the start. */
static void log_map(const struct tandem *t)
{
    if (!log_on(LOG_PAGE))
        return;
    FILE *f = log_begin();
    mem_foreach(t->proc.mem, log_region, f);
    fprintf(f, "entry %llx, sp %llx, brk %llx\n", (unsigned long long)t->image.entry, (unsigned long long)t->image.sp,
            (unsigned long long)t->image.brk);
    log_end(f);
}

/* Which guest is the program for? 0, or the exit code after a message. */
static int find_guest(struct tandem *t, int fd)
{
    char why[256] = "";
    enum loader_kind kind;
    const struct cli *cli = &t->cli;
    enum status status = loader_identify(cli->program, fd, &kind, &t->proc.guest, why, sizeof why);
    if (status != STATUS_OK) {
        message("%s: %s", cli->program, why);
        return loader_exit_code(status);
    }
    if (cli->guest && cli->guest != t->proc.guest) {
        message("%s: built for %s, but this is %s", cli->program, t->proc.guest->name, cli->tool);
        return EXIT_CANNOT_RUN;
    }
    if (!t->proc.guest->cpu.parse(cli->options.cpu_model, &t->proc.config, why, sizeof why)) {
        message("-cpu %s: %s", cli->options.cpu_model ? cli->options.cpu_model : "", why);
        return CLI_EXIT_USAGE;
    }
    return 0;
}

/* Memory map, engine and who looks on. 0, or the exit code after a message. */
static int make_engine(struct tandem *t)
{
    char why[512] = "";
    enum status status = user_mode_create(&t->proc, why, sizeof why);
    if (status == STATUS_OK)
        status = observe_create(t->proc.engine, t->proc.mem, why, sizeof why);
    if (status == STATUS_OK)
        return 0;
    message("%s", why[0] ? why : status_text(status));
    return EXIT_CANNOT_RUN;
}

static void die_by(int signo)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    signal(signo, SIG_DFL);
    raise(signo);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The program into memory. 0, or the exit code after a message. */
static int load(struct tandem *t, int fd, char *const *envp)
{
    char why[512] = "";
    const struct cli *cli = &t->cli;
    const struct loader_target to = {t->proc.guest, &t->proc.config, t->proc.mem};
    uint64_t stack_limit;
    if (!cli_set_stack_limit(&cli->options, &stack_limit)) {
        message("%s: no room for a stack of %lld bytes", cli->program, (long long)cli->options.stack_size);
        return EXIT_CANNOT_RUN;
    }
    const struct loader_request req = {
        .path = cli->program,
        .name = cli->options.exec_name,
        .fd = fd,
        .argv = cli->guest_argv,
        .envp = cli_guest_environment(&cli->options, envp),
        .sysroot = cli->options.sysroot,
        .stack_size = stack_limit,
        .rand_seed = (uint64_t)cli->options.rand_seed,
    };
    enum status status = loader_load(&to, &req, &t->image, why, sizeof why);
    free(req.envp ? (void *)req.envp : NULL);
    if (status != STATUS_OK) {
        message("%s: %s", cli->program, why);
        if (own_env_is_apart(envp)) /* the program that executed this one is gone: as the kernel ends such a process */
            die_by(SIGSEGV);
        return loader_exit_code(status);
    }
    t->proc.config.vdso_start = t->image.vdso;
    t->proc.config.vdso_end = t->image.vdso_end;
    return 0;
}

/* The calling thread becomes the guest's first thread. Returns only if that fails. */
static int run(struct tandem *t)
{
    struct process *proc = &t->proc;
    enum status status = linux_process_init(proc, &t->image);
    struct thread *thread = status == STATUS_OK ? linux_thread_main(proc) : NULL;
    if (!thread) {
        message("%s", status_text(status == STATUS_OK ? STATUS_NO_MEMORY : status));
        return EXIT_CANNOT_RUN;
    }
    engine_name_program(proc->engine, t->image.program_entry);
    proc->guest->cpu.init(thread->cpu, &proc->config, t->image.entry, t->image.sp);
    linux_thread_start(thread);
    engine_run(thread->engine);
}

/* Does what the command line asks for. Returns the exit code if the guest did not come to run. */
static int act(struct tandem *t, char *const *envp)
{
    if (t->cli.action != CLI_RUN)
        return print_info(&t->cli);
    if (!start_log(&t->cli.options))
        return CLI_EXIT_USAGE;
    const unsigned long exec_fd = getauxval(AT_EXECFD);
    const int fd = exec_fd ? (int)exec_fd : (int)t->cli.options.exec_fd;
    t->proc.options = &t->cli.options;
    int code = find_guest(t, fd);
    if (code == 0) {
        t->proc.cache_root = cli_cache_root(&t->cli.options, t->cli.program, fd);
        code = make_engine(t);
    }
    if (code == 0)
        code = load(t, fd, envp);
    if (fd >= 0)
        close(fd);
    if (code)
        return code;
    log_map(t);
    return run(t);
}

/* The guest did not come to run: frees what was made for it. A guest that runs ends the process itself. */
static void teardown(struct tandem *t)
{
    user_mode_destroy(&t->proc);
    loader_image_fini(&t->image);
    free(t->proc.cache_root);
    cli_fini(&t->cli);
    free(t);
}

struct arguments {
    int argc;
    char **argv, **envp;
};

static int run_with(void *arg)
{
    const struct arguments *a = arg;
    struct tandem *t = calloc(1, sizeof *t);
    if (!t)
        out_of_memory("the start");
    cli_parse(&t->cli, a->argc, a->argv, a->envp, getauxval(AT_FLAGS) & AT_FLAGS_PRESERVE_ARGV0);
    const int code = act(t, a->envp);
    if (!t->proc.lx) /* else signal handlers use it */
        teardown(t);
    return code;
}

int main(int argc, char **argv, char **envp)
{
    struct arguments a = {argc, argv, envp};
    return cli_on_large_stack(run_with, &a);
}
