# SPDX-License-Identifier: Apache-2.0
# memcached with four threads, spoken to by bash's /dev/tcp.
# packages: memcached bash
memcached -u root -l 127.0.0.1 -p 7000 -t 4 -d -P /work/pid; sleep 1
cat >talk <<'END'
exec 3<>/dev/tcp/127.0.0.1/7000
for i in {1..40}; do printf "set k$i 0 0 ${#i}\r\n$i\r\n" >&3; read -r -u 3 l; done; echo "$l"
printf "get k7 k29 none\r\nincr k7 5\r\n" >&3; for i in 1 2 3 4 5 6; do read -r -u 3 l; echo "$l"; done
printf "stats\r\n" >&3
while read -r -u 3 l; do case $l in *curr_items*|*threads*) echo "$l";; END*) break;; esac; done
END
bash talk
pkill -TERM memcached; sleep 1; pgrep memcached; echo $?
