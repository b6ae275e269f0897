# SPDX-License-Identifier: Apache-2.0
# stress-ng --verify, class process: each stressor for a few operations; what counts is that none fails.
# packages: stress-ng
# timeout: 400
for s in fork vfork clone exec exit-group zombie wait daemon pthread switch context yield affinity sem sem- \
    sysv mutex mq msg futex eventfd poll epoll pipe pipeherd fifo splice tee sendfile; do
    stress-ng --seed 1 --$s 1 --$s-ops 20 --verify --timeout 10 --temp-path /work >log 2>&1; r=$?
    [ $r = 3 ] || [ $r = 0 ] || { echo "$s $r"; grep -E 'fail|error' log | head -n 3 >&2; }
done; echo "class process ends"
