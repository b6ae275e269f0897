/* SPDX-License-Identifier: Apache-2.0 */
/* The guest process: what the Linux layer keeps of it, from its start to its end. */
#include "runtime/linux/generic/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/generic/tracer.h"
#include "runtime/loader/loader.h"
#include "runtime/mem/guest_mem.h"

static char *own_path(void)
{
    char buf[LX_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", buf, sizeof buf - 1);
    if (n <= 0)
        return strdup("/proc/self/exe");
    buf[n] = 0;
    return strdup(access(buf, X_OK) == 0 ? buf : "/proc/self/exe"); /* deleted or out of reach */
}

/* Does anything have to be written when the process ends? Then even a deadly signal must come by. */
static bool writes_at_end(const struct options *o)
{
    return o->stats || o->timeline || o->explain || o->perf_map || o->jitdump;
}

/* The name of the process: as the kernel has it, of the file that was executed, be it a link or a script. Of a file
 * that was given as a descriptor, the file's own (Linux 6.14). */
static void set_name(const struct process *proc)
{
    const char *path = proc->lx->image->exec_name;
    if (!strncmp(path, "/dev/fd/", 8) && !strchr(path + 8, '/'))
        path = linux_exe_path(proc);
    const char *slash = strrchr(path, '/');
    prctl(PR_SET_NAME, slash ? slash + 1 : path);
}

/* Where the host's own heap begins: field 47 of /proc/self/stat. 0: not known. */
static uint64_t host_heap(void)
{
    enum { FIELD = 47 };
    char line[2048];
    const int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    if (fd >= 0)
        close(fd);
    line[n > 0 ? n : 0] = 0;
    const char *p = strrchr(line, ')');
    for (unsigned field = 2; p && field < FIELD; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p, NULL, 10) : 0;
}

/* Tells the kernel where the guest has what /proc/PID shows of it, so that everybody sees it: arguments, environment,
 * auxiliary vector, and addresses of code and stack. The break is the host's library's. False: this kernel is not told
 * such things (it has no checkpoint and restore). */
static bool tell_kernel(const struct guest_mem *mem, const struct loader_image *image)
{
    struct prctl_mm_map map = {.start_code = image->start_code,
                               .end_code = image->end_code,
                               .start_data = image->start_data,
                               .end_data = image->end_data,
                               .start_brk = host_heap(),
                               .brk = (uintptr_t)sbrk(0),
                               .start_stack = image->sp,
                               .arg_start = image->arg_start,
                               .arg_end = image->arg_end,
                               .env_start = image->env_start,
                               .env_end = image->env_end,
                               .auxv = (void *)mem_host(mem, image->auxv),
                               .auxv_size = (uint32_t)(image->auxv_end - image->auxv),
                               .exe_fd = (uint32_t)-1};
    return map.start_brk && prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0;
}

enum status linux_process_init(struct process *proc, const struct loader_image *image)
{
    struct linux_process *lx = calloc(1, sizeof *lx);
    if (!lx)
        return STATUS_NO_MEMORY;
    proc->lx = lx;
    lx->image = image;
    lx->host_exe = own_path();
    pthread_mutex_init(&lx->actions_lock, NULL);
    if (!lx->host_exe)
        return STATUS_NO_MEMORY;
    lx->sysroot =
        proc->options->sysroot ? realpath(proc->options->sysroot, NULL) : NULL; /* the guest may change its directory */
    lx->catch_fatal = writes_at_end(proc->options);
    lx->traced = proc->options->exec_trace;
    set_name(proc);
    if (stat(lx->host_exe, &lx->host_file) == 0)
        lx->told_kernel = tell_kernel(proc->mem, image);
    thread_claim_signals();
    signal_host_init(proc);
    cpu_timers_begin(proc);
    return STATUS_OK;
}

void linux_exit_group(struct process *proc, int code)
{
    host_block_all(NULL);
    tracer_end(proc);
    if (!proc->lender)
        engine_finish(proc->engine);
    for (;;)
        host_call(LINUX_exit_group, (uint64_t)(unsigned)code, 0, 0, 0, 0, 0);
}
