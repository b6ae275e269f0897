divert(-1)
# SPDX-License-Identifier: Apache-2.0
# m4 work.m4: loops, recursion and string operations, @N@ rounds.
define(`loop', `ifelse(eval($1 > $2), 1, `', `$3($1)`'loop(incr($1), $2, `$3')')')
define(`gcd', `ifelse($2, 0, $1, `gcd($2, eval($1 % $2))')')
define(`total', 0)
define(`step', `define(`total', eval((total * 31 + gcd(eval($1 * 7919 + 1), 720720)
    + len(translit(`word-$1-text', `a-z', `b-za')) + index(`$1$1$1', 7)) % 1000003))')
define(`round', `loop(1, 200, `step')')
loop(1, @N@, `round')
divert(0)dnl
total
