# One group, maximum likelihood, complete data.
three <- "visual  =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed   =~ x7 + x8 + x9"
democracy <- "
  # measurement
  ind60 =~ x1 + x2 + x3
  dem60 =~ y1 + y2 + y3 + y4
  dem65 =~ y5 + y6 + y7 + y8
  # regressions
  dem60 ~ ind60
  dem65 ~ ind60 + dem60
  # residual correlations
  y1 ~~ y5
  y2 ~~ y4 + y6
  y3 ~~ y7
  y4 ~~ y8
  y6 ~~ y8"
usual <- c("modindices", "scores", "bartlett", "r2", "residuals", "implied", "sampstat")

case("hs-cfa", "cfa", three, "hs", c(usual, "scores_ebm", "std_lv", "std_nox", "ave", "reliability", "compRelSEM", "compRelSEM_tau"))
case("hs-cfa-std-lv", "cfa", three, "hs", c("modindices", "compRelSEM"), std.lv = TRUE)
case("hs-cfa-effect-coding", "cfa", three, "hs", c("std_lv", "scores"), effect.coding = TRUE)
case("hs-cfa-effect-coding-loadings", "cfa", three, "hs", effect.coding = "loadings", meanstructure = TRUE)
case("hs-cfa-means", "cfa", three, "hs", usual, meanstructure = TRUE)
case("hs-cfa-orthogonal", "cfa", three, "hs", c("modindices", "residuals"), orthogonal = TRUE)
case("hs-cfa-no-auto-fix", "cfa", "visual =~ NA*x1 + x2 + x3\ntextual =~ NA*x4 + x5 + x6\nvisual ~~ 1*visual\ntextual ~~ 1*textual", "hs")
case("hs-cfa-start-fixed", "cfa", "visual =~ x1 + start(0.5)*x2 + 0.7*x3\ntextual =~ x4 + x5 + start(0.9)*x6\nx4 ~~ 0.4*x4\nvisual ~~ 0*textual", "hs", "modindices")
case("hs-cfa-residual-covariance", "cfa", paste0(three, "\nx7 ~~ x8\nx1 ~~ 0.1*x9"), "hs", c("modindices", "residuals"))
case("hs-cfa-wishart", "cfa", three, "hs", usual, likelihood = "wishart")
case("hs-cfa-expected", "cfa", three, "hs", information = "expected")
case("hs-cfa-observed", "cfa", three, "hs", "modindices", information = "observed")
case("hs-cfa-observed-hessian", "cfa", three, "hs", information = "observed", observed.information = "hessian")
case("hs-cfa-first-order", "cfa", three, "hs", "modindices", information = "first.order")
case("hs-cfa-se-none", "cfa", three, "hs", se = "none")
case("hs-cfa-test-none", "cfa", three, "hs", test = "none")
case("hs-one-factor", "cfa", "ability =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", "hs", c("modindices", "ave", "reliability", "compRelSEM"))
case("hs-just-identified", "cfa", "visual =~ x1 + x2 + x3", "hs", c("scores", "residuals_raw", "compRelSEM"))
case("hs-single-indicator", "cfa", "visual =~ x1 + x2 + x3\nlast =~ x9\nonly =~ x4\nx4 ~~ 0.3*x4", "hs", "r2")
case("hs-second-order", "cfa", paste0(three, "\ngeneral =~ visual + textual + speed"), "hs", c("modindices", "scores", "r2", "implied", "std_lv"))
case("hs-second-order-std-lv", "cfa", paste0(three, "\ngeneral =~ visual + textual + speed"), "hs", std.lv = TRUE)
case("hs-bifactor", "cfa", "general =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9", "hs", c("r2", "scores"), std.lv = TRUE, orthogonal = TRUE)
case("hs-mimic", "sem", paste0(three, "\nvisual + textual + speed ~ sex + ageyr"), "hs", c(usual, "std_lv", "std_nox"))
case("hs-mimic-random-x", "sem", paste0(three, "\nvisual + textual + speed ~ sex + ageyr"), "hs", c(usual, "std_nox"), fixed.x = FALSE)
case("hs-mimic-means", "sem", paste0(three, "\nvisual + textual + speed ~ sex + ageyr"), "hs", c("implied", "std_nox"), meanstructure = TRUE)
case("hs-latent-regression", "sem", paste0(three, "\nspeed ~ visual + textual\ntextual ~ visual"), "hs", c("r2", "modindices", "std_lv"))
case("hs-lavaan-bare", "lavaan", "f =~ 1*x1 + x2 + x3 + x4\nf ~~ f\nx1 ~~ x1\nx2 ~~ x2\nx3 ~~ x3\nx4 ~~ x4", "hs")
case("hs-lavaan-auto", "lavaan", three, "hs", auto.var = TRUE, auto.fix.first = TRUE, auto.cov.lv.x = TRUE, int.ov.free = TRUE, meanstructure = TRUE)
case("hs-sem-cfa-text-operators", "sem", "f=~x1+x2+x3+x4;g=~x5+x6+x7\nf~~0*g ! a comment\nx1~1\nf~0*1", "hs")
case("political-sem", "sem", democracy, "political", c(usual, "scores_ebm", "std_lv", "std_nox", "compRelSEM"))
case("political-sem-means", "sem", democracy, "political", c("implied", "scores"), meanstructure = TRUE)
case("political-sem-std-lv", "sem", democracy, "political", std.lv = TRUE)
case("talor-mediation", "sem", "pmi ~ a*cond\nimport ~ d*cond\nreaction ~ b*pmi + c*cond + e*import\npmi ~~ import\nindirect := a*b\ntwo := d*e\ntotal := c + a*b + d*e\nshare := indirect/total", "talor", c("r2", "modindices", "residuals", "std_nox"))
case("talor-path-covariates", "sem", "reaction ~ pmi + cond + age + gender\npmi ~ cond + age", "talor", c("r2", "residuals", "implied", "std_nox", "std_lv"), meanstructure = TRUE)
case("talor-path-random-x", "sem", "reaction ~ pmi + cond + age + gender\npmi ~ cond + age", "talor", c("r2", "implied"), fixed.x = FALSE)
case("feedback-nonrecursive", "sem", "y1 ~ x1 + y2\ny2 ~ x2 + y1\ny1 ~~ y2", "feedback", c("r2", "implied"))
case("talor-regression", "sem", "reaction ~ pmi + import + cond", "talor", "r2")
case("talor-saturated-correlated", "sem", "reaction ~~ pmi\npmi ~~ import\nreaction ~~ import", "talor")
case("growth-linear", "growth", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4", "growth", c("modindices", "scores", "implied", "r2"))
case("growth-conditional", "growth", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni ~ x1 + x2\ns ~ x1 + x2\nt1 ~ c1\nt2 ~ c2\nt3 ~ c3\nt4 ~ c4", "growth", c("scores", "implied", "r2", "std_nox"))
case("growth-free-loading", "growth", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + t3 + t4", "growth")
case("growth-quadratic", "growth", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\nq =~ 0*t1 + 1*t2 + 4*t3 + 9*t4\nq ~~ 0*q + 0*i + 0*s\nt1 ~~ v*t1\nt2 ~~ v*t2\nt3 ~~ v*t3\nt4 ~~ v*t4", "growth")
case("burns-path", "sem", "Selfesteem ~ HADS + TBSA + Age\nHADS ~ RUM + TBSA\nRUM ~ TBSA", "burns", c("r2", "residuals"))
case("thurstone-covariance", "cfa", "f =~ Sentences + Vocabulary + Sent.Completion\ng =~ First.Letters + X4.Letter.Words + Suffixes\nh =~ Letter.Series + Pedigrees + Letter.Group", NULL, c("modindices", "implied"),
     sample.cov = local({r <- psych::Thurstone; dimnames(r) <- rep(list(make.names(c("Sentences", "Vocabulary", "Sent.Completion", "First.Letters", "4.Letter.Words", "Suffixes", "Letter.Series", "Pedigrees", "Letter.Group"))), 2); r}), sample.nobs = 213)
local({
  hs <- read_data("hs"); xs <- paste0("x", 1:9)
  case("hs-covariance-means", "cfa", three, NULL, "implied", sample.cov = round(cov(hs[xs]), 8), sample.mean = round(colMeans(hs[xs]), 8), sample.nobs = 301, meanstructure = TRUE)
  case("hs-covariance-wishart", "cfa", three, NULL, NULL, sample.cov = round(cov(hs[xs]), 8), sample.nobs = 301, likelihood = "wishart")
  case("hs-covariance-not-rescaled", "cfa", three, NULL, NULL, sample.cov = round(cov(hs[xs]), 8), sample.nobs = 301, sample.cov.rescale = FALSE)
  parts <- split(hs[xs], hs$school)
  case("hs-covariance-groups", "cfa", three, NULL, NULL, sample.cov = lapply(parts, function(p) round(cov(p), 8)), sample.mean = lapply(parts, function(p) round(colMeans(p), 8)),
       sample.nobs = vapply(parts, nrow, 1L), group.equal = c("loadings", "intercepts"))
})
