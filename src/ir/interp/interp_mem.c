/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's memory operations.
 *
 * I1  An access of 1, 2, 4 or 8 bytes is one host access, so that it is single-copy atomic where the guest's is.
 * I2  Every atomic read-modify-write is a compare-and-swap loop on the raw bytes: one primitive, at full barrier
 *     strength.
 * I3  LL and SC of all tiers come here. SC succeeds only if no other SC to the same place succeeded since LL, even if
 *     the value is the same again (A-B-A): each place has a version, hashed by address, which a successful SC raises.
 *     Against plain stores and other atomics it compares the value. The reservation is gone afterwards either way.
 */
#include "src/ir/interp/interp_mem.h"

#include "src/host/host.h"
#include "src/ir/interp/ev.h"

typedef struct __attribute__((packed, may_alias)) {
    uint16_t v;
} unaligned16;
typedef struct __attribute__((packed, may_alias)) {
    uint32_t v;
} unaligned32;
typedef struct __attribute__((packed, may_alias)) {
    uint64_t v;
} unaligned64;

struct access {
    gaddr_t addr;
    unsigned size;  /* bytes */
    unsigned order; /* as IR_MEM_ORDER */
    bool big;
    bool ok; /* else the block has been left */
};

static struct access access_of(struct ir_ev *e)
{
    unsigned aux = e->in->aux;
    struct access m = {
        .addr = e->a[0]->u64[0] + e->in->imm,
        .size = ir_type_bits(ir_mem_type((uint16_t)aux)) / 8,
        .order = ir_mem_order((uint16_t)aux),
        .big = aux & IR_MEM_BIG,
        .ok = true,
    };
    if ((aux & IR_MEM_ALIGNED) && (m.addr & (m.size - 1)) && e->exit) {
        ir_ev_leave_trap(e, ir_misaligned_trap(e->in->aux), e->cpu->pc);
        m.ok = false;
    }
    return m;
}

/* --- plain accesses --- */

IR_GUEST_ACCESS static void read_raw(const struct access *m, union ir_value *v)
{
    const volatile void *p = (const volatile void *)(uintptr_t)m->addr;
    switch (m->size) {
    case 1:
        v->u64[0] = *(const volatile uint8_t *)p;
        break;
    case 2:
        v->u64[0] = ((const volatile unaligned16 *)p)->v;
        break;
    case 4:
        v->u64[0] = ((const volatile unaligned32 *)p)->v;
        break;
    case 8:
        v->u64[0] = ((const volatile unaligned64 *)p)->v;
        break;
    default:
        for (unsigned i = 0; i + 8 <= m->size; i += 8)
            v->u64[i / 8] = ((const volatile unaligned64 *)p)[i / 8].v;
        if (m->size == 10)
            v->u64[1] = ((const volatile unaligned16 *)((const volatile char *)p + 8))->v;
    }
}

IR_GUEST_ACCESS static void write_raw(const struct access *m, const union ir_value *v)
{
    volatile void *p = (volatile void *)(uintptr_t)m->addr;
    switch (m->size) {
    case 1:
        *(volatile uint8_t *)p = v->u8[0];
        break;
    case 2:
        ((volatile unaligned16 *)p)->v = (uint16_t)v->u64[0];
        break;
    case 4:
        ((volatile unaligned32 *)p)->v = (uint32_t)v->u64[0];
        break;
    case 8:
        ((volatile unaligned64 *)p)->v = v->u64[0];
        break;
    default:
        for (unsigned i = 0; i + 8 <= m->size; i += 8)
            ((volatile unaligned64 *)p)[i / 8].v = v->u64[i / 8];
        if (m->size == 10)
            ((volatile unaligned16 *)((volatile char *)p + 8))->v = (uint16_t)v->u64[1];
    }
}

static void reverse_bytes(union ir_value *v, unsigned size)
{
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t t = v->u8[i];
        v->u8[i] = v->u8[size - 1 - i];
        v->u8[size - 1 - i] = t;
    }
}

/* The result of a load: bytes as they were in memory, extended to T. */
static void give(struct ir_ev *e, const struct access *m, union ir_value *raw)
{
    if (m->big)
        reverse_bytes(raw, m->size);
    unsigned bits = m->size * 8, width = ir_ev_width(e);
    if (width > 128) {
        *e->r = *raw;
        return;
    }
    int_u128 v = ir_value_bits(raw, bits);
    ir_value_set(e->r, width, e->in->aux & IR_MEM_SIGNED ? (int_u128)int_sx(v, bits) : v);
}

/* An operand as the bytes that go to memory. */
static union ir_value take(const struct ir_ev *e, const struct access *m, unsigned arg)
{
    union ir_value v;
    memset(&v, 0, sizeof v);
    memcpy(&v, e->a[arg], m->size);
    if (m->big)
        reverse_bytes(&v, m->size);
    return v;
}

void ir_ev_LD(struct ir_ev *e)
{
    struct access m = access_of(e);
    union ir_value raw;
    if (!m.ok)
        return;
    if (m.order == 3)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    read_raw(&m, &raw);
    if (m.order)
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    give(e, &m, &raw);
}

void ir_ev_ST(struct ir_ev *e)
{
    struct access m = access_of(e);
    if (!m.ok)
        return;
    union ir_value raw = take(e, &m, 1);
    if (m.order)
        __atomic_thread_fence(__ATOMIC_RELEASE);
    write_raw(&m, &raw);
    if (m.order == 3)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void ir_ev_FENCE(struct ir_ev *e)
{
    __atomic_thread_fence(e->in->aux & IR_FENCE_WR ? __ATOMIC_SEQ_CST : __ATOMIC_ACQ_REL);
}

/* --- compare and swap --- */

#define CAS(type)                                                                                                      \
    ({                                                                                                                 \
        type want = (type)expected->u64[0];                                                                            \
        bool done = __atomic_compare_exchange_n((type *)(uintptr_t)m->addr, &want, (type)desired->u64[0], false,       \
                                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                                   \
        expected->u64[0] = want;                                                                                       \
        done;                                                                                                          \
    })

/* If the raw bytes are *expected, stores *desired; gives what was there in *expected. */
IR_GUEST_ACCESS static bool swap_raw(const struct access *m, union ir_value *expected, const union ir_value *desired)
{
    switch (m->size) {
    case 1:
        return CAS(uint8_t);
    case 2:
        return CAS(uint16_t);
    case 4:
        return CAS(uint32_t);
    case 8:
        return CAS(uint64_t);
    default:
        return host_cas16((void *)(uintptr_t)m->addr, expected->u64, desired->u64);
    }
}

/* Raw bytes, atomically; a 16-byte value is read by swapping it with itself. */
static void read_atomic(const struct access *m, union ir_value *raw)
{
    memset(raw, 0, sizeof *raw);
    if (m->size == 16)
        host_cas16((void *)(uintptr_t)m->addr, raw->u64, (uint64_t[2]){0, 0});
    else
        read_raw(m, raw);
}

static int_u128 amo_result(enum ir_amo op, int_u128 old, int_u128 arg, unsigned bits)
{
    int_s128 so = int_sx(old, bits), sa = int_sx(arg, bits);
    switch (op) {
    case IR_AMO_XCHG:
        return arg;
    case IR_AMO_ADD:
        return old + arg;
    case IR_AMO_AND:
        return old & arg;
    case IR_AMO_OR:
        return old | arg;
    case IR_AMO_XOR:
        return old ^ arg;
    case IR_AMO_MIN_S:
        return so < sa ? old : arg;
    case IR_AMO_MAX_S:
        return so > sa ? old : arg;
    case IR_AMO_MIN_U:
        return old < arg ? old : arg;
    case IR_AMO_MAX_U:
        return old > arg ? old : arg;
    default:
        return old;
    }
}

void ir_ev_AMO(struct ir_ev *e)
{
    struct access m = access_of(e);
    if (!m.ok)
        return;
    unsigned bits = m.size * 8;
    int_u128 arg = ir_value_bits(e->a[1], bits);
    union ir_value raw, desired;
    read_atomic(&m, &raw);
    do {
        union ir_value old = raw;
        if (m.big)
            reverse_bytes(&old, m.size);
        ir_value_set(&desired, bits, amo_result(ir_amo_op(e->in->aux), ir_value_bits(&old, bits), arg, bits));
        if (m.big)
            reverse_bytes(&desired, m.size);
    } while (!swap_raw(&m, &raw, &desired));
    give(e, &m, &raw);
}

void ir_ev_CAS(struct ir_ev *e)
{
    struct access m = access_of(e);
    if (!m.ok)
        return;
    union ir_value raw = take(e, &m, 1), desired = take(e, &m, 2);
    swap_raw(&m, &raw, &desired);
    give(e, &m, &raw);
}

/* --- load reserved, store conditional --- */

/* Versions of I3: even, or odd while an SC is between its check and its store. Shared by all threads of the process, as
 * the memory is that it guards; no lock is ever waited for: an SC that finds an odd version fails, as hardware may. */
enum { VERSION_BITS = 12 };
static uint32_t versions[1 << VERSION_BITS];

static uint32_t *version_of(gaddr_t addr)
{
    return &versions[(addr >> 4) * 0x9e3779b97f4a7c15u >> (64 - VERSION_BITS)];
}

void ir_forget_reservations(void) { memset(versions, 0, sizeof versions); }

void ir_ev_LL(struct ir_ev *e)
{
    struct access m = access_of(e);
    union ir_value raw;
    if (!m.ok)
        return;
    /* before the value: partner of the release store in ir_ev_SC */
    uint32_t version = __atomic_load_n(version_of(m.addr), __ATOMIC_ACQUIRE);
    read_atomic(&m, &raw);
    __atomic_thread_fence(m.order == 3 ? __ATOMIC_SEQ_CST : __ATOMIC_ACQUIRE);
    e->cpu->resv =
        (struct cpu_reservation){.addr = m.addr, .value = {raw.u64[0], raw.u64[1]}, .size = m.size, .version = version};
    give(e, &m, &raw);
}

/* The store of an SC whose reservation is for this place. */
static bool store_conditional(struct ir_ev *e, const struct access *m)
{
    const struct cpu_reservation *resv = &e->cpu->resv;
    union ir_value raw = {.u64 = {resv->value[0], resv->value[1]}}, desired = take(e, m, 1), same = raw;
    uint32_t *version = version_of(m->addr), seen = resv->version;
    if (seen & 1 || !swap_raw(m, &same, &raw)) /* faults here, if it does, and not with the version odd */
        return false;
    if (!__atomic_compare_exchange_n(version, &seen, seen + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    bool stored = swap_raw(m, &raw, &desired);
    __atomic_store_n(version, stored ? seen + 2 : seen, __ATOMIC_RELEASE);
    return stored;
}

void ir_ev_SC(struct ir_ev *e)
{
    struct access m = access_of(e);
    struct cpu_reservation *resv = &e->cpu->resv;
    if (!m.ok)
        return;
    bool stored = resv->addr == m.addr && resv->size == m.size && store_conditional(e, &m);
    resv->addr = ~(gaddr_t)0; /* I3 */
    ir_value_set(e->r, 1, stored);
}
