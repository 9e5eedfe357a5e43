# Reference values for comparisons of counts, by base R and packages metafor, epiR and pwr.
# Run from this folder:  Rscript with_counts.R
#   -> with_counts.csv        case, quantity, value (long)
#   -> ucb_admissions.csv     the counts behind the cases "ucb..." (R's data set UCBAdmissions)
#   -> simulated_monthly.csv  SIMULATED over-dispersed monthly counts behind the cases "monthly..."

Sys.setenv(TZ = "UTC")
suppressMessages({library(metafor); library(epiR); library(pwr)})
rows <- list()
put <- function(case, ...) {
  values <- c(...)
  for (name in names(values)) {
    text <- sub("^Inf$", "inf", sprintf("%.15g", values[[name]]))
    rows[[length(rows) + 1]] <<- data.frame(case = case, quantity = name, value = text)
  }
}

# ---- (a) strata: Berkeley admissions, odds of being admitted, men over women ----
u <- UCBAdmissions
m <- u["Admitted", "Male", ];   mr <- u["Rejected", "Male", ]
f <- u["Admitted", "Female", ]; fr <- u["Rejected", "Female", ]
write.csv(data.frame(dept = names(m), male_admitted = m, male_n = m + mr,
                     female_admitted = f, female_n = f + fr),
          "ucb_admissions.csv", row.names = FALSE, quote = FALSE, eol = "\n")
mh <- mantelhaen.test(u, correct = FALSE)
put("ucb_mantelhaen_test", or = unname(mh$estimate), low = mh$conf.int[1], high = mh$conf.int[2],
    x2 = unname(mh$statistic), df = unname(mh$parameter), p = mh$p.value)
mhc <- mantelhaen.test(u, correct = TRUE)
put("ucb_mantelhaen_test_corrected", x2 = unname(mhc$statistic), p = mhc$p.value)
put("ucb_crude", or = sum(m) * sum(fr) / (sum(mr) * sum(f)),
    risk_difference = sum(m) / sum(m + mr) - sum(f) / sum(f + fr),
    risk_ratio = (sum(m) / sum(m + mr)) / (sum(f) / sum(f + fr)))
o <- rma.mh(measure = "OR", ai = m, bi = mr, ci = f, di = fr, correct = FALSE)
put("ucb_metafor_rma_mh_or", log_or = unname(c(o$beta)), se = o$se, or = exp(unname(c(o$beta))),
    low = exp(o$ci.lb), high = exp(o$ci.ub), z = o$zval, p = o$pval, cmh_x2 = o$MH, cmh_p = o$MHp,
    breslow_day_x2 = o$BD, breslow_day_p = o$BDp, tarone_x2 = o$TA, tarone_p = o$TAp,
    woolf_q = o$QE, woolf_q_p = o$QEp, df = o$k - 1)
r <- rma.mh(measure = "RR", ai = m, bi = mr, ci = f, di = fr, correct = FALSE)
put("ucb_metafor_rma_mh_rr", log_rr = unname(c(r$beta)), se = r$se, rr = exp(unname(c(r$beta))),
    low = exp(r$ci.lb), high = exp(r$ci.ub))
d <- rma.mh(measure = "RD", ai = m, bi = mr, ci = f, di = fr, correct = FALSE)
put("ucb_metafor_rma_mh_rd", rd = unname(c(d$beta)), se = d$se, low = d$ci.lb, high = d$ci.ub)
tab <- aperm(u, c(2, 1, 3))                        # sex, outcome, department
e <- epi.2by2(tab, method = "cohort.count")
h <- e$massoc.detail$bOR.homog
put("ucb_epiR_breslow_day", x2 = as.numeric(h[[1]]), df = as.numeric(h[[2]]), p = as.numeric(h[[3]]))
mo <- as.numeric(e$massoc.detail$OR.mh.wald)
put("ucb_epiR_mh_or", or = mo[1], low = mo[2], high = mo[3])

# ---- (b) SIMULATED months, more spread out than binomial ----
set.seed(20231122)
month <- format(seq(as.Date("2021-01-01"), by = "month", length.out = 24), "%Y-%m")
after <- rep(0:1, c(14, 10))
n <- round(rlnorm(24, log(180), 0.35))
p <- rbeta(24, 30 * ifelse(after == 1, 0.46, 0.31), 30 * ifelse(after == 1, 0.54, 0.69))
k <- rbinom(24, n, p)
write.csv(data.frame(month, k, n, after), "simulated_monthly.csv", row.names = FALSE,
          quote = FALSE, eol = "\n")
tight <- glm.control(epsilon = 1e-14, maxit = 100)
q <- glm(cbind(k, n - k) ~ after, family = quasibinomial, control = tight)
b <- glm(cbind(k, n - k) ~ after, family = binomial, control = tight)
s <- summary(q)
ci <- coef(q)[2] + c(-1, 1) * qt(0.975, q$df.residual) * s$coefficients[2, 2]
put("monthly_quasibinomial", intercept = unname(coef(q)[1]), log_or = unname(coef(q)[2]),
    intercept_se = s$coefficients[1, 2], log_or_se = s$coefficients[2, 2],
    t = s$coefficients[2, 3], p_t = s$coefficients[2, 4], df = q$df.residual,
    dispersion = s$dispersion, pearson_x2 = sum(residuals(q, "pearson")^2),
    deviance = q$deviance, or = exp(unname(coef(q)[2])), or_low_t = exp(ci[[1]]),
    or_high_t = exp(ci[[2]]))
sb <- summary(b)$coefficients
put("monthly_binomial", intercept_se = sb[1, 2], log_or_se = sb[2, 2], z = sb[2, 3], p_z = sb[2, 4])

# ---- (c) Benjamini and Hochberg's 25 ----
ps <- c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269,
        0.275, 0.34, 0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986)
label <- sprintf("%02d", seq_along(ps))
put("p_adjust_raw", setNames(ps, label))
for (way in c("holm", "BH", "bonferroni", "hochberg", "BY"))
  put(paste0("p_adjust_", way), setNames(p.adjust(ps, way), label))

# ---- (d) risk ratios and odds ratios of group 2 over group 1, Wald limits ----
for (t in list(c(16, 95, 51, 52), c(31, 105, 32, 75), c(60, 600, 95, 640))) {
  case <- sprintf("escalc_%d_%d_%d_%d", t[1], t[2], t[3], t[4])
  for (measure in c("RR", "OR", "RD")) {
    y <- escalc(measure = measure, ai = t[3], n1i = t[4], ci = t[1], n2i = t[2])
    low <- c(y$yi) - qnorm(0.975) * sqrt(y$vi)
    high <- c(y$yi) + qnorm(0.975) * sqrt(y$vi)
    stem <- tolower(measure)
    values <- if (measure == "RD") c(c(y$yi), y$vi, low, high)
              else c(exp(c(y$yi)), y$vi, exp(low), exp(high))
    put(case, setNames(values, paste0(stem, c("", if (measure == "RD") "_var" else "_log_var",
                                              "_low", "_high"))))
  }
}

# ---- (e) Cohen's h of group 2 over group 1 ----
for (t in list(c(0.168, 0.9808), c(0.02, 0.083), c(0, 0.5353)))
  put(sprintf("cohen_h_%s_%s", t[1], t[2]), h_pwr = ES.h(t[2], t[1]),
      h_formula = 2 * asin(sqrt(t[2])) - 2 * asin(sqrt(t[1])))

write.csv(do.call(rbind, rows), "with_counts.csv", row.names = FALSE, quote = FALSE, eol = "\n")
cat(length(rows), "values;", R.version.string, "\n")
for (p in c("metafor", "epiR", "pwr")) cat(p, as.character(packageVersion(p)), "\n")
