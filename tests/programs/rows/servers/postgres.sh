# SPDX-License-Identifier: Apache-2.0
# PostgreSQL: initdb, a server of processes with shared memory, pgbench, parallel workers, a crash.
# packages: postgresql
# timeout: 400
B=$(echo /usr/lib/postgresql/*/bin); mkdir d; chown postgres d; cd d
as() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
as $B/initdb -D db -A trust --no-sync >log 2>&1; tail -n 1 log | cut -c1-8
start() { as $B/pg_ctl -D db -w -o '-p 7000 -k /work/d -c fsync=off' -l server.log start | tail -n 1; }
start; export PGHOST=/work/d PGPORT=7000 PGUSER=postgres
createdb b; pgbench -q -i -s 1 b 2>/dev/null; pgbench -n -c 4 -j 2 -t 50 b 2>/dev/null | grep 'actually processed'
pgbench -n -S -c 2 -t 100 -M prepared b 2>/dev/null | grep 'actually processed'
psql -qAt b <<'END'
create table t as select i, i * 7919 % 10007 as v, md5(i::text) as m from generate_series(1, 30000) i;
create index on t(v); analyze t;
select count(*), sum(v), max(m) from t where v between 100 and 5000;
select v, count(*) from t group by v order by 2 desc, 1 limit 3;
set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
select sum(a.v) from t a join t b using (i) where b.m like 'a%';
create function f(n int) returns bigint language plpgsql as $$ declare s bigint := 0;
begin for k in 1..n loop s := s + k * k; end loop; return s; end $$; select f(20000);
select jsonb_agg(x) from (select i, m from t order by m limit 2) x; begin; delete from t; rollback;
select count(*) from t; select 1 / 0; select 10 ^ 0.5, numeric '2' ^ 100;
END
psql -qAt b -c "select pg_sleep(60)" 2>&1 & sleep 1
psql -qAt b -c "select pg_cancel_backend(pid) from pg_stat_activity where query like 'select pg_sleep%'" >/dev/null
wait $!
echo $?
as $B/pg_ctl -D db -m immediate stop | tail -n 1; start; psql -qAt b -c 'select count(*) from t'
as $B/pg_ctl -D db -m fast stop | tail -n 1
