# SPDX-License-Identifier: Apache-2.0
# dash: arithmetic, functions, pipes, traps, jobs, here documents, globs.
# packages: dash
dash /row/portable
