-- SPDX-License-Identifier: Apache-2.0
-- What both Luas run.
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
