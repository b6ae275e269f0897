# SPDX-License-Identifier: Apache-2.0
# LuaJIT, whose code changes all the time: tables, strings, coroutines, closures.
# packages: luajit
cat >a.lua <<'END'
local t = {} for i = 1, 60000 do t[i] = (i * 7919) % 10007 end table.sort(t) print(t[1], t[30000], t[60000])
local co = coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i * i) end end) local s = 0 for i = 1,
    999 do s = s + co() end print(s)
print(("the quick brown fox"):gsub("(%w+) (%w+)", "%2 %1"), string.format("%5.2f|%x|%q", math.pi, 255, "a\nb"),
    #("x"):rep(1000))
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end print(fib(24))
local m = setmetatable({}, {__index = function(_, k) return k * 2 end, __call = function(_, a) return a + 1 end})
    print(m[21], m(41))
print(pcall(error, {1}), select("#", pcall(function() local x = nil; return x.y end)))
local x = 0.0 for i = 1, 300000 do x = (x * 1.5 + i) % 1000.25 end print(string.format("%.10f", x))
for w in ("a,b,c"):gmatch("[^,]+") do io.write(w, ";") end print(os.time({year = 2020, month = 1, day = 1,
    hour = 12}))
END
luajit a.lua | grep -v table
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
