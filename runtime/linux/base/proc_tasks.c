/* SPDX-License-Identifier: Apache-2.0 */
/* See proc_tasks.h. Of this process, the guest's threads are known; tandem's threads of another one, by their names. */
#include "runtime/linux/base/proc_tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"

/* Is it one of tandem's own threads, by its name? */
static bool is_helper(int pid, const char *tid)
{
    static const char prefix[] = "tandem-";
    char path[64], name[sizeof prefix] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/comm", pid, tid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, name, sizeof prefix - 1);
    if (fd >= 0)
        close(fd);
    return n == sizeof prefix - 1 && !memcmp(name, prefix, (size_t)n);
}

unsigned proc_count_tasks(int pid)
{
    char path[32];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += e->d_name[0] != '.' && !is_helper(pid, e->d_name);
    if (dir)
        closedir(dir);
    return count;
}

static bool is_guest_thread(struct process *home, int tid)
{
    bool found = false;
    pthread_mutex_lock(&home->threads_lock);
    for (struct thread *t = home->threads; t && !found; t = t->next)
        found = t->tid == tid;
    pthread_mutex_unlock(&home->threads_lock);
    return found;
}

static bool hides(struct thread *t, const struct proc_name *dir, const char *entry)
{
    if (*entry == '.')
        return false;
    /* numbers of another PID namespace's /proc are not the guest's */
    return dir->pid == getpid() ? !is_guest_thread(process_home(t->proc), atoi(entry)) : is_helper(dir->pid, entry);
}

/* Moves what stays to the front of buf; its size. */
static long keep(struct thread *t, const struct proc_name *dir, uint8_t *buf, long size,
                 const struct proc_entry_form *form)
{
    uint16_t entry;
    long left = 0;
    for (long at = 0; at + (long)form->name_at < size; at += entry) {
        memcpy(&entry, buf + at + form->size_at, sizeof entry);
        if (!entry || entry > size - at)
            break;
        if (hides(t, dir, (const char *)buf + at + form->name_at))
            continue;
        memmove(buf + left, buf + at, entry);
        left += entry;
    }
    return left;
}

bool proc_may_be_tasks(const struct stat *st) { return S_ISDIR(st->st_mode) && proc_possible(st) && st->st_nlink > 2; }

void proc_task_links(struct thread *t, int fd, struct stat *st)
{
    struct proc_name dir;
    if (!proc_may_be_tasks(st) || !proc_name(fd, &dir) || !dir.pid || strcmp(dir.entry, "task"))
        return;
    if (proc_is_own(&dir))
        st->st_nlink = 2 + __atomic_load_n(&t->proc->thread_count, __ATOMIC_RELAXED);
    else if (proc_is_tandem(t->proc, dir.pid))
        st->st_nlink = 2 + proc_count_tasks(dir.pid);
}

long proc_hide_tasks(struct thread *t, int fd, gaddr_t entries, long size, const struct proc_entry_form *form)
{
    struct stat st;
    struct proc_name dir;
    if (size <= 0 || host_call(LINUX_fstat, (unsigned)fd, (uintptr_t)&st, 0, 0, 0, 0) || !proc_possible(&st) ||
        !proc_name(fd, &dir) || !dir.pid || strcmp(dir.entry, "task"))
        return size;
    if (!proc_is_own(&dir) && !proc_is_tandem(t->proc, dir.pid))
        return size;
    uint8_t *buf = malloc((size_t)size);
    if (!buf)
        return size;
    long left = -EFAULT;
    if (!guest_read(t, buf, entries, (size_t)size)) {
        left = keep(t, &dir, buf, size, form);
        if (left && guest_write(t, entries, buf, (size_t)left))
            left = -EFAULT;
    }
    free(buf);
    return left;
}
