/* SPDX-License-Identifier: Apache-2.0 */
/* execve: a guest program, or a script whose interpreter is one, runs under tandem again, with the same options. What
 * is to be run, and what is wrong with it, says exec_target.h.
 *
 * The new command line is: tandem --option=value... -0 ARGV0 PROGRAM ARGUMENTS, where the guest's argument pointers are
 * passed on as they are (guest addresses are host addresses).
 *
 * The new environment is the guest's, but what acts on tandem is as tandem was started with it, and the guest's values
 * of that are passed apart (src/base/own_env.h). The cache's folder is passed on, since the guest may change what it
 * depends on.
 *
 * I1  Nothing of the process is changed before the host's execve but signal masks and actions, and timers of CPU time,
 * which are put back if it fails. */
#include "runtime/linux/generic/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/exec_target.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/traced.h"
#include "src/base/own_env.h"

enum { MAX_ARGS = 1 << 20, MAX_STRING = 128 << 10 };

/* The command line under construction. Strings of tandem's own are copies in text. */
struct command {
    struct arena arena;
    const char **argv;
    size_t count, room;
};

static void add(struct command *cmd, const char *arg)
{
    if (cmd->count + 1 >= cmd->room) {
        size_t room = cmd->room ? cmd->room * 2 : 64;
        const char **argv = arena_alloc(&cmd->arena, room * sizeof *argv);
        if (cmd->count)
            memcpy(argv, cmd->argv, cmd->count * sizeof *argv);
        cmd->argv = argv;
        cmd->room = room;
    }
    cmd->argv[cmd->count++] = arg;
    cmd->argv[cmd->count] = NULL;
}

static void add_FLAG(struct command *cmd, const char *name, bool value, bool def)
{
    if (value != def)
        add(cmd, arena_printf(&cmd->arena, "--%s", name));
}

static void add_INT(struct command *cmd, const char *name, int64_t value, int64_t def)
{
    if (value != def)
        add(cmd, arena_printf(&cmd->arena, "--%s=%lld", name, (long long)value));
}

static void add_STR(struct command *cmd, const char *name, const char *value, const char *def)
{
    if (value && (!def || strcmp(value, def)))
        add(cmd, arena_printf(&cmd->arena, "--%s=%s", name, value));
}

/* Options that differ from their defaults, all but those that are each program's own. */
static void add_options(struct command *cmd, const struct process *proc)
{
    struct options o = *proc->options;
    o.argv0 = o.exec_name = o.exec_cpu = o.exec_trace = NULL;
    o.exec_fd = -1;
    o.stack_size = 0; /* it has become RLIMIT_STACK, which goes over by itself */
    o.sysroot = proc->lx->sysroot;
    if (proc->cache_root)
        o.cache_dir = proc->cache_root;
#define OPT(field, kind, short_name, long_name, env, def, arg, help) add_##kind(cmd, long_name, o.field, def);
#include "src/base/options.def"
#undef OPT
}

/* argv of the new tandem. argv: the guest's array; fd: the program, open, or -1. */
static long build(struct thread *t, struct command *cmd, const struct exec_target *target, gaddr_t argv, int fd)
{
    struct process *proc = t->proc;
    add(cmd, proc->lx->host_exe);
    add_options(cmd, proc);
    uint64_t p = 0;
    if (argv && abi_get_word(t, &p, argv))
        return -EFAULT;
    const char *argv0 = target->prefix_count ? target->prefix[0] : p ? (const char *)(uintptr_t)p : "";
    char cpu[CPU_TIMERS_TEXT];
    if (cpu_timers_tell(proc, cpu))
        add(cmd, arena_printf(&cmd->arena, "--exec-cpu=%s", cpu));
    char trace[TRACED_TEXT];
    if (traced_exec(t, trace))
        add(cmd, arena_printf(&cmd->arena, "--exec-trace=%s", trace));
    add_INT(cmd, "exec-fd", fd, -1);
    add_STR(cmd, "exec-name", target->name, target->program);
    add(cmd, "-0");
    add(cmd, argv0);
    add(cmd, target->program[0] == '-' ? arena_printf(&cmd->arena, "./%s", target->program) : target->program);
    for (unsigned i = 1; i < target->prefix_count; i++)
        add(cmd, target->prefix[i]);
    for (unsigned i = 1; p && i < MAX_ARGS; i++) {
        if (abi_get_word(t, &p, argv + i * guest_word_bytes(proc->guest)))
            return -EFAULT;
        if (p)
            add(cmd, (const char *)(uintptr_t)p);
    }
    return 0;
}

/* The guest's array of strings as the host's: itself, or for 32-bit guests a copy in the command's arena. */
static long host_array(struct thread *t, struct command *cmd, gaddr_t array, const void **out)
{
    uint64_t p = 0;
    *out = (const void *)(uintptr_t)array;
    if (!lx_narrow(t) || !array)
        return 0;
    struct command copy = {.arena = cmd->arena};
    long err = 0;
    for (unsigned i = 0; i < MAX_ARGS; i++) {
        err = abi_get_word(t, &p, array + i * guest_word_bytes(t->proc->guest));
        if (err || !p)
            break;
        add(&copy, (const char *)(uintptr_t)p);
    }
    if (!copy.argv) {
        copy.argv = arena_alloc(&copy.arena, sizeof *copy.argv);
        copy.argv[0] = NULL;
    }
    *out = copy.argv;
    cmd->arena = copy.arena;
    return err;
}

/* Adds the guest's string at p, which is an entry of its environment. 0 or -errno. */
static long add_variable(struct thread *t, struct command *cmd, gaddr_t p)
{
    char name[OWN_ENV_NAME_MAX + 1] = "";
    const long len = guest_string(t, name, OWN_ENV_NAME_MAX, p);
    if (len == -EFAULT)
        return len;
    if (!own_env_acts(name)) {
        add(cmd, (const char *)(uintptr_t)p);
        return 0;
    }
    char *text = malloc(MAX_STRING);
    long err = !text ? -ENOMEM : guest_string(t, text, MAX_STRING, p);
    if (err >= 0)
        add(cmd, arena_printf(&cmd->arena, "%s%s", OWN_ENV_GUEST, text));
    free(text);
    return err == -ENAMETOOLONG ? -E2BIG : err < 0 ? err : 0;
}

/* The new tandem's environment: its own variables, and the guest's. */
static long build_environment(struct thread *t, struct command *cmd, gaddr_t envp, const void **out)
{
    struct command env = {.arena = cmd->arena};
    uint64_t p = 0;
    long err = 0;
    for (char **own = environ; *own; own++) {
        if (own_env_acts(*own))
            add(&env, *own);
    }
    add(&env, OWN_ENV_APART);
    for (unsigned i = 0; envp && !err && i < MAX_ARGS; i++) {
        err = abi_get_word(t, &p, envp + i * guest_word_bytes(t->proc->guest));
        if (err || !p)
            break;
        err = add_variable(t, &env, p);
    }
    *out = env.argv;
    cmd->arena = env.arena;
    return err;
}

/* The host's execve with signals as the new program shall find them (I1). Returns only on failure. */
static long host_exec(struct thread *t, const char *path, const void *argv, const void *envp, int flags, bool by_host)
{
    host_block_all(NULL);
    if (!t->proc->lender)
        engine_leave(t->proc->engine);
    signal_host_exec(t->proc, true);
    cpu_timers_leave(t->proc, by_host);
    host_sigmask(SIG_SETMASK, &t->lx->mask, NULL);
    const bool at = flags >= 0;
    long err = at ? host_call_intr(t, LINUX_execveat, AT_FDCWD, (uintptr_t)path, (uintptr_t)argv, (uintptr_t)envp,
                                   (unsigned)flags, 0)
                  : host_call_intr(t, LINUX_execve, (uintptr_t)path, (uintptr_t)argv, (uintptr_t)envp, 0, 0, 0);
    host_block_all(NULL);
    signal_host_exec(t->proc, false);
    traced_exec_failed(t);
    cpu_timers_return(t->proc);
    signal_apply_mask(t);
    return err;
}

/* What the call needs until the new program runs. In a process that shares another one's memory it is still there
 * then. */
struct lx_exec {
    struct command cmd;
    struct exec_target target;
};

void exec_forget(struct thread *t)
{
    if (!t->lx->exec)
        return;
    arena_fini(&t->lx->exec->cmd.arena);
    free(t->lx->exec);
    t->lx->exec = NULL;
}

static long by_host(struct thread *t, struct lx_exec *x, gaddr_t argv, gaddr_t envp, int flags)
{
    const void *env, *args;
    long err = host_array(t, &x->cmd, argv, &args);
    if (!err)
        err = host_array(t, &x->cmd, envp, &env);
    return err ? err : host_exec(t, x->target.program, args, env, flags & AT_SYMLINK_NOFOLLOW ? flags : -1, true);
}

/* The program, open for the new tandem. Another process with the same table of descriptors (CLONE_FILES) would keep it
 * open: the table becomes this one's own, as by every execve. Other threads' table is theirs until they end with it. */
static int open_program(const struct process *proc, const char *name)
{
    if (__atomic_load_n(&proc->thread_count, __ATOMIC_RELAXED) == 1)
        host_call(LINUX_unshare, CLONE_FILES, 0, 0, 0, 0, 0);
    return open(name, O_RDONLY);
}

static long by_tandem(struct thread *t, struct lx_exec *x, gaddr_t argv, gaddr_t envp)
{
    const void *env;
    int fd = -1;
    if (x->target.by_descriptor && (fd = open_program(t->proc, x->target.program)) < 0)
        return -errno;
    long err = build(t, &x->cmd, &x->target, argv, fd);
    if (!err)
        err = build_environment(t, &x->cmd, envp, &env);
    if (!err)
        err = host_exec(t, t->proc->lx->host_exe, x->cmd.argv, env, -1, false);
    if (fd >= 0)
        close(fd);
    return err;
}

long exec_program(struct thread *t, int dirfd, gaddr_t path, gaddr_t argv, gaddr_t envp, int flags)
{
    char name[LX_PATH_MAX];
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    const long len = guest_string(t, name, sizeof name, path);
    if (len < 0)
        return len;
    struct lx_exec *x = t->lx->exec = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    arena_init(&x->cmd.arena);
    long err = exec_find(t->proc, dirfd, name, flags, &x->target);
    if (!err)
        err = x->target.by_host ? by_host(t, x, argv, envp, flags) : by_tandem(t, x, argv, envp);
    exec_forget(t);
    return err;
}
