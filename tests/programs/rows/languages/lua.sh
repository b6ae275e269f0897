# SPDX-License-Identifier: Apache-2.0
# lua5.4: tables, strings, coroutines, closures.
# packages: lua5.4
lua5.4 /row/program.lua | grep -v table
