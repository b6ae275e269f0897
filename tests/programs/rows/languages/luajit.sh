# SPDX-License-Identifier: Apache-2.0
# LuaJIT, whose code changes all the time: tables, strings, coroutines, closures.
# packages: luajit
luajit /row/program.lua | grep -v table
cat >b.lua <<'END'
local ffi, bit = require("ffi"), require("bit")
ffi.cdef("int abs(int); typedef struct { double x, y; } P;")
ffi.cdef("int qsort(void *, size_t, size_t, int (*)(const int *, const int *));")
local p = ffi.new("P[1000]") for r = 1, 300 do for i = 0, 999 do p[i].x = p[i].x + i * 0.5;
    p[i].y = p[i].y + p[i].x end end print(p[999].x, p[500].y)
local h = 0 for i = 1, 3e6 do h = bit.bxor(bit.rol(h, 5), i) end print(h, ffi.C.abs(-4))
local a = ffi.new("int[100]") for i = 0, 99 do a[i] = i * 37 % 101 end
ffi.C.qsort(a, 100, 4, function(x, y) return x[0] - y[0] end) print(a[0], a[50], a[99])
local s = {} for i = 1, 200000 do s[#s + 1] = string.char(65 + i % 26) end print(#table.concat(s), 2 ^ 53,
    1LL * 2 ^ 40)
END
luajit b.lua; luajit -joff b.lua
