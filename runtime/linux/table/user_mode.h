/* SPDX-License-Identifier: Apache-2.0 */
/* User mode as the engine sees it: the operating system is the Linux layer, memory is the process's map. */
#ifndef TANDEM_RUNTIME_LINUX_TABLE_USER_MODE_H
#define TANDEM_RUNTIME_LINUX_TABLE_USER_MODE_H

#include "runtime/linux/base/process.h"

/* Makes proc->mem and proc->engine, of proc->guest, config and options. On failure why may say in words what is
 * wrong, and what was made stays for user_mode_destroy. */
enum status user_mode_create(struct process *proc, char *why, size_t size);
/* Frees what user_mode_create made, for a guest that never ran. */
void user_mode_destroy(struct process *proc);

#endif
