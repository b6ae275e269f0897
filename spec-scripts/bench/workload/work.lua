-- SPDX-License-Identifier: Apache-2.0
-- lua work.lua N: tables, strings, closures, coroutines and floating point; N rounds.
local seed, total = 42, 0
local function next_number()
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed
end
local function queens(n)
  local count, cols, up, down = 0, {}, {}, {}
  local function place(row)
    if row > n then count = count + 1 return end
    for c = 1, n do
      if not (cols[c] or up[row + c] or down[row - c + n]) then
        cols[c], up[row + c], down[row - c + n] = true, true, true
        place(row + 1)
        cols[c], up[row + c], down[row - c + n] = nil, nil, nil
      end
    end
  end
  place(1)
  return count
end
for round = 1, tonumber(arg[1]) do
  local list = {}
  for i = 1, 3000 do list[i] = next_number() % 100000 end
  table.sort(list)
  local text = table.concat(list, ",")
  for digits in text:gmatch("%d+") do total = (total * 3 + #digits) % 1000003 end
  total = (total + queens(6)) % 1000003
  local sum = 0.0
  local generator = coroutine.wrap(function() for i = 1, 2000 do coroutine.yield(1 / i) end return 0 end)
  for _ = 1, 2000 do sum = sum + generator() end
  total = total + math.floor(sum * 1000)
end
print(total)
