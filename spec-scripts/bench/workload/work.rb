# SPDX-License-Identifier: Apache-2.0
# ruby work.rb N: blocks, hashes, strings, regular expressions and big numbers; N rounds.
Point = Struct.new(:x, :y) do
  def turn = Point.new(x * 3 - y, x + y * 2)
end
seed = 7
total = 0
ARGV[0].to_i.times do |round|
  numbers = Array.new(3000) { seed = (seed * 1103515245 + 12345) & 0x7fffffff }
  groups = numbers.group_by { |v| v % 101 }.transform_values { |list| list.map { |v| v % 1000 }.sum }
  text = groups.sort_by { |k, v| [-v, k] }.map { |k, v| "#{k}:#{v}" }.join(" ")
  total += text.scan(/(\d+):(\d)/).sum { |a, b| a.to_i ^ b.to_i }
  total += text.gsub(/1(\d)/) { $1 + "x" }.sum
  point = Point.new(1, round)
  40.times { point = point.turn }
  total = (total + point.x) % 1_000_003
  total += (1..60).inject(:*).to_s.bytes.sum
  total += numbers.each_slice(7).map(&:max).sort.reverse.each_cons(2).count { |a, b| a - b > 1_000_000 }
end
puts total
