# SPDX-License-Identifier: Apache-2.0
# bash: arithmetic, functions, pipes, traps, jobs, here documents, globs.
# packages: bash
# subset:
bash /row/portable
