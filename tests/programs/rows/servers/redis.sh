# SPDX-License-Identifier: Apache-2.0
# redis: its own benchmark, a script, persistence by fork, expiry, publish and subscribe.
# packages: redis-server redis-tools
redis-server --port 7000 --dir /work --daemonize yes --save '' --appendonly yes >/dev/null
c() { redis-cli -p 7000 "$@"; }
for i in $(seq 50); do c ping >/dev/null 2>&1 && break; sleep 0.2; done
redis-benchmark -p 7000 -n 4000 -c 20 -q -t set,get,incr,lpush,zadd,mset --csv | cut -d, -f1
c flushall
c eval 'for i = 1, 5000 do redis.call("zadd", "z", i * 7919 % 10007, "m" .. i) end
return redis.call("zcard", "z")' 0
c zrange z 0 4 withscores
seq 1 2000 | sed 's/.*/set k& v&/' | c --pipe | tail -n 1; c set t x px 50; sleep 0.2; c get t
c bgsave >/dev/null; for i in $(seq 50)
do [ "$(c info persistence | grep -c rdb_bgsave_in_progress:0)" = 1 ] && break; sleep 0.1; done
c info persistence | grep -a rdb_last_bgsave_status; c bgrewriteaof; c debug sleep 0 2>&1 | head -c 9; echo
(timeout 4 redis-cli -p 7000 --csv subscribe ch >sub) & sleep 1; c publish ch hello; wait $!
cat sub; c dbsize; c shutdown nosave
sleep 1; redis-check-rdb dump.rdb | grep -c 'RDB looks OK'
