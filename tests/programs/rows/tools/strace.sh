# SPDX-License-Identifier: Apache-2.0
# strace of small programs and of their children: chosen calls with arguments and results, signals, counts.
# packages: strace
# guests: riscv64 x86_64
# timeout: 120
numbers='s/^[0-9]* *//; s/0x[0-9a-f]*/0x/g; s/si_pid=[0-9]*/si_pid/; s/si_uid=[0-9]*/si_uid/'
echo text >file
strace -e trace=openat,write -e signal=none -o log cat file && grep '"file"\|"text' log
strace -f -qq -e trace=execve,chdir,umask -e signal=none -o log sh -c 'cd / && umask 077; (umask 027; exec true); false'
echo "status $?" && sed "$numbers; s/\[[^]]*\], 0x.*/.../" log | grep -v ENOENT | sort
strace -qq -e trace=none -o log sh -c 'trap : USR1; kill -USR1 $$; kill -TERM $$'
echo "status $?" && sed "$numbers" log
strace -f -c -o log sh -c 'umask; umask; (umask)' && awk '$NF == "umask" { print $4, $NF }' log
