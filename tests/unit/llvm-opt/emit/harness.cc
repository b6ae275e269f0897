/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/llvm-opt/emit/harness.h"
#include "src/ir/interp/interp.h"
#include "src/ir/region.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
#include "src/ir/text/parse.h"
#include "tests/harness/fp_traps.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace lopt_test
{

/* ---- the made-up guest ---- */

namespace
{
const uint16_t pinned_x[CPU_PINNED_GPRS] = {X0, X0 + 1, X0 + 2, X0 + 3, X0 + 4, X0 + 5, X0 + 6, X0 + 7, X0 + 8};
const uint16_t pinned_f[CPU_PINNED_FPRS] = {F0, F0 + 1, F0 + 2, F0 + 3, F0 + 4, F0 + 5};
} // namespace

const struct ir_state kState = {kRows, ROW_COUNT, pinned_x, CPU_PINNED_GPRS, pinned_f, CPU_PINNED_FPRS, 0, nullptr, 0,
                                0,     0,         0};

/* ---- entering and leaving ---- */

static_assert(offsetof(struct cpu, guest) == 16 && offsetof(struct cpu, exit_arg) == 2064 &&
                  offsetof(struct cpu, fp_env) == 2080 && offsetof(struct cpu, host_fp_env) == 2084 &&
                  offsetof(struct cpu, c_sp) == 2088 && offsetof(struct cpu, jit_sp) == 2096,
              "the assembly below knows the layout, and that of kRows");

extern "C" void lopt_test_enter(struct cpu *cpu, const void *code);
extern "C" void lopt_test_leave(void);

asm(R"(
    .text
    .globl lopt_test_enter
lopt_test_enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rdi, %r13
    mov %rsi, %rax
    pushq 2064(%r13)
    lea lopt_test_returned(%rip), %rdx
    push %rdx
    mov %rsp, 2088(%r13)
    stmxcsr 2084(%r13)
    ldmxcsr 2080(%r13)
    mov 16(%r13), %rbp
    mov 24(%r13), %r12
    mov 32(%r13), %rbx
    mov 40(%r13), %r14
    mov 48(%r13), %rsi
    mov 56(%r13), %rdi
    mov 64(%r13), %r8
    mov 72(%r13), %r9
    mov 80(%r13), %r15
    movsd 144(%r13), %xmm1
    movsd 152(%r13), %xmm2
    movsd 160(%r13), %xmm3
    movsd 168(%r13), %xmm4
    movsd 176(%r13), %xmm5
    movsd 184(%r13), %xmm6
    jmp *%rax
lopt_test_returned:
    sub $8, %rsp
    mov $-1, %rax
    .globl lopt_test_leave
lopt_test_leave:
    mov %rax, 2064(%r13)
    mov %rsp, 2096(%r13)
    mov %rbp, 16(%r13)
    mov %r12, 24(%r13)
    mov %rbx, 32(%r13)
    mov %r14, 40(%r13)
    mov %rsi, 48(%r13)
    mov %rdi, 56(%r13)
    mov %r8, 64(%r13)
    mov %r9, 72(%r13)
    mov %r15, 80(%r13)
    movsd %xmm1, 144(%r13)
    movsd %xmm2, 152(%r13)
    movsd %xmm3, 160(%r13)
    movsd %xmm4, 168(%r13)
    movsd %xmm5, 176(%r13)
    movsd %xmm6, 184(%r13)
    stmxcsr 2080(%r13)
    ldmxcsr 2084(%r13)
    mov 2088(%r13), %rsp
    add $16, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
)");

/* ---- regions ---- */

Region::Region(const struct ir_state *state) : state_(state) { arena_init(&arena_); }
Region::~Region() { arena_fini(&arena_); }

struct ir_builder *Region::begin(gaddr_t pc)
{
    ir_builder_init(&builder_, &arena_, state_, pc ? pc : block_pc((unsigned)blocks_.size()), 0);
    return &builder_;
}

void Region::add(const struct ir_block *block, const std::vector<gaddr_t> &targets, uint64_t weight)
{
    struct ir_region_block rb = {};
    rb.block = block;
    rb.weight = weight;
    for (gaddr_t t : targets)
        rb.targets[rb.target_count++] = t;
    blocks_.push_back(rb);
}

void Region::end(std::vector<gaddr_t> targets, uint64_t weight)
{
    const struct ir_block *block = ir_builder_seal(&builder_);
    if (!block)
        abort();
    add(block, targets, weight);
}

void Region::text(const char *text, std::vector<gaddr_t> targets, uint64_t weight)
{
    const struct ir_block *block;
    char message[256];
    if (ir_parse(text, state_, &arena_, &block, message, sizeof message) != STATUS_OK) {
        fprintf(stderr, "%s\n", message);
        abort();
    }
    add(block, targets, weight);
}

const struct ir_region *Region::get()
{
    region_ = {};
    region_.blocks = blocks_.data();
    region_.count = (unsigned)blocks_.size();
    region_.outside = outside_.data();
    region_.outside_count = (unsigned)outside_.size();
    region_.precise = precise;
    return &region_;
}

/* ---- code ---- */

namespace
{
/* One compiler for the options that most tests use. */
struct lopt *shared_compiler()
{
    static struct lopt *opt = [] {
        struct lopt_options options = {};
        options.level = 2;
        options.verify = true;
        options.polls = true;
        options.dump_dir = getenv("LOPT_TEST_DUMP");
        struct lopt *o = nullptr;
        char message[256];
        if (lopt_open(&options, &o, message, sizeof message) != STATUS_OK)
            fprintf(stderr, "%s\n", message);
        return o;
    }();
    return opt;
}

constexpr size_t kStub = 32;

/* mov $i, %eax; jmp *0(%rip); .quad leave */
void write_stub(uint8_t *p, uint32_t i)
{
    void (*leave)(void) = lopt_test_leave;
    p[0] = 0xb8;
    memcpy(p + 1, &i, 4);
    const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0};
    memcpy(p + 5, jump, 6);
    memcpy(p + 11, &leave, 8);
}

/* Saves the result and loads it again: what runs is always what another process would run. */
enum status reload(struct lopt_result *result)
{
    std::vector<uint8_t> saved(lopt_save(result, nullptr, 0));
    lopt_save(result, saved.data(), saved.size());
    lopt_result_fini(result);
    return lopt_load(saved.data(), saved.size(), result);
}
} // namespace

Code::Code(const struct ir_region *region, const struct lopt_options *options) : result_()
{
    struct lopt *own = nullptr;
    char message[256];
    if (options && (status = lopt_open(options, &own, message, sizeof message)) != STATUS_OK)
        return;
    status = lopt_compile(own ? own : shared_compiler(), region, &result_);
    lopt_close(own);
    if (status == STATUS_OK)
        status = reload(&result_);
    if (status != STATUS_OK)
        return;
    size_t text = ALIGN_UP(result_.text_size, 64);
    code_ = std::make_unique<harness::CodeBuffer>(ALIGN_UP(text + kStub * (result_.exit_count + 1), 4096));
    std::vector<const uint8_t *> exits;
    for (unsigned i = 0; i < result_.exit_count; i++) {
        exits.push_back(code_->rx(text + kStub * i));
        write_stub(code_->rw(text + kStub * i), i);
    }
    status = lopt_link(&result_, code_->rw(), code_->rx(), exits.data());
}

Outcome Code::run(struct cpu *cpu, unsigned entry) const
{
    Outcome o;
    lopt_test_enter(cpu, lopt_entry(&result_, code_->rx(), entry));
    if (cpu->exit_arg == ~0ull) { /* the region's own ret */
        o.kind = IR_EXIT_RET_MATCHED;
        o.stack_ok = cpu->jit_sp == cpu->c_sp;
        return o;
    }
    const struct lopt_exit &e = result_.exits[cpu->exit_arg];
    o.kind = e.kind;
    o.trap = e.trap;
    o.return_pc = e.return_pc;
    bool indirect =
        e.kind == IR_EXIT_IND || e.kind == IR_EXIT_IND_MODE || e.kind == IR_EXIT_CALL_IND || e.kind == IR_EXIT_RET;
    o.pc = indirect ? cpu->pc : e.pc;
    if (e.kind == IR_EXIT_POLL && cpu->pc != e.pc)
        o.pc = ~0ull;
    o.stack_ok = cpu->jit_sp == cpu->c_sp;
    return o;
}

std::string Code::disassembly() const
{
    char *text = nullptr;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    lopt_disas_host(code_->rx(), result_.text_size, 0, f);
    fclose(f);
    std::string s(text, size);
    free(text);
    return s;
}

/* ---- the interpreter's side ---- */

static int find(const struct ir_region *region, gaddr_t pc)
{
    for (unsigned i = 0; i < region->count; i++) {
        if (region->blocks[i].block->pc == pc)
            return (int)i;
    }
    return -1;
}

/* May the region go on at pc after this exit of this block? Indirect jumps only to the targets listed. */
static bool stays(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_exit &exit)
{
    const struct ir_insn &last = rb->block->insns[rb->block->count - 1];
    if (find(region, exit.pc) < 0 || exit.hint == IR_HINT_MODE)
        return false;
    if (last.op != IR_JUMP_REG)
        return true;
    for (unsigned i = 0; i < rb->block->count; i++) {
        if (rb->block->insns[i].op == IR_EXIT_IF && rb->block->insns[i].imm == exit.pc)
            return true; /* ambiguous; tests avoid it */
    }
    return std::count(rb->targets, rb->targets + rb->target_count, exit.pc) > 0;
}

static Outcome left(const struct ir_region_block *rb, const struct ir_exit &exit)
{
    const struct ir_insn &last = rb->block->insns[rb->block->count - 1];
    Outcome o;
    o.pc = exit.pc;
    if (exit.reason == CPU_EXIT_TRAP) {
        o.kind = IR_EXIT_TRAP;
        o.trap = exit.trap;
        return o;
    }
    bool indirect = last.op == IR_JUMP_REG;
    for (unsigned i = 0; i < rb->block->count; i++) {
        const struct ir_insn &in = rb->block->insns[i];
        if (in.op == IR_EXIT_IF && in.imm == exit.pc && in.aux == exit.hint)
            indirect = false;
        if (in.op == IR_CALL_HINT && exit.hint == IR_HINT_CALL)
            o.return_pc = in.imm;
    }
    if (indirect)
        o.kind = exit.hint == IR_HINT_CALL   ? IR_EXIT_CALL_IND
                 : exit.hint == IR_HINT_RET  ? IR_EXIT_RET
                 : exit.hint == IR_HINT_MODE ? IR_EXIT_IND_MODE
                                             : IR_EXIT_IND;
    else
        o.kind = exit.hint == IR_HINT_CALL ? IR_EXIT_CALL : exit.hint == IR_HINT_MODE ? IR_EXIT_LOOKUP : IR_EXIT_DIRECT;
    return o;
}

Outcome interpret(struct cpu *cpu, const struct ir_region *region, unsigned entry)
{
    const struct ir_region_block *rb = &region->blocks[entry];
    for (;;) {
        struct ir_exit exit;
        memset(&exit, 0, sizeof exit);
        ir_interp(cpu, rb->block, &exit);
        if (exit.reason == CPU_EXIT_TRAP || !stays(region, rb, exit))
            return left(rb, exit);
        if (exit.pc <= rb->block->pc && cpu->pending) {
            Outcome o;
            o.kind = IR_EXIT_POLL;
            o.pc = exit.pc;
            return o;
        }
        rb = &region->blocks[find(region, exit.pc)];
    }
}

/* ---- comparing ---- */

uint8_t *memory()
{
    alignas(64) static uint8_t m[kMemory];
    return m;
}

static std::string hex(uint64_t v)
{
    char s[32];
    snprintf(s, sizeof s, "%llx", (unsigned long long)v);
    return s;
}

static std::string diff_rows(const struct cpu *want, const struct cpu *got)
{
    std::string s;
    for (const struct ir_state_row &row : kRows) {
        const size_t size = (ir_type_bits((enum ir_type)row.type) + 7) / 8;
        if (memcmp((const char *)want + row.offset, (const char *)got + row.offset, size))
            s += std::string(row.name) + ": want " + hex(get_row(want, row)) + " got " + hex(get_row(got, row)) + "\n";
    }
    return s;
}

static bool has_atomics(const struct ir_region *region)
{
    bool any = false;
    for (unsigned i = 0; i < region->count; i++)
        for (unsigned k = 0; k < region->blocks[i].block->count; k++) {
            const struct ir_insn *in = &region->blocks[i].block->insns[k];
            bool plain = in->op == IR_LD || in->op == IR_ST;
            any |= in->op == IR_AMO || in->op == IR_CAS || in->op == IR_FENCE || (plain && ir_mem_order(in->aux) > 1);
        }
    return any;
}

std::string compare(const struct ir_region *region, const struct cpu *initial, const struct lopt_options *options)
{
    Code code(region, options);
    std::string differences = compare_code(region, code, initial);
    if (!has_atomics(region) || !differences.empty())
        return differences;
    struct ir_region ordered = *region; /* others see the memory */
    ordered.ordered = true;
    Code atomic(&ordered, options);
    return compare_code(&ordered, atomic, initial);
}

std::string compare_code(const struct ir_region *region, const Code &code, const struct cpu *initial, bool resume,
                         unsigned entry)
{
    if (code.status != STATUS_OK)
        return std::string("status: ") + status_text(code.status);
    std::vector<uint8_t> before(memory(), memory() + kMemory);
    Cpu a(*initial), b(*initial);
    Outcome want = interpret(a.get(), region, entry);
    std::vector<uint8_t> after(memory(), memory() + kMemory);
    memcpy(memory(), before.data(), kMemory);
    FpTraps traps(b.get());
    if (initial->guest[0] & 1) // watched or not: it makes no difference
        FpTraps::begin_watch(b.get());
    b->pending = resume ? 1 : b->pending;
    Outcome got = code.run(b.get(), entry);
    while (resume && got.kind == IR_EXIT_POLL)
        got = code.run(b.get());
    std::string s = diff_rows(a.get(), b.get());
    if (memcmp(memory(), after.data(), kMemory))
        s += "memory differs\n";
    memcpy(memory(), before.data(), kMemory);
    if (a.flags() != b.flags())
        s += "flags: want " + hex(a.flags()) + " got " + hex(b.flags()) + "\n";
    if (memcmp(&a->resv, &b->resv, sizeof a->resv) && !(a->resv.addr == ~0ull && b->resv.addr == ~0ull))
        s += "reservation differs\n";
    if (want.kind != got.kind || want.pc != got.pc || want.trap != got.trap || want.return_pc != got.return_pc)
        s += "exit: want " + std::to_string(want.kind) + " " + hex(want.pc) + " got " + std::to_string(got.kind) + " " +
             hex(got.pc) + "\n";
    if (!got.stack_ok)
        s += "stack pointer moved\n";
    return s;
}

std::string print(const struct ir_region *region)
{
    std::string s;
    for (unsigned i = 0; i < region->count; i++)
        s += harness::print(region->blocks[i].block);
    return s;
}

} // namespace lopt_test
