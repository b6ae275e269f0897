# SPDX-License-Identifier: Apache-2.0
# stress-ng --verify, class files: each stressor for a few operations; what counts is that none fails.
# packages: stress-ng
# timeout: 400
for s in dir dirdeep dentry link symlink rename file-ioctl flock lockf fcntl fallocate fiemap chmod chown \
    chdir getdent access open utime unlink aio hdd iomix copy-file mknod touch xattr inotify dnotify \
    sync-file sock sockpair socket-many sockmany udp sockfd rawsock sctp dccp; do
    stress-ng --seed 1 --$s 1 --$s-ops 20 --verify --timeout 10 --temp-path /work >log 2>&1; r=$?
    [ $r = 3 ] || [ $r = 0 ] || { echo "$s $r"; grep -E 'fail|error' log | head -n 3 >&2; }
done; echo "class files ends"
