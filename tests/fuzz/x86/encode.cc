// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/x86/encode.h"

namespace x86fuzz
{

// rex: its low three bits R, X, B. vvvv: as encoded, inverted.
void encoder::opcode(unsigned rex, unsigned vvvv)
{
    static const uint8_t prefixes[4] = {0, 0x66, 0xf3, 0xf2};
    if (form_.vex) {
        put(0xc4);
        put((~rex & 7) << 5 | form_.map);
        put(form_.w << 7 | vvvv << 3 | form_.l << 2 | form_.pp);
    } else {
        if (form_.pp)
            put(prefixes[form_.pp]);
        if (is64_ && (form_.w || rex))
            put(0x40 | form_.w << 3 | rex);
        if (form_.map)
            put(0x0f);
        if (form_.map > 1)
            put(form_.map == 2 ? 0x38 : 0x3a);
    }
    put(form_.opcode);
}

void encoder::canonical()
{
    opcode(0, 15);
    if (form_.is_mem) {
        put(form_.reg << 3 | 4);
        put(0x08); // base rax, index rcx
    } else {
        put(0xc0 | form_.reg << 3 | (form_.rm < 0 ? 0 : form_.rm));
    }
}

void encoder::random(rng *r)
{
    if (r->one_in(16))
        put(0x67);
    if (r->one_in(16))
        put(is64_ && r->one_in(2) ? 0x64 : 0x65);
    if (r->one_in(form_.is_mem && !form_.vex ? 6 : 100))
        put(0xf0);
    if (form_.pp != 1 && !form_.vex && r->one_in(12)) // a prefix that means something else, or nothing
        put(r->one_in(2) ? 0x66 : r->one_in(2) ? 0xf2 : 0xf3);
    unsigned rex = is64_ && r->one_in(2) ? r->below(8) : 0; // without: ah .. bh
    opcode(form_.rm < 0 || form_.is_mem ? rex : rex & 6, is64_ ? r->below(16) : 8 | r->below(8));
    unsigned mod = form_.is_mem ? r->below(3) : 3;
    put(mod << 6 | form_.reg << 3 | (form_.rm < 0 ? r->below(8) : form_.rm));
    while (length_ < kMaxCode)
        put(r->below(256));
}

} // namespace x86fuzz
