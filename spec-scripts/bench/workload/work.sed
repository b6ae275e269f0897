# SPDX-License-Identifier: Apache-2.0
# sed -E -f work.sed LOG...: rewrites an access log.
s/^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)/\4.\3.\2.\1/
s/\[([0-9]+)\/([A-Za-z]+)\/([0-9]+):[^]]*\]/\3-\2-\1/
/"GET .*\.(png|css)/d
s/([?&])id=[0-9a-f]*/\1id=X/g
y/abcdef/ABCDEF/
$!N
s/\n.*" 404 .*$//
P
D
