# SPDX-License-Identifier: Apache-2.0
# python3 with processes (fork, spawn, forkserver), threads and shared memory.
# packages: python3
cat >a.py <<'END'
import concurrent.futures as cf, multiprocessing as mp, multiprocessing.shared_memory as sm, os, queue, threading
def work(n): return sum(i * i % 7 for i in range(n))
def fill(name, at):
    m = sm.SharedMemory(name=name); m.buf[at] = at * 3; m.close()
def talk(c):
    while (x := c.recv()) is not None: c.send(x * 2)
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        c = mp.get_context(method)
        with c.Pool(3) as p: print(method, sum(p.map(work, range(0, 20000, 400))), p.apply_async(work, (1000,)).get())
        a, b = c.Pipe(); p = c.Process(target=talk, args=(b,)); p.start(); a.send("ab"); print(a.recv())
        a.send(None); p.join(); print(p.exitcode)
        v = c.Value("i", 0); l = c.Lock(); q = c.Queue()
    m = sm.SharedMemory(create=True, size=64); ps = [mp.Process(target=fill, args=(m.name, i)) for i in range(6)]
    [p.start() for p in ps]; [p.join() for p in ps]; print(list(m.buf[:6])); m.close(); m.unlink()
    with cf.ThreadPoolExecutor(8) as ex: print(sum(ex.map(work, [3000] * 40)))
    with cf.ProcessPoolExecutor(2) as ex: print(sum(ex.map(work, range(100))))
    q, n = queue.Queue(), []
    def eat():
        while (x := q.get()) is not None: n.append(x)
    ts = [threading.Thread(target=eat) for _ in range(4)]; [t.start() for t in ts]
    for i in range(4000): q.put(i)
    for _ in ts: q.put(None)
    [t.join() for t in ts]; print(len(n), sum(n))
    b = threading.Barrier(5); ts = [threading.Thread(target=b.wait) for _ in range(5)]; [t.start() for t in ts]
    [t.join() for t in ts]; print("barrier")
END
python3 a.py
