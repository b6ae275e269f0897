/* SPDX-License-Identifier: Apache-2.0 */
/* Log channels (-d) and messages. src/cli sets the mask once, before threads start. Any thread may log. A line is
 * written with one write(2). */
#ifndef TANDEM_BASE_LOG_H
#define TANDEM_BASE_LOG_H

#include <stdio.h>

#include "src/base/types.h"

/* X(NAME, "text", "help"): channels that qemu-user has, too, and ours. */
#define LOG_CHANNELS(X)                                                                                                \
    X(IN_ASM, "in_asm", "guest code of each translated block")                                                         \
    X(OP, "op", "IR of each block, as lifted")                                                                         \
    X(OP_OPT, "op_opt", "IR of each block after its passes")                                                           \
    X(OUT_ASM, "out_asm", "host code of each block and region")                                                        \
    X(LLVM_IR, "llvm_ir", "LLVM IR of each region")                                                                    \
    X(EXEC, "exec", "each block the dispatcher enters")                                                                \
    X(CPU, "cpu", "guest registers before each block the dispatcher enters")                                           \
    X(INT, "int", "traps and signals")                                                                                 \
    X(NOCHAIN, "nochain", "do not chain blocks (with exec and cpu: see them all)")                                     \
    X(PAGE, "page", "the guest's memory map at start")                                                                 \
    X(STRACE, "strace", "system calls")                                                                                \
    X(UNIMP, "unimp", "what the guest asked for and is not there")                                                     \
    X(GUEST_ERROR, "guest_errors", "what the guest did wrong")                                                         \
    X(REGION, "region", "each region: head, blocks, result")                                                           \
    X(TIER, "tier", "promotion, installation and retirement of code")                                                  \
    X(CACHE, "cache", "the cache on disk: what is used, stored, refused")

enum log_channel {
#define X(name, text, help) LOG_##name,
    LOG_CHANNELS(X)
#undef X
        LOG_CHANNEL_COUNT
};

TANDEM_BEGIN_DECLS
extern uint32_t log_mask; /* bit per channel; const after start-up */
static inline bool log_on(enum log_channel c) { return __builtin_expect(log_mask >> c & 1, 0); }
/* Parses "in_asm,op". An item that is not known: false, and its name in bad (size bytes). The caller handles "help". */
bool log_parse(const char *items, uint32_t *mask, char *bad, size_t size);
/* The log goes to the file name, NULL: to stderr. %d in name becomes the process id.
 * False: cannot be opened (errno). */
bool log_open(const char *name);
/* -dfilter: "start+len", "start-len", "start..end", comma-separated. False: syntax. */
bool log_set_filter(const char *ranges);
bool log_in_filter(gaddr_t pc);
void log_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A stream for longer output. All that is written to it appears in one piece at log_end. */
FILE *log_begin(void);
void log_end(FILE *f);
/* Writes "tandem: ..." to stderr, whatever the channels. */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Ends the process with a message and status 126: tandem has no memory for what it cannot do without. Allocates
 * nothing. */
void out_of_memory(const char *for_what) __attribute__((noreturn));
TANDEM_END_DECLS

#endif
