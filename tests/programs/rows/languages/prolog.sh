# SPDX-License-Identifier: Apache-2.0
# SWI-Prolog: unification, backtracking, assert, strings, threads.
# packages: swi-prolog-core
cat >a.pl <<'END'
q(N, Q) :- numlist(1, N, L), permutation(L, Q), safe(Q). safe([]). safe([Q|Qs]) :- no(Q, Qs, 1), safe(Qs). no(_, [],
    _). no(Q, [X|Xs], D) :- Q =\= X + D, Q =\= X - D, D1 is D + 1, no(Q, Xs, D1).
:- dynamic f/2. f(0, 0). f(1, 1). fib(N, F) :- f(N, F), !. fib(N, F) :- A is N - 1, B is N - 2, fib(A, X), fib(B, Y),
    F is X + Y, assertz(f(N, F)).
main :- q(6, Q), writeln(Q), fib(150, F), writeln(F), findall(X, (between(1, 100, X), X mod 7 =:= 3), L), sumlist(L,
    S), writeln(S), atom_codes(A, "abc"), atom_length(A, N), writeln(N), catch(_ is foo + 1, error(E, _), (print(E),
    nl)),
  thread_create(writeln(thread), T), thread_join(T, R), writeln(R), length(B, 50000), maplist(=(z), B), msort(B, C),
      length(C, M), writeln(M), X2 is 2 ** 0.5, format("~10f~n", [X2]).
END
swipl -g main -t halt a.pl
