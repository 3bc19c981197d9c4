# Ordered items: two to seven categories, mixed with continuous ones, covariates, groups, values missing.
two <- c("b1", "b2", "b3", "b4"); three <- c("t1", "t2", "t3", "t4"); four <- c("q1", "q2", "q3", "q4")
five <- c("l1", "l2", "l3", "l4"); seven <- c("s1", "s2", "s3", "s4")
factor_of <- function(items, name = "f") paste(name, "=~", paste(items, collapse = " + "))
pair <- paste0(factor_of(four), "\n", factor_of(five, "g"))

for (items in list(two, three, four, five, seven)) {
  k <- substr(items[1], 1, 1)
  case(paste0("ordinal-", k, "-dwls"), "cfa", factor_of(items), "ordinal", c("residuals_raw", "implied", "sampstat", if (k == "q") "gamma"), ordered = items, estimator = "DWLS")
  case(paste0("ordinal-", k, "-wlsmv"), "cfa", factor_of(items), "ordinal", c("r2", "compRelSEM"), ordered = TRUE)
  case(paste0("ordinal-", k, "-theta"), "cfa", factor_of(items), "ordinal", "r2", ordered = items, parameterization = "theta")
}
case("lsat6-wlsmv", "cfa", "f =~ i1 + i2 + i3 + i4 + i5", "lsat6", c("modindices", "sampstat"), ordered = TRUE, std.lv = TRUE)
case("ordinal-two-factors", "cfa", pair, "ordinal", c("modindices", "residuals_raw", "implied", "r2", "std_lv", "scores_ebm", "compRelSEM", "reliability", "ave"), ordered = TRUE)
case("ordinal-two-factors-theta", "cfa", pair, "ordinal", c("modindices", "implied", "std_lv"), ordered = TRUE, parameterization = "theta")
case("ordinal-std-lv", "cfa", pair, "ordinal", NULL, ordered = TRUE, std.lv = TRUE)
case("ordinal-orthogonal", "cfa", pair, "ordinal", NULL, ordered = TRUE, orthogonal = TRUE)
for (estimator in c("WLS", "WLSM", "WLSMVS", "ULS", "ULSMV", "ULSM")) {
  case(paste0("ordinal-two-factors-", tolower(estimator)), "cfa", pair, "ordinal", NULL, ordered = TRUE, estimator = estimator)
}
case("ordinal-se-none", "cfa", pair, "ordinal", NULL, ordered = TRUE, se = "none")
case("ordinal-mixed", "cfa", "f =~ q1 + q2 + b3 + s4\ng =~ c1 + c2 + c3 + l1", "ordinal", c("modindices", "residuals_raw", "implied", "sampstat", "gamma"), ordered = c("q1", "q2", "b3", "s4", "l1"))
case("ordinal-mixed-theta", "cfa", "f =~ q1 + q2 + b3 + s4\ng =~ c1 + c2 + c3 + l1", "ordinal", "implied", ordered = c("q1", "q2", "b3", "s4", "l1"), parameterization = "theta")
case("ordinal-labels", "cfa", "f =~ q1 + a*q2 + a*q3 + q4\ng =~ l1 + b*l2 + c*l3 + l4\nb == c\nd := a/b\nq1 | k*t1\nq2 | k*t1", "ordinal", NULL, ordered = TRUE)
case("ordinal-structural", "sem", paste0(pair, "\ng ~ f"), "ordinal", "r2", ordered = TRUE)
case("ordinal-second-order", "cfa", paste0(factor_of(four), "\n", factor_of(five, "g"), "\n", factor_of(seven, "h"), "\nall =~ f + g + h"), "ordinal", NULL, ordered = TRUE)
case("ordinal-residual-covariance", "cfa", paste0(pair, "\nq1 ~~ q2"), "ordinal", NULL, ordered = TRUE)
case("ordinal-covariates", "sem", paste0(pair, "\nf ~ z + w\ng ~ f + z"), "ordinal", c("implied", "sampstat", "residuals_raw", "r2", "std_nox"), ordered = c(four, five))
case("ordinal-covariates-theta", "sem", paste0(pair, "\nf ~ z + w\ng ~ f + z"), "ordinal", NULL, ordered = c(four, five), parameterization = "theta")
case("ordinal-covariates-joint", "sem", paste0(pair, "\nf ~ z\ng ~ f + z"), "ordinal", c("implied", "sampstat"), ordered = c(four, five), conditional.x = FALSE, fixed.x = FALSE)
case("ordinal-mixed-covariates", "sem", "g =~ c1 + c2 + l1 + l2\ng ~ z + w\nb1 ~ z + g", "ordinal", "implied", ordered = c("l1", "l2", "b1"))
case("ordinal-probit", "sem", "b1 ~ z + w", "ordinal", "r2", ordered = "b1")
case("ordinal-path", "sem", "q1 ~ a*z + w\nc1 ~ b*q1 + z\nab := a*b", "ordinal", NULL, ordered = "q1")
case("ordinal-groups-configural", "cfa", pair, "ordinal", c("implied", "r2"), ordered = TRUE, group = "language")
case("ordinal-groups-thresholds", "cfa", pair, "ordinal", NULL, ordered = TRUE, group = "language", group.equal = "thresholds")
case("ordinal-groups-loadings", "cfa", pair, "ordinal", NULL, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings"))
case("ordinal-groups-loadings-theta", "cfa", pair, "ordinal", c("implied", "modindices"), ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings"), parameterization = "theta")
case("ordinal-groups-strict-theta", "cfa", pair, "ordinal", NULL, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings", "residuals"), parameterization = "theta")
case("ordinal-groups-means", "cfa", pair, "ordinal", NULL, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings", "means"))
case("ordinal-groups-partial", "cfa", pair, "ordinal", NULL, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings"), group.partial = c("f=~q2", "l3|t2"))
case("ordinal-groups-binary", "cfa", factor_of(two), "ordinal", NULL, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings"))
case("ordinal-groups-mixed", "cfa", "f =~ q1 + q2 + b3 + s4\ng =~ c1 + c2 + c3 + l1", "ordinal", NULL, ordered = c("q1", "q2", "b3", "s4", "l1"), group = "language", group.equal = c("thresholds", "loadings", "intercepts"))
case("ordinal-groups-covariates", "sem", paste0(pair, "\nf ~ z + w\ng ~ f + z"), "ordinal", NULL, ordered = c(four, five), group = "language", group.equal = c("thresholds", "loadings", "regressions"))
case("ordinal-groups-wls", "cfa", factor_of(three), "ordinal", NULL, ordered = TRUE, estimator = "WLS", group = "language", group.equal = c("thresholds", "loadings"))
case("datcat-groups", "cfa", factor_of(paste0("u", 1:8)), "datcat", NULL, ordered = TRUE, group = "g", group.equal = c("thresholds", "loadings"))
case("datcat-wlsmv", "cfa", "f1 =~ u1 + u2 + u3 + u4\nf2 =~ u5 + u6 + u7 + u8", "datcat", "modindices", ordered = TRUE)
case("bfi-wlsmv-listwise", "cfa", "agree =~ a1 + a2 + a3 + a4 + a5\nanxious =~ n1 + n2 + n3 + n4 + n5", "bfi", NULL, ordered = TRUE)
case("bfi-wlsmv-pairwise", "cfa", "agree =~ a1 + a2 + a3 + a4 + a5\nanxious =~ n1 + n2 + n3 + n4 + n5", "bfi", "sampstat", ordered = TRUE, missing = "pairwise")
case("ordinal-pairwise", "cfa", pair, "ordinal_missing", c("sampstat", "gamma"), ordered = TRUE, missing = "pairwise")
case("ordinal-pairwise-theta-groups", "cfa", pair, "ordinal_missing", NULL, ordered = TRUE, missing = "pairwise", parameterization = "theta", group = "language", group.equal = c("thresholds", "loadings"))
case("ordinal-pairwise-mixed", "cfa", "f =~ q1 + q2 + b3 + s4\ng =~ c1 + c2 + c3 + l1", "ordinal_missing", "sampstat", ordered = c("q1", "q2", "b3", "s4", "l1"), missing = "pairwise")
case("ordinal-listwise", "cfa", pair, "ordinal_missing", NULL, ordered = TRUE)

# The ladder of Wu and Estabrook (2016), as semTools writes it.
ladder <- function(items, equal, parameterization, label, data = "ordinal", by = "language") {
  frame <- read_data(data)
  model <- factor_of(items)
  syntax <- suppressWarnings(measEq.syntax(configural.model = model, data = frame, ordered = items, parameterization = parameterization,
    ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = by, group.equal = equal))
  case(paste("wu-estabrook", items[1], parameterization, label, sep = "-"), "cfa", as.character(syntax), data, NULL, ordered = items,
       parameterization = parameterization, group = by)
}
for (items in list(four, five)) for (parameterization in c("delta", "theta")) {
  steps <- c("thresholds", "loadings", "intercepts", if (parameterization == "theta") "residuals")
  ladder(items, "", parameterization, "configural")
  for (k in seq_along(steps)) ladder(items, steps[seq_len(k)], parameterization, steps[k])
}
