# Bootstrap refits by lavaan of given draws, for tests/sem/results/test_bootstrap.py.
#
#     Rscript make.R
#
# Writes draws.json.gz beside this script: for each case the data, the rows that every draw takes (of its group, from 1),
# lavaan's coefficients in every draw (null where it found none), its chi-squares, and what parameterEstimates() makes of
# those coefficients for every kind of interval. The optimiser's tolerances are tightened. Bollen and Stine's
# transformed rows are made here by symmetric roots and refitted in the same way.
suppressMessages({library(lavaan); library(jsonlite)})
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
tight <- list(rel.tol = 1e-13, eval.max = 20000L, iter.max = 10000L)

resampled <- function(data, group, rows) {
  parts <- if (is.null(group)) list(data) else split(data, factor(data[[group]], unique(data[[group]])))
  do.call(rbind, Map(function(part, taken) part[taken, , drop = FALSE], parts, rows))
}

sqrtm <- function(m, power) {
  e <- eigen(m, symmetric = TRUE)
  e$vectors %*% (e$values^power * t(e$vectors))
}

# Rows for which the model holds: (Y - m) S^(-1/2) Sigma^(1/2) + mu.
under_the_model <- function(fit, data, group) {
  names_of <- lavNames(fit, "ov")
  implied <- lavTech(fit, "implied", drop.list.single.group = FALSE)
  sample <- lavTech(fit, "sampstat", drop.list.single.group = FALSE)
  for (g in seq_along(implied)) {
    rows <- if (is.null(group)) seq_len(nrow(data)) else which(data[[group]] == unique(data[[group]])[g])
    y <- scale(as.matrix(data[rows, names_of]), scale = FALSE)
    mu <- if (is.null(implied[[g]]$mean)) 0 else rep(implied[[g]]$mean, each = nrow(y))
    data[rows, names_of] <- y %*% sqrtm(sample[[g]]$cov, -0.5) %*% sqrtm(implied[[g]]$cov, 0.5) + mu
  }
  data
}

cases <- list()
case <- function(name, model, data, draws, group = NULL, intervals = TRUE, bollen_stine = FALSE, ...) {
  options <- list(...)
  refit <- function(data) {
    for (control in list(tight, list())) {
      fit <- suppressWarnings(do.call("sem", c(list(model, data, group = group, control = control), options)))
      if (lavInspect(fit, "converged")) break
    }
    fit
  }
  fit <- refit(data)
  if (!lavInspect(fit, "converged")) stop(name, ": not converged")
  if (bollen_stine) data_used <- under_the_model(fit, data, group) else data_used <- data
  sizes <- lavInspect(fit, "nobs")
  rows <- lapply(sizes, function(n) matrix(sample.int(n, n * draws, TRUE), draws))
  found <- lapply(seq_len(draws), function(d) tryCatch({
    one <- refit(resampled(data_used, group, lapply(rows, function(r) r[d, ])))
    if (!lavInspect(one, "converged")) NULL else list(coef = unname(coef(one)), chisq = unname(fitMeasures(one, "chisq")))
  }, error = function(e) NULL))
  out <- list(case = unbox(name), model = unbox(model), group = unbox(if (is.null(group)) NA else group),
              options = lapply(options, function(o) if (length(o) == 1) unbox(o) else o),
              data = as.list(data), rows = rows, coef = lapply(found, `[[`, "coef"),
              chisq = vapply(found, function(f) if (is.null(f)) NA_real_ else f$chisq, 0),
              chisq_sample = unbox(unname(fitMeasures(fit, "chisq"))))
  if (intervals) {
    fit@Options$se <- "bootstrap"
    fit@boot <- list(coef = do.call(rbind, out$coef))
    # standard errors as lavaan takes them from these coefficients
    n <- nrow(fit@boot$coef)
    fit@vcov$vcov <- cov(fit@boot$coef) * (n - 1) / n
    table <- parTable(fit)
    out$intervals <- lapply(c("perc", "bca.simple", "norm", "basic"), function(kind) {
      fit@ParTable$se <- lavaan:::lav_model_vcov_se(fit@Model, fit@ParTable, VCOV = fit@vcov$vcov, BOOT = fit@boot$coef)
      e <- parameterEstimates(fit, boot.ci.type = kind)
      list(kind = unbox(kind), lhs = e$lhs, op = e$op, rhs = e$rhs, est = e$est, se = e$se,
           lower = e$ci.lower, upper = e$ci.upper)
    })
  }
  cases[[name]] <<- out
}

set.seed(20261125)
hs <- lavaan::HolzingerSwineford1939
xs <- paste0("x", 1:9)
hs[xs] <- round(hs[xs], 4)
hs <- hs[c("school", "sex", "ageyr", xs)]
hs$school <- as.character(hs$school)
three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
path <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ a*visual + b*ageyr\nvisual ~ c*ageyr\nthrough := a*c\nshare := through / (through + b)"

case("path", path, hs, 199)
case("groups", three, hs, 40, group = "school", group.equal = c("loadings", "intercepts"))
case("wishart", three, hs, 20, intervals = FALSE, likelihood = "wishart")
case("gls", path, hs, 20, intervals = FALSE, estimator = "GLS")
case("uls", three, hs, 20, intervals = FALSE, estimator = "ULS", meanstructure = TRUE)
case("wls", "visual =~ x1 + x2 + x3 + x4", hs, 10, intervals = FALSE, estimator = "WLS")
case("nonlinear", "visual =~ x1 + a*x2 + b*x3 + x4\na*b == 0.5", hs, 10, intervals = FALSE)
case("bollen_stine", "textual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9", hs, 60, group = "school", intervals = FALSE, bollen_stine = TRUE)
holes <- hs
for (x in xs[c(2, 3, 5, 8)]) holes[[x]][runif(nrow(hs)) < 0.15] <- NA
case("fiml", three, holes, 12, group = "school", group.equal = "loadings", intervals = FALSE, missing = "fiml")
cut_at <- hs
for (x in xs[1:6]) cut_at[[x]] <- as.integer(cut(hs[[x]], c(-Inf, quantile(hs[[x]], c(0.3, 0.7)), Inf)))
case("ordered", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6", cut_at[c("x1", "x2", "x3", "x4", "x5", "x6")], 10,
     intervals = FALSE, ordered = xs[1:6])

out <- list(made_by = unbox("Rscript make.R"), lavaan = unbox(as.character(packageVersion("lavaan"))),
            r = unbox(R.version.string), date = unbox(format(Sys.Date())), cases = unname(cases))
connection <- gzfile(file.path(folder, "draws.json.gz"), "w")
write(toJSON(out, digits = NA, na = "null", null = "null"), connection)
close(connection)
