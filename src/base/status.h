/* SPDX-License-Identifier: Apache-2.0 */
/* Why something could not be done. Functions that can fail return one of these; results travel through out-parameters.
 * Each row is counted on its own in --stats ("aborts by reason"), so add a row rather than reuse a vague one. */
#ifndef TANDEM_BASE_STATUS_H
#define TANDEM_BASE_STATUS_H

#include "src/base/types.h"

#define STATUS_LIST(X)                                                                                                 \
    X(OK, "ok")                                                                                                        \
    X(NO_MEMORY, "out of memory")                                                                                      \
    X(CACHE_FULL, "code cache full")                                                                                   \
    X(TOO_LARGE, "block or region too large")                                                                          \
    X(BAD_FETCH, "guest code is not readable or not executable")                                                       \
    X(STALE, "guest code changed while it was compiled")                                                               \
    X(UNSUPPORTED, "operation not supported by this back end")                                                         \
    X(LLVM_MISSING, "libLLVM could not be loaded")                                                                     \
    X(LLVM_FAILED, "LLVM rejected the module")                                                                         \
    X(LINK_FAILED, "object could not be linked")                                                                       \
    X(MAP_LOST, "a guest register could not be found at an access")                                                    \
    X(EXIT_LOST, "a guest register could not be found at an exit")                                                     \
    X(NO_GROWTH, "rebuilding would not make the region larger")                                                        \
    X(NO_LOOP, "no loop in it: it must be hotter")                                                                     \
    X(TOO_SOON, "its time has not reached what compiling it costs")                                                    \
    X(NO_GAIN, "it was slower than tier 1, and was taken out")                                                         \
    X(SHORT_STAY, "it would be left too soon after it is entered")                                                     \
    X(INJECTED, "failure injected by a test")                                                                          \
    X(NOT_FOUND, "no such file")                                                                                       \
    X(BAD_FORMAT, "not a valid file of its kind")                                                                      \
    X(WRONG_MACHINE, "built for a machine that is not supported")                                                      \
    X(SYSTEM, "a system call failed (see errno)")                                                                      \
    X(SYNTAX, "syntax error")

enum status {
#define X(name, text) STATUS_##name,
    STATUS_LIST(X)
#undef X
        STATUS_COUNT
};

TANDEM_BEGIN_DECLS
/* The text of a status, for messages and statistics; never NULL. Any thread. */
const char *status_text(enum status s);
TANDEM_END_DECLS

#endif
