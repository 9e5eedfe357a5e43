# Fisher's exact test and conditional odds ratios, by base R (package stats) alone.
# Run from this folder:  Rscript fisher.R     -> fisher.csv
#
# Group 2 is the higher one; odds ratios are those of group 2 over group 1.
#   greater .. or_low_one_sided : what fisher.test() itself returns.
#       fisher.test() finds its odds ratios with uniroot() at the default tolerance of 1.2e-4 on the
#       scale of min(or, 1/or): good for only two or three digits when the ratio is far from 1.
#   or_*_tight : the same quantities, from the same definition (the noncentral hypergeometric
#       distribution and dhyper()), solved on the scale of log(or) with a tolerance of 1e-13.
#       Compare with these.

tables <- matrix(c(
  16, 95, 51, 52,   13, 77, 154, 157,  21, 125, 51, 52,  13, 77, 51, 52,
  26, 137, 89, 103, 15, 79, 70, 81,
  0, 1, 91, 170,    0, 1, 53, 99,      0, 1, 38, 71,     0, 5, 91, 170,    0, 6, 38, 71,
  1, 667, 3, 28,    1, 501, 3, 28,     1, 1000, 5, 47,
  1, 49, 1, 12,     1, 48, 1, 12,      1, 50, 6, 73,     2, 100, 9, 109,   3, 148, 12, 145,
  # Chosen to cover sizes and borders.
  31, 105, 32, 75,  3, 11, 8, 12,
  0, 30, 9, 40,                     # nobody before
  7, 20, 20, 20,                    # everybody after
  0, 12, 12, 12,                    # nobody before, everybody after
  10, 40, 15, 60,                   # equal shares
  3, 7, 5, 7,       2, 9, 4, 6,      60, 600, 95, 640,    450, 1000, 520, 980,
  1200, 5000, 1330, 4900,           # about 5,000
  30000, 100000, 30500, 99000       # about 100,000
), ncol = 4, byrow = TRUE)

# The conditional estimate and its limits, from the noncentral hypergeometric distribution of k2.
tight <- function(k1, n1, k2, n2) {
  total <- k1 + k2
  lo <- max(0, total - n1)
  hi <- min(total, n2)
  support <- lo:hi
  logd <- dhyper(support, n2, n1, total, log = TRUE)
  weights <- function(logor) {
    d <- logd + logor * support
    d <- exp(d - max(d))
    d / sum(d)
  }
  mean_at <- function(logor) sum(support * weights(logor))
  upper_at <- function(logor) sum(weights(logor)[support >= k2])
  lower_at <- function(logor) sum(weights(logor)[support <= k2])
  solve_for <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-13, maxiter = 10000)$root)
  low_for <- function(a) if (k2 == lo) 0 else
    solve_for(function(b) log(max(upper_at(b), 1e-300)) - log(a))
  high_for <- function(a) if (k2 == hi) Inf else
    solve_for(function(b) log(max(lower_at(b), 1e-300)) - log(a))
  mle <- if (k2 == lo) 0 else if (k2 == hi) Inf else solve_for(function(b) mean_at(b) - k2)
  c(or_conditional_tight = mle, or_low_tight = low_for(0.025), or_high_tight = high_for(0.025),
    or_low_one_sided_tight = low_for(0.05))
}

rows <- apply(tables, 1, function(t) {
  k1 <- t[1]; n1 <- t[2]; k2 <- t[3]; n2 <- t[4]
  m <- matrix(c(k2, n2 - k2, k1, n1 - k1), 2)
  both <- fisher.test(m)
  greater <- fisher.test(m, alternative = "greater")
  less <- fisher.test(m, alternative = "less")
  c(k1 = k1, n1 = n1, k2 = k2, n2 = n2,
    greater = greater$p.value, two_sided_minlike = both$p.value,
    central = min(1, 2 * min(greater$p.value, less$p.value)),
    or_conditional = unname(both$estimate), or_low = both$conf.int[1], or_high = both$conf.int[2],
    or_low_one_sided = greater$conf.int[1],
    tight(k1, n1, k2, n2))
})
out <- as.data.frame(t(rows))
for (col in names(out)) {
  out[[col]] <- if (col %in% c("k1", "n1", "k2", "n2")) sprintf("%d", as.integer(out[[col]]))
                else sub("^-?Inf$", "inf", sprintf("%.15g", out[[col]]))
}
write.csv(out, "fisher.csv", row.names = FALSE, quote = FALSE, eol = "\n")
cat(nrow(out), "tables;", R.version.string, "\n")
