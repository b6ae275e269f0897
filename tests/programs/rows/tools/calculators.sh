# SPDX-License-Identifier: Apache-2.0
# bc, dc, m4, jq: numbers of any length, recursive macros, filters.
# packages: bc dc m4 jq
echo 'scale=200; 4*a(1); 2^500; e(1)' | bc -l
echo '[la1-dsa0<b]sb 300sa 1[la*la1-dsa0<c]dscx p' | dc
printf '%s\n' "define(\`f',\`ifelse(eval(\$1<2),1,\$1,\`eval(f(decr(\$1))+f(eval(\$1-2)))')')f(16)" | m4 | tail -n 1
seq 1 3000 | jq -cs 'map({k: (. % 17), v: (. * . / 7)}) | group_by(.k) |
    map({k: .[0].k, s: (map(.v) | add), n: length})'
jq -n '[range(20000)] | map(sin) | add | . * 1e6 | floor'
jq -n '"2015-03-05T23:51:47Z" | fromdate, ("a,b" | split(",")), ("xyz" | test("^x.z$"))' -c
