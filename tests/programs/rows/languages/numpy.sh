# SPDX-License-Identifier: Apache-2.0
# numpy: matrix products by BLAS, FFT, sorting, random numbers. Sums that depend on the vectors' width are rounded.
# packages: python3-numpy
cat >a.py <<'END'
import numpy as np
r = np.random.default_rng(1); a = r.standard_normal((200, 200)); i = r.integers(0, 1000, 50000)
print(np.round(np.linalg.norm(a @ np.linalg.inv(a) - np.eye(200)), 6))
print(np.round(np.linalg.svd(a, compute_uv=False)[:3], 6))
print(i.sum(), np.sort(i)[::5000], np.bincount(i)[:5], np.unique(i).size)
print(np.median(i), np.argsort(i, kind="stable")[:4])
x = np.sin(np.arange(4096) * 0.1); f = np.fft.fft(x)
print(np.round(np.abs(f).max(), 5), np.argmax(np.abs(f)[:2048]), np.allclose(np.fft.ifft(f).real, x))
print(a[:2, :3].round(12).tolist(), np.float32(1) / 3, np.float16(0.1), (i % 7 == 3).sum())
print(np.round(np.linalg.det(a[:8, :8]), 8))
with np.errstate(divide="raise"):
    try: np.array([1.0]) / 0
    except FloatingPointError as e: print(e)
print(np.array([1, -1], "i4") // 2, np.array([250], "u1") + np.uint8(10))
print(np.nan_to_num(np.array([np.nan, np.inf]), posinf=1))
END
python3 a.py
