# SPDX-License-Identifier: Apache-2.0
# guile with its own compiler and JIT: continuations, tail calls, bignums, threads.
# packages: guile-3.0
# timeout: 200
cat >a.scm <<'END'
(use-modules (ice-9 threads) (srfi srfi-1)) (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (display
    (fib 25)) (newline)
(define k #f) (define n 0) (display (+ 1 (call/cc (lambda (c) (set! k c) 1)))) (newline) (set! n (+ n 1)) (if (< n
    3) (k n))
(let loop ((i 0) (s 0)) (if (< i 300000) (loop (+ i 1) (modulo (+ (* s 31) i) 1000003)) (begin (display s)
    (newline)))) (display (expt 3 200)) (newline)
(display (apply + (par-map (lambda (x) (fold + 0 (iota x))) (iota 200)))) (newline) (display (map (lambda (t)
    (join-thread t)) (map (lambda (i) (call-with-new-thread (lambda () (* i i)))) (iota 5)))) (newline)
(display (catch 'oops (lambda () (throw 'oops 5)) (lambda (key x) (list key x)))) (newline) (display (exact->inexact
    1/3)) (newline)
END
guile --no-auto-compile a.scm; mkdir -p c
guile -c '(use-modules (system base compile)) (compile-file "a.scm" #:output-file "c/a.go")' >/dev/null &&
    guile -c '(load-compiled "c/a.go")' | md5sum
