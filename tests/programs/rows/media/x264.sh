# SPDX-License-Identifier: Apache-2.0
# x264 without assembly encodes raw video: twice the same, and as large as natively.
# packages: x264
# timeout: 200
seq 1 200000 | head -c 576000 >a.yuv
x264 --no-asm --threads 2 --lookahead-threads 1 --quiet --input-res 160x120 --fps 10 -o a.264 a.yuv 2>/dev/null
echo $?; md5sum <a.264
x264 --no-asm --threads 1 --preset veryfast --quiet --input-res 160x120 --fps 10 -o b.264 a.yuv 2>/dev/null
wc -c <b.264
