# SPDX-License-Identifier: Apache-2.0
# tclsh work.tcl N: lists, arrays, strings, expressions and procedures; N rounds.
proc gcd {a b} {
    while {$b} { set next [expr {$a % $b}]; set a $b; set b $next }
    return $a
}
proc turn {seed} {
    upvar 1 total total
    array set count {}
    set list {}
    for {set i 0} {$i < 1500} {incr i} {
        set seed [expr {($seed * 1103515245 + 12345) & 0x7fffffff}]
        incr count([expr {($seed >> 8) % 97}])
        lappend list [expr {$seed % 10007}]
        incr total [gcd $seed 720720]
    }
    foreach {key value} [array get count] { incr total [expr {$key * $value}] }
    set text [join [lsort -integer $list] " "]
    incr total [regsub -all {(\d)7} $text {\1seven} text]
    incr total [string length [string map {1 one 2 two} $text]]
    return $seed
}
set total 0
set seed 3
for {set round 0} {$round < [lindex $argv 0]} {incr round} {
    set seed [turn $seed]
    set total [expr {$total % 1000003}]
}
puts $total
