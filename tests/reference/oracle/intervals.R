# Score and hybrid score intervals for two shares.
# Run from this folder:  Rscript intervals.R     -> intervals.csv (reads fisher.csv for the tables)
#
# 95% intervals for p2 - p1, p2/p1 and (1 - p2)/(1 - p1), group 2 being the higher one, for each
# table of fisher.csv with both sizes at most 1,000. Where each column comes from:
#   newcombe_*       package Epi, ci.pd(method = "Nc"): Newcombe's method 10, no continuity correction.
#   mee_*, mn_*      own code below: the score statistic of the difference, without (Mee) and with
#                    (Miettinen-Nurminen) the factor N/(N - 1).
#   rr_mn_*, qq_mn_* own code: the score statistic of the ratio with N/(N - 1); rr is p2/p1, qq is
#                    (1 - p2)/(1 - p1).
#   rr_koopman_*, qq_koopman_*   own code: the same without N/(N - 1). Koopman's chi-square is the
#                    square of this statistic.
# The own code maximises the constrained likelihood numerically with optimize() (then sharpens the
# place of the maximum by uniroot() on the slope) and finds each limit with uniroot(): no cubic.
# It is checked below against Newcombe (1998) Table II, and against package epiR for Mee and Koopman.

Sys.setenv(TZ = "UTC")
suppressMessages({library(Epi); library(epiR)})
z95 <- qnorm(0.975)
near_zero <- 1e-300

# Log-likelihood and slope of a binomial, with 0 * log(0) = 0.
xlogy <- function(x, y) if (x == 0) 0 else x * log(y)
loglik <- function(k, n, p) xlogy(k, p) + xlogy(n - k, 1 - p)
slope <- function(k, n, p) (if (k == 0) 0 else k / p) - (if (k == n) 0 else (n - k) / (1 - p))

# The p1 in [from, to] with the largest likelihood when p2 = second(p1).
constrained <- function(k1, n1, k2, n2, from, to, second, d_second) {
  f <- function(p) loglik(k1, n1, p) + loglik(k2, n2, min(1, max(0, second(p))))
  g <- function(p) slope(k1, n1, p) + d_second * slope(k2, n2, second(p))
  if (to - from <= 0) return(from)
  best <- optimize(f, c(from, to), maximum = TRUE, tol = 1e-12)$maximum
  width <- (to - from) * 1e-3
  a <- max(from + (to - from) * 1e-15, best - width)
  b <- min(to - (to - from) * 1e-15, best + width)
  ga <- g(a); gb <- g(b)
  if (is.finite(ga) && is.finite(gb) && ga > 0 && gb < 0)
    best <- uniroot(g, c(a, b), tol = (to - from) * 1e-16, maxiter = 10000)$root
  ends <- c(from, to)
  values <- c(f(best), f(from), f(to))
  values[is.nan(values)] <- -Inf
  c(best, ends)[which.max(values)]
}

z_of <- function(gap, variance) {
  if (abs(gap) < 1e-15) return(0)
  gap / sqrt(max(variance, near_zero))
}

difference_z <- function(k1, n1, k2, n2, delta, factor) {
  p1 <- constrained(k1, n1, k2, n2, max(0, -delta), min(1, 1 - delta), function(p) p + delta, 1)
  p2 <- min(1, max(0, p1 + delta))
  z_of(k2 / n2 - k1 / n1 - delta, (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * factor)
}

ratio_z <- function(k1, n1, k2, n2, phi, factor) {
  p1 <- constrained(k1, n1, k2, n2, 0, min(1, 1 / phi), function(p) p * phi, phi)
  p2 <- min(1, p1 * phi)
  z_of(k2 / n2 - phi * k1 / n1, (p2 * (1 - p2) / n2 + phi^2 * p1 * (1 - p1) / n1) * factor)
}

# The end of {x : |z(x)| <= z95} between `centre`, where z is 0, and `edge`.
limit <- function(z, centre, edge, target) {
  f <- function(x) z(x) - target
  if (sign(f(edge)) == sign(f(centre)) || f(edge) == 0) return(edge)
  uniroot(f, sort(c(centre, edge)), tol = 1e-13, maxiter = 10000)$root
}

difference_limits <- function(k1, n1, k2, n2, corrected) {
  factor <- if (corrected) (n1 + n2) / (n1 + n2 - 1) else 1
  d <- k2 / n2 - k1 / n1
  z <- function(delta) difference_z(k1, n1, k2, n2, delta, factor)
  small <- 1e-12
  low <- if (d <= -1) -1 else limit(z, d, -1 + small, z95)
  high <- if (d >= 1) 1 else limit(z, d, 1 - small, -z95)
  c(if (low <= -1 + small) -1 else low, if (high >= 1 - small) 1 else high)
}

ratio_limits <- function(k1, n1, k2, n2, corrected) {
  factor <- if (corrected) (n1 + n2) / (n1 + n2 - 1) else 1
  if (k1 == 0 && k2 == 0) return(c(0, Inf))
  z <- function(logphi) ratio_z(k1, n1, k2, n2, exp(logphi), factor)
  # Step away from a start where |z| is small until z passes the target, then solve.
  outward <- function(start, step, target) {
    far <- start + step
    while (abs(far) < 200 && sign(z(far) - target) == sign(z(start) - target)) far <- far + step
    exp(limit(z, start, far, target))
  }
  if (k1 > 0 && k2 > 0) {
    start <- log((k2 / n2) / (k1 / n1))
    return(c(outward(start, -1, z95), outward(start, 1, -z95)))
  }
  if (k2 == 0) {                       # the estimate is 0: only an upper limit
    start <- -30
    return(c(0, outward(start, 1, -z95)))
  }
  start <- 30                          # k1 = 0, the estimate is infinite: only a lower limit
  c(outward(start, -1, z95), Inf)
}

newcombe <- function(k1, n1, k2, n2) {
  r <- ci.pd(k2, k1, n2 - k2, n1 - k1, method = "Nc", print = FALSE)
  unname(r[1, 6:7])
}

# ---- Newcombe, R.G. (1998), Statistics in Medicine 17, 873-890, Table II: p1 - p2 ----
published <- rbind(
  c(56, 70, 48, 80,  .0524, .3339,  .0533, .3377,  .0528, .3382),
  c( 9, 10,  3, 10,  .1705, .8090,  .1821, .8370,  .1700, .8406),
  c( 5, 56,  0, 29, -.0381, .1926, -.0313, .1926, -.0326, .1933),
  c( 0, 10,  0, 20, -.1611, .2775, -.1611, .2775, -.1658, .2844),
  c(10, 10,  0, 10,  .6075, 1,      .6777, 1,      .6636, 1))
wrong <- 0
for (i in seq_len(nrow(published))) {
  t <- published[i, ]
  got <- c(newcombe(t[3], t[4], t[1], t[2]),
           difference_limits(t[3], t[4], t[1], t[2], FALSE),
           difference_limits(t[3], t[4], t[1], t[2], TRUE))
  off <- abs(round(got, 4) - t[5:10]) > 1e-9
  if (any(off)) {
    wrong <- wrong + sum(off)
    cat("differs from Newcombe 1998:", t[1:4], "got", format(got, digits = 6), "\n")
  }
}
cat("Newcombe 1998 Table II:", 30 - wrong, "of 30 limits agree to the four decimals printed\n")

# ---- the tables ----
tables <- read.csv("fisher.csv")[, c("k1", "n1", "k2", "n2")]
tables <- tables[tables$n1 <= 1000 & tables$n2 <= 1000, ]
names_of <- function(stem) paste0(stem, c("_low", "_high"))
columns <- c("newcombe", "mee", "mn", "rr_mn", "rr_koopman", "qq_mn", "qq_koopman")
out <- t(apply(tables, 1, function(t) {
  k1 <- t[[1]]; n1 <- t[[2]]; k2 <- t[[3]]; n2 <- t[[4]]
  c(k1, n1, k2, n2,
    newcombe(k1, n1, k2, n2),
    difference_limits(k1, n1, k2, n2, FALSE), difference_limits(k1, n1, k2, n2, TRUE),
    ratio_limits(k1, n1, k2, n2, TRUE), ratio_limits(k1, n1, k2, n2, FALSE),
    ratio_limits(n1 - k1, n1, n2 - k2, n2, TRUE), ratio_limits(n1 - k1, n1, n2 - k2, n2, FALSE))
}))
colnames(out) <- c("k1", "n1", "k2", "n2", unlist(lapply(columns, names_of)))

# ---- package epiR beside the own code ----
# epiR's Mee limits are found by halving to 1e-7; its ratio is Koopman's, in closed form except at
# the borders, where it steps by a factor of 1.0001.
ar <- getFromNamespace("zARscore", "epiR")
rr <- getFromNamespace("zRRscore", "epiR")
far <- function(a, b) ifelse(is.finite(a) & is.finite(b), abs(a - b), ifelse(a == b, 0, Inf))
for (i in seq_len(nrow(out))) {
  t <- out[i, ]
  mee <- ar(c(t["k2"], t["k1"], t["n2"] - t["k2"], t["n1"] - t["k1"]), 0.95, 1)[2:3]
  d <- max(far(mee, t[c("mee_low", "mee_high")]))
  if (d > 1e-6) cat("epiR Mee:", t[1:4], "off by", d, " epiR", mee, "\n")
  for (what in c("rr", "qq")) {
    dat <- if (what == "rr") c(t["k2"], t["n2"] - t["k2"], t["k1"], t["n1"] - t["k1"])
           else c(t["n2"] - t["k2"], t["k2"], t["n1"] - t["k1"], t["k1"])
    k <- tryCatch(rr(dat, 0.95)[2:3], error = function(e) c(NA, NA))
    own <- t[names_of(paste0(what, "_koopman"))]
    r <- max(far(k, own) / pmax(1e-9, ifelse(is.finite(own), own, 1)))
    if (is.na(r) || r > 1e-7) cat("epiR Koopman", what, t[1:4], "relative", r, " epiR", k, " own", own, "\n")
  }
}

text <- as.data.frame(out)
for (col in names(text))
  text[[col]] <- if (col %in% c("k1", "n1", "k2", "n2")) sprintf("%d", as.integer(text[[col]])) else
    sub("^Inf$", "inf", sprintf("%.12g", text[[col]]))
write.csv(text, "intervals.csv", row.names = FALSE, quote = FALSE, eol = "\n")
cat(nrow(text), "tables; Epi", as.character(packageVersion("Epi")),
    "epiR", as.character(packageVersion("epiR")), "\n")
