# SPDX-License-Identifier: Apache-2.0
# rsync of a tree, twice, with a change between; file's magic; socat and nc through a pipe of sockets.
# packages: rsync file socat netcat-openbsd
mkdir -p a/s; seq 1 50000 >a/n; seq 1 9 >a/s/m; printf '\211PNG\r\n\032\n' >a/p.png; printf '#!/bin/sh\n' >a/sh
rsync -a a/ b/; echo $?; seq 1 50001 >a/n; rm a/s/m
rsync -a --delete --stats --no-whole-file a/ b/ | grep -E '^Number of (deleted|regular)'
diff -r a b && echo equal; file -b a/*
socat TCP-LISTEN:7001,reuseaddr,fork EXEC:'tr a-z A-Z' & sleep 1; echo through tcp | socat - TCP:127.0.0.1:7001
nc -l 127.0.0.1 7002 >got & sleep 1; nc -N 127.0.0.1 7002 <a/n; wait $!; cmp got a/n && echo same
socat UNIX-LISTEN:s,fork EXEC:'sort -n' & sleep 1; seq 5 -1 1 | socat -t 5 - UNIX-CONNECT:s
