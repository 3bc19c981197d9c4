# What is computed from a fit: residuals of every type, score tests of additions, Wald tests, scores, reliability.
three <- "visual  =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed   =~ x7 + x8 + x9"
labelled <- "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + x8 + x9\nvisual ~~ r*textual\nab := a*b"
nations <- "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8"
ordinal <- "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + l3 + l4"
mixed <- "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + c1 + c2"
items <- function(prefix) paste0(prefix, 1:4)

# resid() has the normalised and the standardised residuals; lavResiduals() gives the same for both.
extras$resid <- function(fit) {
  kinds <- c("raw", "cor.bollen", "cor.bentler", "normalized", "standardized")
  structure(lapply(kinds, function(kind) {
    found <- tryCatch(suppressWarnings(resid(fit, type = kind)), error = function(e) NULL)
    if (is.null(found)) return(NULL)
    if (lavInspect(fit, "ngroups") == 1) found <- list(found)
    lapply(unname(found), function(one) {
      lapply(one[vapply(one, is.numeric, TRUE)], function(part) {
        part <- unclass(part)
        if (is.matrix(part)) list(rows = I(rownames(part)), columns = I(colnames(part)), values = unname(part)) else as.list(part[!is.na(names(part))])
      })
    })
  }), names = kinds)
}
added <- function(add) function(fit) score_test(fit, add = add)
extras$add_one <- added("x1 ~~ x2")
extras$add_two <- added("visual =~ x9\nx7 ~~ x8")
extras$add_nations <- added("f =~ y5")
wald <- function(...) function(fit) lapply(list(...), function(text) {
  found <- suppressWarnings(lavTestWald(fit, text))
  list(constraints = text, statistic = found$stat, df = found$df, pvalue = found$p.value)
})
extras$wald <- wald("a == b", "a == b; c == d", "ab == 0.5\nr == 0", "c == 1")
extras$htmt <- function(fit) {
  covariance <- unclass(lavInspect(fit, "sampstat")$cov)
  lapply(list(htmt = FALSE, htmt2 = TRUE), function(geometric) {
    found <- unclass(semTools::htmt(three, sample.cov = covariance, htmt2 = geometric))
    list(factors = I(rownames(found)), values = unname(found))
  })
}
extras$power <- function(fit) {
  found <- suppressWarnings(modindices(fit, power = TRUE))
  keep(found, c("lhs", "op", "rhs", "group", "mi", "epc", "delta", "ncp", "power", "decision"))
}
extras$release_some <- function(fit) score_test(fit, release = c(2, 4))

case("hs-residuals", "cfa", three, "hs", c("resid", "add_one", "add_two", "htmt", "power"))
case("hs-residuals-means", "cfa", three, "hs", "resid", meanstructure = TRUE)
case("hs-residuals-mlr", "cfa", three, "hs", c("resid", "add_one"), estimator = "MLR")
case("hs-residuals-mlm", "cfa", three, "hs", "resid", estimator = "MLM")
case("hs-residuals-wishart", "cfa", three, "hs", "resid", likelihood = "wishart")
case("hs-residuals-observed", "cfa", three, "hs", "resid", information = "observed")
case("hs-residuals-gls", "cfa", three, "hs", "resid", estimator = "GLS")
case("hs-residuals-wls", "cfa", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6", "hs", "resid", estimator = "WLS")
case("hs-residuals-uls", "cfa", three, "hs", "resid", estimator = "ULS")
case("hs-residuals-mimic", "sem", paste0(three, "\nvisual + textual + speed ~ sex + ageyr"), "hs", "resid")
case("hs-residuals-scalar", "cfa", three, "hs", c("resid", "release_some", "add_one"), group = "school", group.equal = c("loadings", "intercepts"))
case("hs-residuals-fiml", "cfa", three, "hs_missing", c("resid", "scores", "bartlett", "modindices", "r2"), missing = "ml")
case("hs-residuals-fiml-mlr", "cfa", three, "hs_missing", "resid", missing = "ml", estimator = "MLR")
case("hs-wald", "cfa", labelled, "hs", c("wald", "reliability"))
case("hs-wald-mlr", "cfa", labelled, "hs", "wald", estimator = "MLR")
case("hs-wald-constrained", "cfa", paste0(labelled, "\na == b"), "hs", "score_test", estimator = "ML")
case("nations-fiml-scalar", "cfa", nations, "nations_missing", c("resid", "scores", "bartlett", "modindices", "score_test", "add_nations"), group = "nation", group.equal = c("loadings", "intercepts"), missing = "ml")
case("nations-reliability", "cfa", nations, "nations", c("reliability", "compRelSEM", "compRelSEM_tau", "ave"), group = "nation")
case("nations-reliability-metric", "cfa", nations, "nations", c("reliability", "compRelSEM", "ave"), group = "nation", group.equal = "loadings")
case("political-reliability", "sem", "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ny2 ~~ y4\ndem60 ~ ind60", "political", c("reliability", "compRelSEM", "ave", "bartlett"))
case("mediator-bartlett", "sem", paste0(three, "\nspeed ~ textual + ageyr\nx1 ~ sex"), "hs", c("bartlett", "scores", "r2"))
case("items-delta", "cfa", ordinal, "ordinal", c("resid", "modindices", "scores_ebm", "reliability", "compRelSEM", "ave", "r2", "std_lv"), ordered = c(items("q"), items("l")))
case("items-theta", "cfa", ordinal, "ordinal", c("resid", "modindices", "scores_ebm", "reliability", "compRelSEM", "ave", "r2", "std_lv"), ordered = c(items("q"), items("l")), parameterization = "theta")
case("items-mixed", "cfa", mixed, "ordinal", c("resid", "modindices", "scores_ebm", "r2", "std_lv"), ordered = c(items("q"), "l1", "l2"))
case("items-groups-scalar", "cfa", ordinal, "ordinal", c("resid", "modindices", "scores_ebm", "score_test", "reliability", "compRelSEM", "ave", "r2", "std_lv"), ordered = c(items("q"), items("l")), group = "language", group.equal = c("loadings", "thresholds"))
case("items-mimic", "sem", paste0(ordinal, "\nf ~ z + w\ng ~ f + z"), "ordinal", c("modindices", "std_nox", "r2", "scores_ebm", "resid"), ordered = c(items("q"), items("l")))
