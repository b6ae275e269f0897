# SPDX-License-Identifier: Apache-2.0
# busybox: its shell and a dozen of its applets.
# packages: busybox
cat >script <<'END'
. /row/portable
busybox seq 5000 | busybox md5sum
busybox seq 3000 | busybox gzip | busybox gunzip | busybox sha256sum
busybox tar -c t | busybox tar -t
busybox awk 'BEGIN { for (i = 0; i < 20000; i++) s += i * i; print s }'
busybox find t -type f | busybox sort -r
END
busybox sh script
