/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by an address (struct guest_call_page). */
#ifndef TANDEM_RUNTIME_LINUX_TABLE_CALL_PAGE_H
#define TANDEM_RUNTIME_LINUX_TABLE_CALL_PAGE_H

#include "runtime/linux/base/process.h"

/* Thread t executes at cpu->pc, where no code is. If that is in the page of calls: answers the call and returns to the
 * caller, or raises SIGSEGV as the kernel does (arch/x86/entry/vsyscall, mode xonly). False: it is elsewhere. */
bool call_page_enter(struct thread *t);

#endif
