# SPDX-License-Identifier: Apache-2.0
# bash: arrays, regular expressions, process substitution, coprocesses, job control.
# packages: bash
bash -c '
declare -A h; for w in a b c a b a; do ((h[$w]++)); done; for k in $(printf "%s\n" "${!h[@]}" | sort)
do echo $k ${h[$k]}; done
[[ "key=value 42" =~ ([a-z]+)=([a-z]+)\ ([0-9]+) ]] && echo "${BASH_REMATCH[@]:1}"
diff <(seq 1 5) <(seq 2 6)
coproc up { while read -r l; do echo "${l^^}"; done; }
echo hello >&${up[1]}; read -r l <&${up[0]}; echo $l; exec {fd}>&${up[1]}-; exec {fd}>&-
mapfile -t lines < <(seq 1000); echo ${#lines[@]} ${lines[-1]} "${lines[@]:5:3}"
set -m; sleep 0.05 & jobs -r | wc -l; wait; echo done $?
for ((i = 0, s = 0; i < 20000; i++)); do ((s += i ^ 3)); done; echo $s
printf -v t "%(%Y-%m-%d)T" 1234567890; echo $t
timeout 0.3 bash -c "trap \"echo term; exit 9\" TERM; while :; do sleep 0.05; done"; echo $?
'
