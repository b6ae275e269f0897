# SPDX-License-Identifier: Apache-2.0
# stress-ng --verify, class cpu: each stressor for a few operations; what counts is that none fails.
# packages: stress-ng
# timeout: 400
for s in cpu crypt fp matrix nsort qsort bsearch heapsort mergesort prime hash intmath vecmath vecfp trig \
    funccall longjmp tree str wcs zlib tsearch hsearch lsearch radixsort insertionsort fma bitops \
    bitonicsort; do
    stress-ng --seed 1 --$s 1 --$s-ops 20 --verify --timeout 10 --temp-path /work >log 2>&1; r=$?
    [ $r = 3 ] || [ $r = 0 ] || { echo "$s $r"; grep -E 'fail|error' log | head -n 3 >&2; }
done; echo "class cpu ends"
