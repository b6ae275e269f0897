# SPDX-License-Identifier: Apache-2.0
# grep, sed, gawk, mawk, diff, patch, find, xargs on made-up text.
# packages: grep sed gawk mawk diffutils patch findutils
seq 1 30000 | mawk '{ printf "%d item%d id=%x %s\n", $1, $1 * 31 % 997, $1 * 7919, $1 % 3 ? "GET" : "PUT" }' >log
grep -cE 'id=[0-9a-f]*([0-9])\1' log; grep -P '(?<=item)42(?=\s)' log | head -n 3; grep -io 'get' log | sort | uniq -c
sed -E 's/item([0-9]+) id=(.*) (GET|PUT)/\3:\1/;/9/!d' log | md5sum; sed -n '100,105p;$=' log
for a in gawk mawk; do $a '{ n[$4]++; s[$4] += $1; m = $1 > m ? $1 : m }
    END { for (k in n) print k, n[k], s[k], m }' log | sort
$a 'BEGIN { for (i = 1; i <= 200000; i++) x = (x * 1103515245 + 12345) % 2147483648; print x
    printf "%.15g %e\n", exp(1), atan2(1, 2) }'
done
gawk 'BEGIN { PROCINFO["sorted_in"] = "@ind_num_asc"; split("3 1 2", a); asort(a)
    print a[1], strftime("%F", 0, 1), gensub(/(a)(b)/, "\\2\\1", "g", "abab") }'
sed 's/GET/HEAD/' log >log2; diff -u log log2 | sed 1,2d >p; wc -l p; (echo '--- log'; echo '+++ log'
cat p) | patch -s log && cmp log log2 && echo patched
mkdir -p d/e/f; touch d/a d/e/b d/e/f/c; find d -type f -newermt 2001-01-01 | sort
find d -name '[ab]' -print0 | xargs -0 -n1 -P2 basename | sort
find d -type f -exec sh -c 'echo "$#"' x {} +; cmp -l log log2; diff3 log log log2 | wc -l; sdiff d/a d/e/b; echo $?
