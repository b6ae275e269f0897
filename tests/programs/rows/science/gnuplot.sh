# SPDX-License-Identifier: Apache-2.0
# gnuplot draws as text and as SVG.
# packages: gnuplot-nox
cat >a.gp <<'END'
set term dumb 70 20
plot sin(x), cos(x)*0.5
set term svg
set output "a.svg"
splot x*x-y*y
set output
fit a*x+b "-" via a,b
1 3.1
2 5
3 7.1
4 9
e
print sprintf("%.4f %.4f", a, b)
END
gnuplot a.gp 2>err; tail -n 1 err; grep -c '<path' a.svg; md5sum <a.svg
