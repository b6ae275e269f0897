/* SPDX-License-Identifier: Apache-2.0 */
/* Vector functions that an x86-64 host has an instruction for, as inline assembly. The others are called. */
#include <stdio.h>

#include "llvm-opt/emit/eval.h"
#include "llvm-opt/emit/op_fns.h"

enum need { NOTHING, SSSE3, SSE41, SSE42, AVX, AES, CLMUL, SHA };

/* imm: the bits of it that count; 0: there is none */
static const struct form {
    const char *name;
    uint8_t imm, need;
    bool legacy; /* no VEX encoding */
} forms[IR_VEC_KINDS] = {
    [IR_VEC_AESENC] = {"aesenc", 0, AES, false},
    [IR_VEC_AESENCLAST] = {"aesenclast", 0, AES, false},
    [IR_VEC_AESDEC] = {"aesdec", 0, AES, false},
    [IR_VEC_AESDECLAST] = {"aesdeclast", 0, AES, false},
    [IR_VEC_PCLMUL] = {"pclmulqdq", 0x11, CLMUL, false},
    [IR_VEC_SHA1NEXTE] = {"sha1nexte", 0, SHA, true},
    [IR_VEC_SHA1MSG1] = {"sha1msg1", 0, SHA, true},
    [IR_VEC_SHA1MSG2] = {"sha1msg2", 0, SHA, true},
    [IR_VEC_SHA1RNDS4] = {"sha1rnds4", 3, SHA, true},
    [IR_VEC_SHA256RNDS2] = {"sha256rnds2", 0, SHA, true},
    [IR_VEC_SHA256MSG1] = {"sha256msg1", 0, SHA, true},
    [IR_VEC_SHA256MSG2] = {"sha256msg2", 0, SHA, true},
    [IR_VEC_PMADDUBSW] = {"pmaddubsw", 0, SSSE3, false},
    [IR_VEC_MPSADBW] = {"mpsadbw", 7, SSE41, false},
    [IR_VEC_VPERMILPS] = {"permilps", 0, AVX, false},
    [IR_VEC_VPERMILPD] = {"permilpd", 0, AVX, false},
    [IR_VEC_AESIMC] = {"aesimc", 0, AES, false},
    [IR_VEC_AESKEYGENASSIST] = {"aeskeygenassist", 0xff, AES, false},
    [IR_VEC_PHMINPOSUW] = {"phminposuw", 0, SSE41, false},
    [IR_VEC_RCPPS] = {"rcpps", 0, NOTHING, false},
    [IR_VEC_RSQRTPS] = {"rsqrtps", 0, NOTHING, false},
    [IR_VEC_PCMPSTRI] = {"stri", 0x7f, SSE42, false},
    [IR_VEC_PCMPSTRM] = {"strm", 0x7f, SSE42, false},
};

static bool has(const struct lopt_host_facts *host, enum need need)
{
    const bool facts[] = {[NOTHING] = true,
                          [SSSE3] = host->shuffles_bytes,
                          [SSE41] = host->rounds,
                          [SSE42] = host->compares_strings,
                          [AVX] = host->three_operands,
                          [AES] = host->aes,
                          [CLMUL] = host->clmul,
                          [SHA] = host->sha};
    return facts[need];
}

static LLVMValueRef assembly(struct lopt_build *b, enum ir_type result, LLVMValueRef *args, unsigned n,
                             const char *text, const char *constraints)
{
    return lopt_assembly(b, lopt_type(b, result), args, n, text, constraints, b->c->mem_hidden);
}

/* The lengths go to eax and edx. Where it was found and the flags come in rax, as IR_VEC_PCMPSTRI wants them; the mask
 * in xmm0. */
static LLVMValueRef of_strings(struct lopt_block *blk, const struct ir_insn *in, bool mask)
{
    static const char order[] = "seto %al; lahf; movzwl %ax, %eax; shlq $$32, %rcx; orq %rcx, %rax";
    struct lopt_build *b = blk->b;
    const bool lengths = in->aux & IR_VEC_LENGTHS;
    LLVMTypeRef wide = lopt_type(b, IR_V128), i64 = lopt_type(b, IR_I64);
    LLVMValueRef args[4] = {lopt_exact(blk, in->arg[0]), NULL};
    char text[128];
    args[1] = lopt_exact(blk, in->arg[1]);
    if (lengths) {
        LLVMValueRef both = b->ll->BuildExtractElement(b->ir, lopt_exact(blk, in->arg[2]), lopt_int(b, i64, 0), "");
        args[2] = both;
        args[3] = lopt_bin(b, LLVMLShr, both, lopt_int(b, i64, 32));
    }
    snprintf(text, sizeof text, "%spcmp%cstr%c $$%d, $2, $1; %s", b->host->three_operands ? "v" : "",
             lengths ? 'e' : 'i', mask ? 'm' : 'i', in->aux & 0x7f, mask ? "" : order);
    if (mask)
        return assembly(b, IR_V128, args, lengths ? 4 : 2, text,
                        lengths ? "={xmm0},x,x,{rax},{rdx},~{flags}" : "={xmm0},x,x,~{flags}");
    LLVMValueRef v = assembly(b, IR_I64, args, lengths ? 4 : 2, text,
                              lengths ? "={rax},x,x,{rax},{rdx},~{rcx},~{flags}" : "={rax},x,x,~{rcx},~{flags}");
    return b->ll->BuildInsertElement(b->ir, b->ll->ConstNull(wide), v, lopt_int(b, i64, 0), "");
}

LLVMValueRef lopt_op_vfn(struct lopt_block *blk, const struct ir_insn *in, unsigned param)
{
    struct lopt_build *b = blk->b;
    unsigned kind = ((const struct ir_vec_fn *)(uintptr_t)in->imm)->kind;
    const struct form *f = &forms[kind];
    if (in->type != IR_V128 || kind == IR_VEC_OTHER || !has(b->host, f->need))
        return lopt_op_eval(blk, in, 0);
    if (kind == IR_VEC_PCMPSTRI || kind == IR_VEC_PCMPSTRM)
        return of_strings(blk, in, kind == IR_VEC_PCMPSTRM);
    const bool keys = kind == IR_VEC_SHA256RNDS2, avx = b->host->three_operands && !f->legacy;
    char text[48], imm[16] = "";
    if (f->imm)
        snprintf(imm, sizeof imm, "$$%d, ", in->aux & f->imm);
    LLVMValueRef args[3] = {lopt_exact(blk, in->arg[0]), NULL};
    if (kind >= IR_VEC_AESIMC) {
        snprintf(text, sizeof text, "%s%s %s$1, $0", avx ? "v" : "", f->name, imm);
        return assembly(b, IR_V128, args, 1, text, "=x,x");
    }
    for (unsigned i = 1; i < 3; i++)
        args[i] = lopt_exact(blk, in->arg[i]);
    snprintf(text, sizeof text, avx ? "v%s %s$2, $1, $0" : "%s %s$2, $0", f->name, imm);
    const char *constraints = keys ? "=x,0,x,{xmm0}" : avx ? "=x,x,x" : "=x,0,x";
    return assembly(b, IR_V128, args, keys ? 3 : 2, text, constraints);
}
