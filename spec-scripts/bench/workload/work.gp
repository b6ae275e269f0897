\\ SPDX-License-Identifier: Apache-2.0
\\ gp work.gp: factors, class numbers, determinants and zeta values, @N@ rounds.
s = 0;
for (i = 1, @N@, s += bigomega(2^89 + 2 * i + 1) + quadclassunit(-4 * nextprime(10^9 + i)).no);
for (i = 1, @N@, s = (s + matdet(matrix(16, 16, x, y, (x * y * 7919 + i) % 1009))) % (10^9 + 7));
for (i = 1, @N@, s += round(10^20 * zeta(2 + i / 7)) % 1009);
print(s);
quit
