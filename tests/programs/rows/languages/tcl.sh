# SPDX-License-Identifier: Apache-2.0
# tcl and expect: a dialogue with bc-like programs in a pseudo-terminal.
# packages: tcl expect dash
cat >a.tcl <<'END'
proc fib n {expr {$n < 2 ? $n : [fib [expr {$n - 1}]] + [fib [expr {$n - 2}]]}}; puts [fib 18]; set d [dict create];
    for {set i 0} {$i < 20000} {incr i} {dict incr d [expr {$i % 97}]}; puts [dict size $d]
puts [lsort -real [lmap x {5 3 9} {expr {$x ** 30}}]]; puts [regsub -all {(\w)(\w*)} "the fox" {\2\1}];
    after 20 {set done 1}; vwait done; puts [exec sh -c "echo child"]; puts [catch {error bad} m],$m;
    puts [clock format 0 -gmt 1 -format %Y]
END
tclsh a.tcl
cat >b.exp <<'END'
log_user 0; set timeout 30; set env(PS1) "ready> "; spawn sh -i; expect "ready> ";
    send "stty -echo; echo \$((6*7))\r"; expect -re {\n(\d+)\r}; puts "answer $expect_out(1,string)"
expect "ready> "; send "tty | cut -c1-9; stty size\r"; expect -re {(/dev/pts/)}; puts $expect_out(1,string);
    expect "ready> "; send "cat\r"; send "typed\r"; expect "typed"; send "\003"; expect "ready> ";
    send "exit 3\r"; expect eof; puts [lindex [wait] 3]
END
expect b.exp
