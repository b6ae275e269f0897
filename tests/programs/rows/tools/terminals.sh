# SPDX-License-Identifier: Apache-2.0
# tmux, vim, emacs and less in pseudo-terminals.
# packages: tmux vim emacs-nox less bsdutils
# timeout: 200
export TERM=xterm SHELL=/bin/sh; t() { tmux -f /dev/null -S /work/s "$@"; }
t new-session -d -x 80 -y 24 'exec sh'; sleep 1
t send-keys 'PS1="> "; clear; echo $((6 * 7)); tty | cut -c1-8' Enter; sleep 1; t capture-pane -p | grep -v '^$'
t split-window -d 'exec cat'; t list-panes | wc -l; t new-window 'vim -u NONE -N /work/v'; sleep 2
t send-keys ihello Escape yy5p; sleep 0.5; t send-keys ':%s/hel/HEL/' Enter ':wq' Enter; sleep 1; cat v
t new-window 'less /etc/services'; sleep 1; t send-keys q; sleep 0.5; t list-windows | wc -l; t kill-server
sleep 0.5; t ls 2>/dev/null; echo $?
cat >p.vim <<'END'
call setline(1, range(1, 2000))
%!sort -rn
%s/1/one/g
w! w
q
END
script -qec 'stty rows 24 cols 80; vim -u NONE -N -es -S p.vim' /dev/null; md5sum <w
cat >p.el <<'END'
(dotimes (i 2000) (insert (format "%d\n" (mod (* i 7919) 1009))))
(sort-numeric-fields 1 (point-min) (point-max)) (princ (md5 (buffer-string))) (terpri)
(princ (shell-command-to-string "echo child"))
(princ (format "%s\n" (let ((s 0)) (dotimes (i 300000 s) (setq s (mod (+ (* s 31) i) 1000003))))))
END
emacs -Q --batch -l p.el
t new-session -d -x 80 -y 24 'emacs -Q -nw /work/e'; sleep 5; t send-keys 'typed in emacs' C-x C-s; sleep 2
t send-keys C-x C-c; sleep 1; cat e; echo
