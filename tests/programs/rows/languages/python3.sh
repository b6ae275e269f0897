# SPDX-License-Identifier: Apache-2.0
# python3: json, re, decimal, zlib, hashlib, sqlite, subprocess, asyncio, generators, exceptions, random numbers.
# packages: python3
cat >a.py <<'END'
import asyncio, collections, ctypes, decimal, fractions, hashlib, itertools, json, lzma
import pickle, random, re, signal, sqlite3, subprocess, time, zlib
random.seed(5); d = [random.random() for _ in range(20000)]
print(sum(sorted(d)), hashlib.blake2b(repr(d).encode()).hexdigest()[:32])
t = json.dumps({str(i): [i * 1.5, None, "ü" * 3] for i in range(3000)})
print(hash(json.loads(t)["7"][0]), zlib.crc32(lzma.decompress(lzma.compress(t.encode()))))
decimal.getcontext().prec = 60
print(decimal.Decimal(2).sqrt(), fractions.Fraction(1, 3) + fractions.Fraction(5, 7), 7 ** 333 % 10 ** 40)
print(collections.Counter(re.findall(r"\b(\w)\w+", "the quick brown fox over the lazy dog " * 300)).most_common(3))
db = sqlite3.connect(":memory:"); db.execute("create table t(a, b)")
db.executemany("insert into t values(?, ?)", ((i % 7, i) for i in range(5000)))
print(db.execute("select a, sum(b), count(*) from t group by a order by 2").fetchall())
print(subprocess.run(["sh", "-c", "cat; exit 4"], input=b"piped", capture_output=True))
async def serve(r, w):
    while data := await r.readline(): w.write(data.upper()); await w.drain()
    w.close()
async def ask(port, n):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    out = []
    for i in range(20): w.write(b"n%d-%d\n" % (n, i)); out.append(await r.readline())
    w.close(); return b"".join(out)
async def main():
    s = await asyncio.start_server(serve, "127.0.0.1", 0); port = s.sockets[0].getsockname()[1]
    r = await asyncio.gather(*(ask(port, n) for n in range(30))); print(hashlib.md5(b"".join(r)).hexdigest())
    p = await asyncio.create_subprocess_exec("tr", "a", "b", stdin=-1, stdout=-1)
    print(await p.communicate(b"banana"))
    try: await asyncio.wait_for(asyncio.sleep(9), 0.05)
    except TimeoutError: print("timeout")
    s.close()
asyncio.run(main())
def deep(n): return 1 + deep(n - 1) if n else 0
print(deep(900), list(itertools.islice((x * x for x in itertools.count() if x % 7 == 3), 5)), ctypes.CDLL(None).abs(-3))
try: deep(100000)
except RecursionError: print("too deep")
signal.signal(signal.SIGALRM, lambda *a: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2)
print(pickle.loads(pickle.dumps([{1, 2}, (3,), 1j])), float.hex(0.1), 1e300 * 1e10, round(2.675, 2), divmod(-7, 2))
END
PYTHONHASHSEED=0 python3 a.py
