/* SPDX-License-Identifier: Apache-2.0 */
/* The guest process: what the Linux layer keeps of it, from its start to its end. */
#include "runtime/linux/generic/process.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/loader/loader.h"

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
    set_name(proc);
    thread_claim_signals();
    signal_host_init(proc);
    return STATUS_OK;
}

void linux_exit_group(struct process *proc, int code)
{
    host_block_all(NULL);
    if (!proc->lender)
        engine_finish(proc->engine);
    for (;;)
        host_call(LINUX_exit_group, (uint64_t)(unsigned)code, 0, 0, 0, 0, 0);
}
