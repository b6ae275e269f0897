/* SPDX-License-Identifier: Apache-2.0 */
/* execve: a guest program, or a script whose interpreter is one, runs under tandem again, with the same options; what
 * the host can run is left to the host kernel, which also finds all errors. A program for the host's own machine is run
 * by the host if the guest is of another machine (as under qemu-user), and by tandem if the guest itself is of that
 * machine.
 *
 * The new command line is: tandem --option=value... -0 ARGV0 PROGRAM ARGUMENTS, where the guest's argument pointers are
 * passed on as they are (guest addresses are host addresses).
 *
 * The new environment is the guest's, but what acts on tandem is as tandem was started with it, and the guest's values
 * of that are passed apart (src/base/own_env.h). The cache's folder is passed on, since the guest may change what it
 * depends on.
 *
 * I1  Nothing of the process is changed before the host's execve but signal masks and actions, which are put back if it
 * fails. */
#include "runtime/linux/generic/exec.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/procfs.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/loader/loader.h"
#include "src/base/own_env.h"
#include "src/host/host.h"

enum { SCRIPT_LINE = 256, SCRIPT_DEPTH = 4, MAX_ARGS = 1 << 20, MAX_STRING = 128 << 10 };

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

/* Options that differ from their defaults, all but argv0, which the new program has one of its own of. */
static void add_options(struct command *cmd, const struct process *proc)
{
    struct options o = *proc->options;
    o.argv0 = NULL;
    o.stack_size = 0; /* it has become RLIMIT_STACK, which goes over by itself */
    o.sysroot = proc->lx->sysroot;
    if (proc->cache_root)
        o.cache_dir = proc->cache_root;
#define OPT(field, kind, short_name, long_name, env, def, arg, help) add_##kind(cmd, long_name, o.field, def);
#include "src/base/options.def"
#undef OPT
}

/* "#! interpreter argument": both into line, *arg NULL if there is none. False: not a script. */
static bool script_line(const char *path, char *line, char **interp, char **arg)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line, SCRIPT_LINE - 1);
    if (fd >= 0)
        close(fd);
    if (n < 3 || line[0] != '#' || line[1] != '!')
        return false;
    line[n] = 0;
    line[strcspn(line, "\n")] = 0;
    char *p = line + 2 + strspn(line + 2, " \t");
    char *end = p + strlen(p);
    while (end > p && isspace((unsigned char)end[-1]))
        *--end = 0;
    *interp = p;
    p += strcspn(p, " \t");
    *arg = NULL;
    if (*p) {
        *p++ = 0;
        p += strspn(p, " \t");
        *arg = *p ? p : NULL;
    }
    return **interp != 0;
}

/* What is to be run: program is a guest ELF file, prefix what comes before the guest's own arguments. */
struct target {
    char program[LX_PATH_MAX];
    char lines[SCRIPT_DEPTH][SCRIPT_LINE];
    const char *prefix[2 * SCRIPT_DEPTH + 1]; /* scripts: interpreter, argument, ..., script; in order */
    unsigned prefix_count;
};

static void copy_path(char *dst, const char *src) { snprintf(dst, LX_PATH_MAX, "%s", src); }

/* Follows scripts to the program in the end. True if tandem is to run it. Whatever cannot be read or executed is the
 * host's business: false. */
static bool resolve(const struct process *proc, const char *path, struct target *target)
{
    char mapped[LX_PATH_MAX];
    copy_path(target->program, path);
    target->prefix_count = 0;
    for (unsigned depth = 0; depth < SCRIPT_DEPTH; depth++) {
        enum loader_kind kind;
        const struct guest *guest;
        const char *first = path_map(proc, target->program, mapped); /* as for open: the sysroot's first */
        if (first == mapped)
            copy_path(target->program, mapped);
        if (access(target->program, X_OK))
            return false;
        enum status s = loader_identify(target->program, -1, &kind, &guest, NULL, 0);
        if (s == STATUS_OK && kind == LOADER_GUEST)
            return host_runs_elf(proc->guest->elf.machine) || !host_runs_elf(guest->elf.machine);
        char *interp, *arg;
        if (kind != LOADER_SCRIPT || !script_line(target->program, target->lines[depth], &interp, &arg))
            return false;
        /* the new words go before those of the scripts found so far */
        const char *words[3] = {interp, arg, depth ? NULL : path};
        const char *old[2 * SCRIPT_DEPTH + 1];
        unsigned n = 0, old_count = target->prefix_count;
        memcpy(old, target->prefix, sizeof old);
        if (depth) /* the inner script was the interpreter: it is in old already as argv[0] of its own */
            words[2] = NULL;
        for (unsigned i = 0; i < 3; i++) {
            if (words[i])
                target->prefix[n++] = words[i];
        }
        for (unsigned i = 0; i < old_count && n < ARRAY_LEN(target->prefix); i++)
            target->prefix[n++] = old[i];
        target->prefix_count = n;
        copy_path(target->program, interp);
    }
    return false;
}

/* argv of the new tandem. argv: the guest's array. */
static long build(struct thread *t, struct command *cmd, const struct target *target, gaddr_t argv)
{
    struct process *proc = t->proc;
    add(cmd, proc->lx->host_exe);
    add_options(cmd, proc);
    uint64_t p = 0;
    if (argv && abi_get_word(t, &p, argv))
        return -EFAULT;
    const char *argv0 = target->prefix_count ? target->prefix[0] : p ? (const char *)(uintptr_t)p : "";
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
static long host_exec(struct thread *t, const char *path, const void *argv, const void *envp, int flags)
{
    host_block_all(NULL);
    if (!t->proc->lender)
        engine_leave(t->proc->engine);
    signal_host_exec(t->proc, true);
    host_sigmask(SIG_SETMASK, &t->lx->mask, NULL);
    const bool at = flags >= 0;
    long err = at ? host_call_intr(t, LINUX_execveat, AT_FDCWD, (uintptr_t)path, (uintptr_t)argv, (uintptr_t)envp,
                                   (unsigned)flags, 0)
                  : host_call_intr(t, LINUX_execve, (uintptr_t)path, (uintptr_t)argv, (uintptr_t)envp, 0, 0, 0);
    host_block_all(NULL);
    signal_host_exec(t->proc, false);
    signal_apply_mask(t);
    return err;
}

/* The file as a name that the host can open: relative to a directory, or an open file itself. */
static long exec_path(struct thread *t, int dirfd, gaddr_t src, int flags, char *out)
{
    char name[LX_PATH_MAX];
    long len = guest_string(t, name, sizeof name, src);
    if (len < 0)
        return len;
    if (len == 0 && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    const char *path = name;
    if (procfs_is_exe(name))
        path = linux_exe_path(t->proc);
    int n;
    if (path[0] == '/' || dirfd == AT_FDCWD)
        n = snprintf(out, LX_PATH_MAX, "%s", path);
    else if (len == 0)
        n = snprintf(out, LX_PATH_MAX, "/proc/self/fd/%d", dirfd);
    else
        n = snprintf(out, LX_PATH_MAX, "/proc/self/fd/%d/%s", dirfd, path);
    return n >= LX_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* A program known by a descriptor that closes on execve cannot be opened by the new tandem: use its real name if it
 * still has one, else leave it open. */
static void name_descriptor(int dirfd, char *program)
{
    char link[LX_PATH_MAX];
    struct stat by_fd, by_name;
    ssize_t n = readlink(program, link, sizeof link - 1);
    if (n > 0) {
        link[n] = 0;
        if (fstat(dirfd, &by_fd) == 0 && stat(link, &by_name) == 0 && by_fd.st_ino == by_name.st_ino &&
            by_fd.st_dev == by_name.st_dev) {
            copy_path(program, link);
            return;
        }
    }
    int copy = dup(dirfd);
    if (copy >= 0)
        snprintf(program, LX_PATH_MAX, "/proc/self/fd/%d", copy);
}

/* What the call needs until the new program runs. In a process that shares another one's memory it is still there
 * then. */
struct lx_exec {
    struct command cmd;
    struct target target;
};

void exec_forget(struct thread *t)
{
    if (!t->lx->exec)
        return;
    arena_fini(&t->lx->exec->cmd.arena);
    free(t->lx->exec);
    t->lx->exec = NULL;
}

static long execute(struct thread *t, struct lx_exec *x, int dirfd, const char *path, gaddr_t argv, gaddr_t envp,
                    int flags)
{
    const void *env, *args;
    if (!resolve(t->proc, path, &x->target)) {
        char mapped[LX_PATH_MAX]; /* a host script that only the sysroot has */
        const char *name = access(path, F_OK) ? path_map(t->proc, path, mapped) : path;
        long err = host_array(t, &x->cmd, argv, &args);
        if (!err)
            err = host_array(t, &x->cmd, envp, &env);
        return err ? err : host_exec(t, name, args, env, flags & AT_SYMLINK_NOFOLLOW ? flags : -1);
    }
    if (dirfd != AT_FDCWD && !strncmp(x->target.program, "/proc/self/fd/", 14) && (flags & AT_EMPTY_PATH))
        name_descriptor(dirfd, x->target.program);
    long err = build(t, &x->cmd, &x->target, argv);
    if (!err)
        err = build_environment(t, &x->cmd, envp, &env);
    return err ? err : host_exec(t, t->proc->lx->host_exe, x->cmd.argv, env, -1);
}

long exec_program(struct thread *t, int dirfd, gaddr_t path, gaddr_t argv, gaddr_t envp, int flags)
{
    char host_path[LX_PATH_MAX];
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    long err = exec_path(t, dirfd, path, flags, host_path);
    if (err)
        return err;
    struct lx_exec *x = t->lx->exec = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    arena_init(&x->cmd.arena);
    err = execute(t, x, dirfd, host_path, argv, envp, flags);
    exec_forget(t);
    return err;
}
