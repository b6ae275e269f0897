# SPDX-License-Identifier: Apache-2.0
"""python3 work.py N: objects, dictionaries, strings, sorting and floating point; N rounds."""
import sys


class Body:
    def __init__(self, x, v):
        self.x, self.v = x, v

    def step(self, pull):
        self.v -= pull * self.x
        self.x += self.v * 0.01


def primes(limit):
    sieve = bytearray([1]) * limit
    for i in range(2, int(limit ** 0.5) + 1):
        if sieve[i]:
            sieve[i * i::i] = bytes(len(range(i * i, limit, i)))
    return sum(sieve) - 2


def words(seed):
    count = {}
    for i in range(6000):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        word = f"w{(seed >> 8) % 997}"
        count[word] = count.get(word, 0) + i % 3
    return seed, ",".join(f"{k}={v}" for k, v in sorted(count.items(), key=lambda pair: (-pair[1], pair[0])))


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


seed, total = 1, 0
for turn in range(int(sys.argv[1])):
    seed, line = words(seed)
    total = (total * 31 + sum(map(ord, line)) + primes(5000) + fib(15)) % 1000003
    bodies = [Body(1.0 + k, 0.1 * turn) for k in range(20)]
    for _ in range(100):
        for body in bodies:
            body.step(0.5)
    total += int(sum(body.x for body in bodies) * 1000)
print(total)
