# SPDX-License-Identifier: Apache-2.0
# git: commits, branches, merges, rebase, clone over a pipe, gc, fsck, bisect.
# packages: git
export HOME=/work GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
git config --global user.email a@b; git config --global user.name n; git config --global init.defaultBranch main
git config --global protocol.file.allow always
git init -q r; cd r; for i in 1 2 3 4 5 6 7 8; do seq $((i * 100)) >f$((i % 3)); echo $i >n; git add .
git commit -q -m "c$i"; done; git log --oneline | md5sum; git checkout -q -b side HEAD~3; echo side >s; git add s
git commit -q -m side; git merge -q --no-edit -m merge main; git log --graph --format=%s | head -n 4
git checkout -q -b re main~2; echo x >x; git add x; git commit -q -m x; git rebase -q main; git rev-parse HEAD
git diff --stat HEAD~3; git tag -a v1 -m v1; git describe
git gc -q --aggressive; git fsck --full; git count-objects -v | grep -E 'count|in-pack'; cd ..
git clone -q --no-local file:///work/r c; cd c; git log --all --oneline | wc -l; git checkout -q side; echo more >>s
git commit -q -am more; git push -q origin side:new; git -C ../r branch --format='%(refname:short)'
git bisect start -q origin/main origin/main~7 >/dev/null
git bisect run sh -c '[ $(cat n) -lt 5 ]' 2>/dev/null | grep 'is the first'; git bisect reset -q
git archive origin/main | tar t | head -n 3
git grep -c 99 origin/main; git stash list
git blame -s f1 | tail -n 1 | cut -c 1-8
git bundle create -q b origin/main && git bundle verify -q b; echo $?
git format-patch -q -1 --stdout origin/main | md5sum
