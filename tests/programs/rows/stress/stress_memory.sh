# SPDX-License-Identifier: Apache-2.0
# stress-ng --verify, class memory: each stressor for a few operations; what counts is that none fails.
# packages: stress-ng
# timeout: 400
for s in vm bigheap mmap mmapfork mremap madvise malloc memcpy memthrash stack brk bad-altstack shm shm-sysv \
    mprotect munmap mlock stream vm-splice remap memfd pagemove; do
    stress-ng --seed 1 --$s 1 --$s-ops 20 --verify --timeout 10 --temp-path /work >log 2>&1; r=$?
    [ $r = 3 ] || [ $r = 0 ] || { echo "$s $r"; grep -E 'fail|error' log | head -n 3 >&2; }
done; echo "class memory ends"
