-- SPDX-License-Identifier: Apache-2.0
-- sqlite3 with @N@ thousand rows: inserts, an index, joins, groups, a window, updates.
CREATE TABLE item (id INTEGER PRIMARY KEY, kind INTEGER, name TEXT, price REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @N@ * 1000)
INSERT INTO item SELECT i, i * 7919 % 101, 'name' || (i * 104729 % 1000003), (i * 31 % 1009) / 8.0 FROM n;
CREATE INDEX by_name ON item (name);
SELECT count(*), max(name) FROM item WHERE name LIKE '%77%';
SELECT kind, count(*) AS c, sum(price) FROM item GROUP BY kind ORDER BY sum(price) DESC, kind LIMIT 5;
SELECT count(*), sum(a.price * b.price) FROM item a JOIN item b ON b.id = a.id * 31 % 1009 + 1 WHERE a.kind < 50;
SELECT max(r), sum(r * 7 % 11) FROM (SELECT rank() OVER (PARTITION BY kind ORDER BY price, id) AS r FROM item);
UPDATE item SET name = upper(name) || kind WHERE kind % 3 = 0;
SELECT count(DISTINCT substr(name, 1, 7)) FROM item;
