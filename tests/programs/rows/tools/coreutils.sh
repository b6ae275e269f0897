# SPDX-License-Identifier: Apache-2.0
# coreutils: some forty of them, on made-up text.
# packages: coreutils
# subset:
seq 1 20000 | awk '{ print $1 * 7919 % 10007, $1 % 13, "word" $1 % 101 }' >w
sort -k2,2n -k1,1nr w | md5sum; sort -u -k3 w | wc; sort -R --random-source=w w | sort | cksum
sort --parallel=2 -S 64k w | sha1sum
cut -d' ' -f2 w | sort | uniq -c; tac w | head -n 3; nl w | tail -n 2; fold -w 10 w | sha224sum
sort -k1,1 w -o w
paste w w | tr ' ' '\t' | expand | b2sum; join -j 1 -o 1.2,2.3 w w | head -n 1
od -An -tx4 -N32 w; base64 w | base64 -d | cmp - w && echo same; split -n 3 w x; wc -c xa?; shuf -i 1-5 -n 5 | sort
comm -12 xaa xab | wc -l; factor 1234567890123456789; numfmt --to=iec 123456789; seq -f %g 1 .25 2; expr 17 \* 23
date -u -d @1234567890 +%c; env printf '%q\n' 'a b'; stat -c '%a %s %F' w; ln -s w l; readlink -f l
realpath --relative-to=/usr /work
du -b w; dd if=w bs=1000 count=5 skip=2 status=none | md5sum; truncate -s 5G big; stat -c %s big
cp --sparse=always big big2
stat -c %s big2; mkfifo p; (echo through >p &); cat p; tee a b <l >/dev/null; cmp a b && echo same
env -i A=1 printenv
nohup echo hup 2>/dev/null; nice -n 5 nice; timeout 0.2 sleep 5; echo $?; tsort <<EOT
a b
b c
EOT
pr -l 20 -h x -D y w | head -n 5 | md5sum; csplit -s w /word50/ && ls xx*; id -u; test -p p; echo $?
sum w; chmod 741 w; ls -l w | cut -c1-10; mktemp -u XXX | wc -c; basename /a/b.c .c; dirname /a/b; pathchk ok; tty
nproc >/dev/null
install -m 600 w ins; stat -c %a ins; shred -u ins; rm -r x* ; ls; uname -s; hostid >/dev/null; sleep 0.01; sync w
false || true
