/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that /proc/PID/task lists: without tandem's own. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROC_TASKS_H
#define TANDEM_RUNTIME_LINUX_BASE_PROC_TASKS_H

#include <sys/stat.h>

#include "runtime/linux/base/process.h"

/* Threads of process pid, which tandem runs, without tandem's own. */
unsigned proc_count_tasks(int pid);

/* st is of the open file fd (O_PATH is enough): if that is the directory of a guest's threads, its link count becomes
 * that of the guest. Any thread. */
void proc_task_links(struct thread *t, int fd, struct stat *st);
/* Could it be such a directory? */
bool proc_may_be_tasks(const struct stat *st);

/* Where a directory entry has its own size (16 bits) and its name. */
struct proc_entry_form {
    size_t size_at, name_at;
};
/* The kernel has written size bytes of entries of directory fd to guest address entries: takes those of tandem's
 * threads out. The bytes that are left, or -EFAULT. The thread's own. */
long proc_hide_tasks(struct thread *t, int fd, gaddr_t entries, long size, const struct proc_entry_form *form);

#endif
