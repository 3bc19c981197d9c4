# Fits compared with each other and restrictions tested.
three <- "visual  =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed   =~ x7 + x8 + x9"
pair <- "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + l3 + l4"
two <- "f =~ h1 + h2 + h3\ng =~ h4 + h5 + h6"

lrt <- function(...) function(fits) {
  found <- as.data.frame(unclass(suppressWarnings(do.call(lavTestLRT, c(list(object = fits[[1]]), unname(fits[-1]), list(...), list(model.names = names(fits)))))))
  c(list(fits = I(names(fits))), lapply(as.list(found), I))
}
ladder <- function(...) list(
  configural = list("cfa", three, group = "school", ...),
  metric = list("cfa", three, group = "school", group.equal = "loadings", ...),
  scalar = list("cfa", three, group = "school", group.equal = c("loadings", "intercepts"), ...),
  strict = list("cfa", three, group = "school", group.equal = c("loadings", "intercepts", "residuals"), ...))
scaled_ladder <- function(...) list(
  configural = list("cfa", two, group = "team", ...),
  metric = list("cfa", two, group = "team", group.equal = "loadings", ...),
  scalar = list("cfa", two, group = "team", group.equal = c("loadings", "intercepts"), ...))

comparison("lrt-ml", "hs", ladder(), lrt())
comparison("lrt-fiml", "hs_missing", ladder(missing = "fiml"), lrt())
comparison("lrt-wishart", "hs", ladder(likelihood = "wishart"), lrt())
comparison("lrt-mlr", "heavy", scaled_ladder(estimator = "MLR"), lrt())
comparison("lrt-mlr-2010", "heavy", scaled_ladder(estimator = "MLR"), lrt(method = "satorra.bentler.2010"))
comparison("lrt-mlm", "heavy", scaled_ladder(estimator = "MLM"), lrt())
comparison("lrt-mlm-2000-delta", "heavy", scaled_ladder(estimator = "MLM"), lrt(method = "satorra.2000", A.method = "delta", scaled.shifted = FALSE))
comparison("lrt-mlm-2000-exact", "heavy", scaled_ladder(estimator = "MLM"), lrt(method = "satorra.2000", A.method = "exact", scaled.shifted = TRUE))
comparison("lrt-mlr-fiml", "hs_missing", ladder(missing = "fiml", estimator = "MLR"), lrt())
comparison("lrt-wlsmv", "ordinal", list(
  thresholds = list("cfa", pair, ordered = TRUE, group = "language", group.equal = "thresholds"),
  loadings = list("cfa", pair, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings")),
  means = list("cfa", pair, ordered = TRUE, group = "language", group.equal = c("thresholds", "loadings", "means"))), lrt())
comparison("lrt-wlsmv-exact", "ordinal", list(
  free = list("cfa", pair, ordered = TRUE),
  orthogonal = list("cfa", pair, ordered = TRUE, orthogonal = TRUE)), lrt(A.method = "exact"))
comparison("lrt-wlsm", "ordinal", list(
  free = list("cfa", pair, ordered = TRUE, estimator = "WLSM"),
  orthogonal = list("cfa", pair, ordered = TRUE, estimator = "WLSM", orthogonal = TRUE)), lrt())

wald <- function(restriction) function(fits) lapply(fits, function(fit) {
  found <- lavTestWald(fit, constraints = restriction)
  list(restriction = restriction, stat = found$stat, df = found$df, p = found$p.value, se = found$se)
})
labelled <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + x8 + x9\nvisual ~~ r*textual"
comparison("wald-linear", "hs", list(labelled = list("cfa", labelled)), wald("a == b\nc == d"))
comparison("wald-nonlinear", "hs", list(labelled = list("cfa", labelled)), wald("a*b == c\nr == 0.4"))
comparison("wald-robust", "hs", list(labelled = list("cfa", labelled, estimator = "MLR")), wald("a == b\nr == 0"))
comparison("wald-fiml", "hs_missing", list(labelled = list("cfa", labelled, missing = "fiml")), wald("a == b\nc == d"))
comparison("wald-groups", "hs", list(groups = list("cfa", "visual =~ x1 + c(a1, a2)*x2 + c(b1, b2)*x3\ntextual =~ x4 + x5 + x6", group = "school")), wald("a1 == a2\nb1 == b2"))
comparison("wald-wlsmv", "ordinal", list(ordinal = list("cfa", "f =~ q1 + a*q2 + b*q3 + q4", ordered = TRUE)), wald("a == b"))

scored <- function(...) function(fits) lapply(fits, function(fit) c(list(...), score_test(fit, ...)))
comparison("score-add", "hs", list(three = list("cfa", three)), scored(add = "x1 ~~ x2\nvisual =~ x9"))
comparison("score-add-groups", "hs", list(scalar = list("cfa", three, group = "school", group.equal = c("loadings", "intercepts"))), scored(add = "visual =~ x9"))
comparison("score-release", "hs", list(scalar = list("cfa", three, group = "school", group.equal = c("loadings", "intercepts"))), scored(release = 1:4))
comparison("score-cumulative", "hs", list(labels = list("cfa", "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6")), scored())
comparison("score-univariate-mlr", "heavy", list(scalar = scaled_ladder(estimator = "MLR")$scalar), scored())

invariance <- function(fits) {
  found <- compareFit(fits[[1]], fits[[2]], fits[[3]], argsLRT = list(model.names = names(fits)))
  list(fit = lapply(as.list(found@fit), I), fit_diff = lapply(as.list(found@fit.diff), I))
}
comparison("comparefit-ml", "hs", ladder()[1:3], invariance)
comparison("comparefit-mlr", "heavy", scaled_ladder(estimator = "MLR"), invariance)
