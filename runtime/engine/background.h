/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the engine's own, of which the guest knows nothing. */
#ifndef TANDEM_RUNTIME_ENGINE_BACKGROUND_H
#define TANDEM_RUNTIME_ENGINE_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Starts a thread with a stack of so many bytes that runs main(arg), with every signal blocked: none of the guest's is
 * ever delivered there. False: the system has none left. Any thread. */
bool background_start(pthread_t *thread, void *(*main)(void *), void *arg, size_t stack);

#endif
