; SPDX-License-Identifier: Apache-2.0
; guile work.scm N: compiles a little program and runs it N times: lists, tail calls, closures, rationals.
(use-modules (system base compile))
(define program
  '(lambda (rounds)
     (define (range a b) (if (>= a b) '() (cons a (range (+ a 1) b))))
     (define (tak x y z) (if (not (< y x)) z (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))
     (define (insert x list)
       (if (or (null? list) (< x (car list))) (cons x list) (cons (car list) (insert x (cdr list)))))
     (define (insertion-sort list)
       (let loop ((in list) (out '())) (if (null? in) out (loop (cdr in) (insert (car in) out)))))
     (define (scrambled n) (map (lambda (x) (modulo (* x 7919) 211)) (range 0 n)))
     (define (harmonic n) (let loop ((i 1) (sum 0)) (if (> i n) sum (loop (+ i 1) (+ sum (/ 1 i))))))
     (let loop ((i 0) (total 0))
       (if (= i rounds)
           total
           (loop (+ i 1)
                 (modulo (+ (* total 31) (tak 12 8 4) (numerator (harmonic 60))
                            (apply + (map * (insertion-sort (scrambled 200)) (range i (+ i 200)))))
                         1000003))))))
(define compiled (compile program #:env (current-module)))
(display (compiled (string->number (cadr (command-line)))))
(newline)
