# SPDX-License-Identifier: Apache-2.0
# R: vectors, data frames, linear models, random numbers, regular expressions, forked workers.
# packages: r-base-core
# timeout: 200
cat >a.R <<'END'
set.seed(1); x <- rnorm(2000); y <- 3 * x + rnorm(2000); print(round(coef(lm(y ~ x)), 6));
    print(summary(round(x, 4))); d <- data.frame(g = rep(1:5, 400), x = x);
    print(aggregate(x ~ g, d, function(v) round(mean(v), 6)))
f <- function(n) if (n < 2) n else f(n - 1) + f(n - 2); print(f(18));
    print(gsub("(\\w)(\\w*)", "\\U\\1\\L\\2", "the quick fox", perl = TRUE));
    print(tryCatch(stop("bad"), error = conditionMessage));
    print(unlist(parallel::mclapply(1:4, function(i) i^2, mc.cores = 2)))
m <- matrix(x[1:400], 20); print(round(det(m), 3)); print(round(sum(solve(m) %*% m), 8));
    print(quantile(round(x, 5))); print(sprintf("%.10f", integrate(dnorm, -2, 2)$value));
    print(system("echo child", intern = TRUE)); print(strsplit("a,b", ",")[[1]])
END
Rscript --vanilla a.R
