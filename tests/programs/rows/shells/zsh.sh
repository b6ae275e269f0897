# SPDX-License-Identifier: Apache-2.0
# zsh: arithmetic, functions, pipes, traps, jobs, here documents, globs.
# packages: zsh
zsh /row/portable
