# SPDX-License-Identifier: Apache-2.0
# Racket on Chez Scheme: machine code made while it runs, continuations, places on threads of the system, exact numbers.
# packages: racket
# guests: x86_64 i386
# timeout: 300
cat >p.rkt <<'END'
#lang racket/base
(require racket/list racket/match racket/place racket/control racket/string)
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(printf "~a ~a ~a\n" (fib 25) (expt 3 150) (/ 22 7/3))
(define h (make-hash))
(for ([i 50000]) (hash-update! h (modulo (* i 7919) 97) (lambda (x) (+ x i)) 0))
(printf "~a ~a\n" (hash-count h) (hash-ref h 42))
(define (tree->generator t)
  (define k #f)
  (define (next) (reset (if k (k #f) (begin (let walk ([t t]) (if (pair? t) (for-each walk t)
    (shift c (set! k c) t))) 'end))))
  next)
(define g (tree->generator '(1 (2 (3 4)) 5)))
(printf "~a\n" (for/list ([i 6]) (g)))
(printf "~a\n" (with-handlers ([exn:fail:contract:divide-by-zero? (lambda (e) 'div)]) (quotient 1 0)))
(printf "~a\n" (call-with-escape-continuation (lambda (k) (for ([i 10]) (when (= i 7) (k i))) 'none)))
(define ch (make-channel))
(for ([i 5]) (thread (lambda () (channel-put ch (* i i)))))
(printf "~a\n" (sort (for/list ([i 5]) (channel-get ch)) <))
(define ns (make-base-namespace))
(printf "~a\n" (for/sum ([i 60]) (eval `((lambda (x) (+ x ,i)) 1) ns)))
(printf "~a ~a\n" (string-join (regexp-match* #rx"[a-z]+" "ab 12 cd 3 ef") "-") (exact->inexact 1/3))
(collect-garbage)
(printf "~a\n" (match '(a (b 3)) [(list x (list y n)) (list y x (* n 14))]))
(define (deep n) (if (zero? n) 0 (+ 1 (deep (- n 1)))))
(printf "~a\n" (deep 300000))
(printf "~a\n" (let ([t (thread (lambda () (let loop () (loop))))]) (sleep 0.02) (kill-thread t) (thread-dead? t)))
END
racket p.rkt && raco make p.rkt && racket p.rkt
printf '#lang racket/base\n(car 5)\n' >q.rkt; racket q.rkt 2>&1 | grep -c 'contract violation'
