# SPDX-License-Identifier: Apache-2.0
# awk -f work.awk LOG...: requests, bytes and the longest path by address and status.
{
    bytes[$1] += $10
    status[$9]++
    split($7, part, "/")
    for (i in part) seen[part[i]]++
    if (match($0, /id=[0-9a-f]+/)) ids += length(substr($0, RSTART, RLENGTH))
    gsub(/[aeiou]/, "_", $7)
    if (length($7) > longest[$1]) longest[$1] = length($7)
}
END {
    for (a in bytes) sum = (sum + bytes[a] * longest[a]) % 1000003
    for (s in status) if (s > best) best = s
    n = 0
    for (w in seen) n += seen[w]
    print NR, sum, ids, best, status[best], n
}
