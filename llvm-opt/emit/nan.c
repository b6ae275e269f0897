/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point values by their bits.
 *
 * I1  The floating-point comparison of a NaN test raises no flag. It is emitted only where the value cannot be a
 *     signaling NaN, and so may be a plain one that LLVM moves or drops. Elsewhere the test is on the bits.
 */
#include "llvm-opt/emit/nan.h"

#include <string.h>

static LLVMRealPredicate predicate(const char *cond)
{
    static const struct {
        const char *name;
        LLVMRealPredicate predicate;
    } all[] = {
        {"oeq", LLVMRealOEQ}, {"olt", LLVMRealOLT}, {"ole", LLVMRealOLE}, {"ogt", LLVMRealOGT}, {"uno", LLVMRealUNO}};
    unsigned i = 0;
    while (strcmp(all[i].name, cond) != 0)
        i++;
    return all[i].predicate;
}

LLVMValueRef lopt_fcmp_plain(struct lopt_build *b, const char *cond, LLVMValueRef x, LLVMValueRef y)
{
    return b->ll->BuildFCmp(b->ir, predicate(cond), x, y, "");
}

LLVMValueRef lopt_fcmp(struct lopt_build *b, const char *cond, bool signaling, LLVMValueRef x, LLVMValueRef y)
{
    if (b->fp_fast)
        return lopt_fcmp_plain(b, cond, x, y);
    LLVMTypeRef t = b->ll->TypeOf(x);
    LLVMMetadataRef name = b->ll->MDStringInContext2(b->c->ctx, cond, strlen(cond));
    LLVMValueRef args[4] = {x, y, b->ll->MetadataAsValue(b->c->ctx, name), b->c->md_strict};
    return lopt_call_intrinsic(b, signaling ? LOPT_INTR_FCMPS : LOPT_INTR_FCMP, &t, 1, args, 4);
}

LLVMValueRef lopt_is_nan_bits(struct lopt_build *b, LLVMValueRef x)
{
    bool is_double = b->ll->TypeOf(x) == lopt_type(b, IR_F64);
    LLVMTypeRef t = lopt_type(b, is_double ? IR_I64 : IR_I32);
    LLVMValueRef bits = lopt_bitcast(b, x, t);
    LLVMValueRef mag = lopt_bin(b, LLVMAnd, bits, lopt_int(b, t, is_double ? INT64_MAX : INT32_MAX));
    return lopt_icmp(b, LLVMIntUGT, mag, lopt_int(b, t, is_double ? 0x7ff0000000000000 : 0x7f800000));
}

LLVMValueRef lopt_canon(struct lopt_build *b, LLVMValueRef x, LLVMValueRef cond, bool quiet)
{
    bool is_double = b->ll->TypeOf(x) == lopt_type(b, IR_F64);
    LLVMValueRef nan = quiet && !cond ? b->ll->BuildFCmp(b->ir, LLVMRealUNO, x, x, "") : lopt_is_nan_bits(b, x);
    if (cond)
        nan = lopt_bin(b, LLVMAnd, nan, cond);
    LLVMValueRef canonical =
        is_double ? lopt_const_bits(b, IR_F64, 0x7ff8000000000000, 0) : lopt_const_bits(b, IR_F32, 0x7fc00000, 0);
    return lopt_sel(b, nan, canonical, x);
}

LLVMValueRef lopt_box(struct lopt_build *b, LLVMValueRef f32)
{
    LLVMValueRef bits = lopt_cast(b, LLVMZExt, lopt_bitcast(b, f32, lopt_type(b, IR_I32)), lopt_type(b, IR_I64));
    return lopt_bitcast(b, lopt_bin(b, LLVMOr, bits, lopt_i64(b, 0xffffffff00000000)), lopt_type(b, IR_F64));
}

LLVMValueRef lopt_unbox(struct lopt_build *b, LLVMValueRef f64)
{
    LLVMTypeRef i32 = lopt_type(b, IR_I32);
    LLVMValueRef bits = lopt_bitcast(b, f64, lopt_type(b, IR_I64));
    if (b->fp_fast)
        return lopt_bitcast(b, lopt_cast(b, LLVMTrunc, bits, i32), lopt_type(b, IR_F32));
    LLVMValueRef boxed = lopt_icmp(b, LLVMIntUGE, bits, lopt_i64(b, 0xffffffff00000000));
    LLVMValueRef low = lopt_cast(b, LLVMTrunc, bits, i32);
    return lopt_bitcast(b, lopt_sel(b, boxed, low, lopt_int(b, i32, 0x7fc00000)), lopt_type(b, IR_F32));
}
