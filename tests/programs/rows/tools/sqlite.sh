# SPDX-License-Identifier: Apache-2.0
# sqlite3: a file with WAL, two writers, recursive queries, full text search, JSON, integrity check.
# packages: sqlite3
sqlite3 a.db "pragma journal_mode=wal; create table t(a integer primary key, b real, c text);
    with recursive n(x) as (select 1 union all select x + 1 from n where x < 30000)
    insert into t select x, x * 1.25, hex(x * 7919) from n;
    create index i on t(c);"
for k in 1 2; do (for i in 1 2 3 4 5
do sqlite3 -cmd '.timeout 20000' a.db "insert into t(b, c) values ($i, 'w$k')" >/dev/null; done) & done; wait
sqlite3 a.db "select count(*), sum(b), max(c) from t; select c, count(*) from t where c like 'w%' group by c;
    create virtual table f using fts5(x); insert into f select c from t limit 500;
    select count(*) from f where f match '3*';
    select json_group_array(json_object('a', a)) from (select a from t limit 3); pragma integrity_check;
    select round(avg(b), 4), total(a) from t where a % 7 = 3; vacuum;
    select printf('%.3f', sqrt(2)), group_concat(x) from (select a * a x from t limit 5);"
