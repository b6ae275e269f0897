# SPDX-License-Identifier: Apache-2.0
# mksh: arithmetic, functions, pipes, traps, jobs, here documents, globs.
# packages: mksh
mksh /row/portable
