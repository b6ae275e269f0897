# SPDX-License-Identifier: Apache-2.0
# SBCL: code that is made while it runs, conditions, garbage collection with protected pages, bignums.
# packages: sbcl
cat >a.lisp <<'END'
(defun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(format t "~a ~a ~a~%" (fib 27) (expt 3 200) (/ 1 3))
(let ((h (make-hash-table :test 'equal)))
  (dotimes (i 50000) (incf (gethash (format nil "k~a" (mod i 97)) h 0) i))
  (format t "~a ~a~%" (hash-table-count h) (gethash "k42" h)))
(let ((keep nil))
  (dotimes (i 3000) (let ((v (make-array 5000 :initial-element i))) (when (zerop (mod i 100)) (push v keep))))
  (gc :full t) (format t "~a~%" (reduce #'+ (mapcar (lambda (v) (aref v 7)) keep))))
(format t "~a~%" (handler-case (/ 1 (- 1 1)) (division-by-zero () :div)))
(format t "~a~%" (handler-case (car (read-from-string "5")) (type-error () :type)))
(format t "~a~%" (funcall (compile nil '(lambda (x) (loop for i below x sum (* i i)))) 1000))
(dotimes (i 200) (funcall (compile nil `(lambda () ,i)))) (format t "~,10f ~a~%" (sin 1d3) (round 2.5))
(handler-case (sb-sys:with-deadline (:seconds 0.05) (sleep 3)) (sb-sys:deadline-timeout () (format t "deadline~%")))
END
sbcl --noinform --non-interactive --no-sysinit --no-userinit --load a.lisp 2>/dev/null
