# SPDX-License-Identifier: Apache-2.0
# dash: arithmetic, functions, pipes, traps, jobs, here documents, globs.
# packages: dash
cat >script <<'END'
i=0; s=
while [ $i -lt 300 ]; do i=$((i + 1)); case $i in *7*) s="$s$i,";; esac; done
echo "$s"
f() { local a=$1; [ "$a" -le 1 ] && { echo 1; return; }; echo $((a * $(f $((a - 1))))); }
f 12
printf '%05d|%-6s|%x\n' 42 ab 255
seq 1 200 | while read -r n; do echo $((n * n % 97)); done | sort -n | uniq -c | head -n 5
trap 'echo usr1' USR1; kill -USR1 $$
(sleep 0.1; exit 7) & wait $!; echo "status $?"
cat <<EOT | tr a-z A-Z
here $((6 * 7)) $(echo deep $(echo deeper))
EOT
for d in a b c; do mkdir -p t/$d; echo $d >t/$d/f; done
echo t/*/f; cat t/*/f
x=a.b.c; echo ${x%.*} ${x##*.} ${#x} ${y:-none}
set -- one two three; shift; echo $# "$*"
(trap 'echo bye' EXIT; exit 3); echo $?
echo a b c | { read -r p q; echo "$q $p"; }
exec 3>out; echo to-three >&3; exec 3>&-; cat out
ulimit -n >/dev/null && umask
END
dash script
