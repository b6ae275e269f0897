# SPDX-License-Identifier: Apache-2.0
# tar, cpio and six compressors, there and back.
# packages: tar cpio gzip bzip2 xz-utils zstd lz4
seq 1 60000 | awk '{ print $1 * 7919 % 65537, "line", $1 % 89 }' >t
mkdir d; for i in 1 2 3 4 5; do head -n $((i * 3000)) t >d/f$i; ln d/f$i d/hard$i; ln -s f$i d/soft$i; done
for c in gzip bzip2 xz zstd lz4; do $c -c <t >t.$c; $c -dc <t.$c | cmp - t && echo $c right; wc -c <t.$c; done
xz -T2 --block-size=200KiB -c t | xz -T2 -dc | md5sum; zstd -T2 -19 -q -c t | zstd -dc | md5sum
tar --sort=name --mtime=@0 --owner=0 --group=0 -c d | md5sum; for o in z j J; do tar -c${o}f a.tar d
tar -tf a.tar | sort | md5sum; done
tar --zstd -cf a.tar d; mkdir o; tar -xf a.tar -C o; diff -r d o/d && echo equal; find o -type l | wc -l
find d | cpio -o -H newc --quiet 2>/dev/null | (mkdir p; cd p; cpio -i --quiet); diff -r d p/d && echo equal
stat -c %h p/d/f1
