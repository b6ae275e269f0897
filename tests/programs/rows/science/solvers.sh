# SPDX-License-Identifier: Apache-2.0
# Solvers and algebra: Z3 on bit vectors and integers, MiniSat, GLPK's simplex and integer programs, PARI/GP, Maxima.
# packages: z3 minisat glpk-utils pari-gp maxima
# guests: riscv64 x86_64
# timeout: 300
cat >a.smt2 <<'END'
(set-logic QF_BV)
(declare-const a (_ BitVec 32))
(declare-const b (_ BitVec 32))
(assert (= (bvmul a b) #x0000aadb))
(assert (bvult a #x00000200)) (assert (bvult b #x00000200)) (assert (bvult a b)) (assert (bvugt a #x00000001))
(check-sat)
(assert (not (= (bvadd (bvand a b) (bvor a b)) (bvadd a b))))
(check-sat)
END
z3 a.smt2
printf '(declare-const x Int)\n(assert (= (+ (* 3 x) 4) 25))\n(check-sat)\n(get-value (x))\n' | z3 -in
awk 'BEGIN { p = 7; h = 6; print "p cnf", p * h, p + h * p * (p - 1) / 2
    for (i = 0; i < p; i++) { for (j = 1; j <= h; j++) printf "%d ", i * h + j; print 0 }
    for (j = 1; j <= h; j++) for (i = 0; i < p; i++)
        for (k = 0; k < i; k++) print -(i * h + j), -(k * h + j), 0 }' >h.cnf
minisat -verb=0 h.cnf 2>/dev/null; echo $?
cat >k.mod <<'END'
set I := 1..20;
param w{i in I} := 3 + (i * 7919) mod 23;
param v{i in I} := 5 + (i * 104729) mod 31;
var x{I} binary;
maximize value: sum{i in I} v[i] * x[i];
s.t. weight: sum{i in I} w[i] * x[i] <= 77;
solve;
printf "value %g\n", value;
end;
END
glpsol --math k.mod | grep -e '^value' -e OPTIMAL
cat >a.gp <<'END'
print(factor(2^101-1)); print(nextprime(10^30)); print(polroots(x^3-2)[1]*1.); print(ellcard(ellinit([1,1]),10007));
print(matdet(matrix(12,12,i,j,1/(i+j-1)))); print(bestappr(Pi,1000)); print(znlog(Mod(5,10007),znprimroot(10007)));
END
gp -q -f a.gp </dev/null
printf 'display2d:false$ factor(x^12-1); integrate(1/(1+x^4),x); 100!; solve(x^3-6*x^2+11*x-6,x);' >a.mac
maxima --very-quiet -b a.mac |
    grep -v '^(%i\|^$'
