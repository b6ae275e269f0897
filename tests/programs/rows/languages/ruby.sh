# SPDX-License-Identifier: Apache-2.0
# ruby: blocks, fibers, threads, fork, big integers, its own compiler at work (--yjit is not in it on all machines).
# packages: ruby
cat >a.rb <<'END'
require 'digest'; require 'json'; require 'socket'; require 'set'; require 'bigdecimal'
puts Digest::SHA256.hexdigest((1..20000).map { |i| i * i % 9973 }.sort.join(",")), (1..60).inject(:*)
f = Fiber.new { a, b = 0, 1; loop { Fiber.yield a; a, b = b, a + b } }; puts 100.times.map { f.resume }.last
q = Queue.new; t = 4.times.map { |k| Thread.new { 500.times { |i| q << i * k } } }; t.each(&:join); s = 0;
    s += q.pop until q.empty?; puts s
puts 5.times.map { |i| fork { exit i } }.map { |p| Process.wait2(p)[1].exitstatus }.join(",")
s = TCPServer.new("127.0.0.1", 0); Thread.new { c = s.accept; c.puts c.gets.upcase; c.close };
    c = TCPSocket.new("127.0.0.1", s.addr[1]); c.puts "hello"; puts c.gets
puts JSON.generate(JSON.parse('{"a":[1,2.5,null,"é"]}')), "caf\u00e9".unicode_normalize(:nfd).length,
    `echo shell`.strip, $?.exitstatus
def ack(m, n) = m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1))
puts ack(2, 60); begin; def r(n) = r(n + 1); r(0); rescue SystemStackError; puts "deep"; end
trap("USR1") { puts "usr1" }; Process.kill("USR1", $$); sleep 0.1;
    puts BigDecimal("1") / 3, 0.1 + 0.2, 2**200 % 1000007, :sym.to_proc.call("x") rescue puts $!.class
GC.start; h = Hash.new { |hh, k| hh[k] = k < 2 ? k : hh[k - 1] + hh[k - 2] };
    puts h[90], ObjectSpace.respond_to?(:each_object)
puts Ractor.new { 6 * 7 }.take if defined?(Ractor)
END
ruby a.rb 2>/dev/null
