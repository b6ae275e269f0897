# SPDX-License-Identifier: Apache-2.0
"""python3 work_numpy.py N: linear systems, products, sorting, a stencil and a transform with numpy; N rounds."""
import sys

import numpy as np

size = 160
base = (np.arange(size * size, dtype=np.float64).reshape(size, size) * 7919 % 1009) / 1009 + size * np.eye(size)
total = 0.0
for turn in range(int(sys.argv[1])):
    right = np.arange(size) % (turn + 3) + 1.0
    total += np.linalg.solve(base, right).sum()
    total += np.dot(base, base.T).trace() / size ** 3
    grid = base.copy()
    for _ in range(20):
        grid[1:-1, 1:-1] = (grid[:-2, 1:-1] + grid[2:, 1:-1] + grid[1:-1, :-2] + grid[1:-1, 2:]) / 4
    total += grid.sum() / size
    total += np.sort((base * (turn + 1) % 1.0).ravel())[::100].sum()
    total += np.abs(np.fft.fft(base.ravel()[:8192])).max() / 8192
# Sums of other orders differ in the last digits.
print(f"{total:.6g}")
