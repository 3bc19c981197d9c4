# Estimators, errors and tests on complete continuous data.
two <- "f =~ h1 + h2 + h3\ng =~ h4 + h5 + h6"
three <- "visual  =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed   =~ x7 + x8 + x9"
nations <- "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8"

for (estimator in c("MLR", "MLM", "MLMV", "MLMVS", "MLF", "GLS", "WLS", "ULS", "DWLS", "ULSM", "ULSMV", "ULSMVS", "WLSM", "WLSMV", "WLSMVS")) {
  case(paste0("heavy-", tolower(estimator)), "cfa", two, "heavy", if (estimator %in% c("MLR", "GLS", "ULS", "DWLS", "WLS", "MLM")) c("modindices", "residuals"), estimator = estimator)
  case(paste0("heavy-", tolower(estimator), "-means"), "cfa", two, "heavy", if (estimator %in% c("WLS")) "gamma", estimator = estimator, meanstructure = TRUE)
}
for (estimator in c("MLR", "MLM", "GLS", "ULS", "WLSMV", "WLS")) {
  case(paste0("heavy-groups-", tolower(estimator)), "cfa", two, "heavy", NULL, estimator = estimator, group = "team", group.equal = c("loadings", "intercepts"))
}
case("heavy-ml-robust-sem", "cfa", two, "heavy", NULL, se = "robust.sem")
case("heavy-ml-robust-huber-white", "cfa", two, "heavy", NULL, se = "robust.huber.white")
case("heavy-ml-first-order", "cfa", two, "heavy", NULL, se = "first.order")
case("heavy-ml-satorra-bentler", "cfa", two, "heavy", NULL, test = "satorra.bentler")
case("heavy-ml-yuan-bentler", "cfa", two, "heavy", NULL, test = "yuan.bentler")
case("heavy-ml-yuan-bentler-mplus", "cfa", two, "heavy", NULL, test = "yuan.bentler.mplus")
case("heavy-ml-mean-var-adjusted", "cfa", two, "heavy", NULL, test = "mean.var.adjusted")
case("heavy-ml-scaled-shifted", "cfa", two, "heavy", NULL, test = "scaled.shifted")
case("heavy-mlm-scaled-shifted", "cfa", two, "heavy", NULL, estimator = "MLM", test = "scaled.shifted")
case("heavy-mlr-expected", "cfa", two, "heavy", NULL, estimator = "MLR", information = "expected")
case("heavy-mlr-observed", "cfa", two, "heavy", NULL, estimator = "MLR", information = "observed")
case("heavy-mlm-wishart", "cfa", two, "heavy", NULL, estimator = "MLM", likelihood = "wishart")
case("heavy-gls-observed", "cfa", two, "heavy", NULL, estimator = "GLS", information = "observed")
case("nations-mlr-scalar", "cfa", nations, "nations", c("modindices", "score_test"), estimator = "MLR", group = "nation", group.equal = c("loadings", "intercepts"))
case("nations-mlm-scalar", "cfa", nations, "nations", NULL, estimator = "MLM", group = "nation", group.equal = c("loadings", "intercepts"))
case("nations-mlr-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", NULL, estimator = "MLR", group = "nation", group.equal = "loadings")
case("nations-pooled-mlr-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", "std_nox", estimator = "MLR")
case("nations-pooled-mlm-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", NULL, estimator = "MLM")
case("nations-pooled-wls-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", NULL, estimator = "WLS")
case("nations-pooled-gls-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", NULL, estimator = "GLS")
case("nations-pooled-uls-covariates", "sem", paste0(nations, "\ng ~ f + z\nf ~ z + w"), "nations", NULL, estimator = "ULS")
case("hs-mlr", "cfa", three, "hs", "scores", estimator = "MLR")
case("hs-wlsmv-continuous", "cfa", three, "hs", NULL, estimator = "WLSMV")
