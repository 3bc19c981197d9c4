# Fits as tight as doubles allow, and what is kept of them.

read_data <- function(name) read.csv(file.path("data", paste0(name, ".csv")), na.strings = "")

# Expectation-maximisation of the saturated model to the end: lavaan's own tolerance is 1e-5.
tight <- list(em.h1.tol = 1e-12, em.h1.iter.max = 50000L)

# The Newton step from where lavaan stopped, within the active constraints; attr "gradient" is what is left there.
# (lavTech(fit, "hessian") weights the groups twice when data are missing, so it is asked for without.)
newton_step <- function(fit) {
  gradient <- lavTech(fit, "gradient")
  hessian <- lavaan:::lav_model_hessian(fit@Model, lavsamplestats = fit@SampleStats, lavdata = fit@Data, lavcache = fit@Cache,
                                        lavoptions = fit@Options, group.weight = !fit@SampleStats@missing.flag)
  basis <- diag(length(gradient))
  jacobian <- fit@Model@con.jac
  if (length(jacobian) && nrow(jacobian) > 0) {
    inactive <- attr(jacobian, "inactive.idx")
    if (length(inactive)) jacobian <- jacobian[-inactive, , drop = FALSE]
    if (nrow(jacobian) > 0) {
      decomposition <- qr(t(jacobian))
      basis <- qr.Q(decomposition, complete = TRUE)[, -seq_len(decomposition$rank), drop = FALSE]
    }
  }
  left <- drop(crossprod(basis, gradient))
  step <- -drop(basis %*% solve(crossprod(basis, hessian %*% basis), left))
  attr(step, "gradient") <- max(abs(left))
  step
}

fit_tightly <- function(fun, arguments, rounds = 25) {
  fit_once <- function(extra = list()) suppressWarnings(do.call(fun, c(arguments, tight, extra)))
  fit <- as_asked <- fit_once()
  if (!lavInspect(fit, "converged")) stop("not converged")
  best <- fit; smallest <- Inf
  for (round in seq_len(rounds)) {
    step <- newton_step(fit)
    if (lavInspect(fit, "converged") && max(abs(step)) < smallest) {
      best <- fit; smallest <- max(abs(step)); left <- attr(step, "gradient")
    }
    if (smallest < 1e-10) break
    table <- parTable(fit)
    free <- table$free > 0
    table$est[free] <- table$est[free] + step[table$free[free]]
    restart <- list(start = table)
    if (is.null(arguments$fixed.x)) restart$fixed.x <- fit@Options$fixed.x   # its default depends on the start values
    fit <- fit_once(restart)
  }
  if (!(smallest < 1e-7)) stop("a Newton step still moves a parameter by ", signif(smallest, 2))
  best@baseline <- as_asked@baseline   # lavaan would start the baseline model, too, from the values given
  check_same(as_asked, best)
  list(fit = best, step = smallest, gradient = left)
}

# Newton steps may polish the fit that was asked for, not turn it into another.
check_same <- function(asked, polished) {
  for (what in c("est", "se")) {
    a <- parTable(asked)[[what]]; b <- parTable(polished)[[what]]
    a[is.na(a)] <- 0; b[is.na(b)] <- 0   # the root of -1e-19: errors of what a constraint fixes
    if (!isTRUE(all.equal(a, b, tolerance = 1e-3))) stop("another fit after polishing: ", what, " differs: ", all.equal(a, b))
  }
  if (asked@Options$test[1] == "none") return(invisible())
  a <- fit_measures(asked); b <- fit_measures(polished)
  a <- a[names(a) %in% c("npar", "chisq", "df", "chisq.scaled", "baseline.chisq", "baseline.df", "baseline.chisq.scaled", "logl")]
  if (!isTRUE(all.equal(a, b[names(a)], tolerance = 1e-4))) stop("another fit after polishing: ", all.equal(a, b[names(a)]))
}

fit_measures <- function(fit) unclass(suppressWarnings(fitMeasures(fit)))

our_names <- function(options) {
  names(options) <- gsub(".", "_", names(options), fixed = TRUE)
  options
}

keep <- function(frame, columns) {
  frame <- as.data.frame(unclass(frame), stringsAsFactors = FALSE)
  frame[intersect(columns, names(frame))]
}

lower <- function(matrix) I(unname(matrix[lower.tri(matrix, diag = TRUE)]))

by_group <- function(fit, what) {
  found <- lavInspect(fit, what)
  if (lavInspect(fit, "ngroups") == 1) list(found) else unname(found)
}

# Moments as {names, ...}: matrices whole, vectors by name.
moments <- function(fit, what) {
  lapply(by_group(fit, what), function(one) {
    one <- one[!vapply(one, is.null, TRUE)]
    lapply(one, function(part) {
      part <- unclass(part)
      if (is.matrix(part)) list(rows = I(rownames(part)), columns = I(colnames(part)), values = unname(part)) else as.list(part)
    })
  })
}

standardized <- function(fit, type) {
  found <- suppressWarnings(standardizedSolution(fit, type = type))
  keep(found, c("lhs", "op", "rhs", "group", "label", "est.std", "se", "z", "pvalue", "ci.lower", "ci.upper"))
}

# What a case may ask for beyond the usual.
extras <- list(
  modindices = function(fit) {
    found <- suppressWarnings(modindices(fit))
    keep(found, c("lhs", "op", "rhs", "group", "mi", "epc", "sepc.lv", "sepc.all", "sepc.nox", "mi.scaled"))
  },
  scores = function(fit) predictions(fit, "regression"),
  bartlett = function(fit) predictions(fit, "Bartlett"),
  scores_ebm = function(fit) predictions(fit, "EBM", se = "none"),
  score_test = function(fit) score_test(fit),
  std_lv = function(fit) standardized(fit, "std.lv"),
  std_nox = function(fit) standardized(fit, "std.nox"),
  r2 = function(fit) lapply(by_group(fit, "r2"), function(one) as.list(unclass(one))),
  residuals = function(fit) list(raw = residual(fit, "raw"), cor = residual(fit, "cor.bollen"),
                                 normalized = residual(fit, "normalized"), standardized = residual(fit, "standardized")),
  residuals_raw = function(fit) list(raw = residual(fit, "raw"), cor = residual(fit, "cor.bollen")),
  implied = function(fit) moments(fit, "implied"),
  sampstat = function(fit) moments(fit, "sampstat"),
  gamma = function(fit) lapply(by_group(fit, "gamma"), function(one) {
    list(names = I(rownames(one)), values = lower(unclass(one)))
  }),
  ave = function(fit) unstacked(suppressWarnings(suppressMessages(semTools::AVE(fit)))),
  reliability = function(fit) unstacked(suppressWarnings(suppressMessages(semTools::reliability(fit)))),
  compRelSEM = function(fit) unstacked(suppressWarnings(suppressMessages(semTools::compRelSEM(fit)))),
  compRelSEM_tau = function(fit) unstacked(suppressWarnings(suppressMessages(semTools::compRelSEM(fit, tau.eq = TRUE))))
)

unstacked <- function(found) {
  if (is.data.frame(found)) return(as.list(lapply(found, I)))
  if (is.list(found)) return(lapply(found, unstacked))
  if (is.matrix(found)) return(list(rows = I(rownames(found)), columns = I(colnames(found)), values = unname(unclass(found))))
  as.list(unclass(found))
}

residual <- function(fit, type) {
  found <- suppressWarnings(lavResiduals(fit, type = type, summary = FALSE, drop.list.single.group = FALSE))
  lapply(unname(found), function(one) {
    one <- one[vapply(one, is.numeric, TRUE)]
    lapply(one, function(part) {
      part <- unclass(part)
      if (is.matrix(part)) list(rows = I(rownames(part)), columns = I(colnames(part)), values = unname(part)) else as.list(part[!is.na(names(part))])
    })
  })
}

# Scores of the first 20 rows of each group, in the order of the data.
predictions <- function(fit, method, se = "standard") {
  found <- suppressWarnings(lavPredict(fit, method = method, se = se))
  if (!is.list(found)) found <- structure(list(found), se = attr(found, "se"))
  rows <- lavInspect(fit, "case.idx", drop.list.single.group = FALSE)
  lapply(seq_along(found), function(g) {
    first <- seq_len(min(20, nrow(found[[g]])))
    out <- list(latent = I(colnames(found[[g]])), rows = I(rows[[g]][first]), values = unname(unclass(found[[g]])[first, , drop = FALSE]))
    error <- attr(found, "se")
    if (!is.null(error)) out$se <- unname(error[[g]][seq_len(min(20, nrow(error[[g]]))), , drop = FALSE])
    out
  })
}

score_test <- function(fit, ...) {
  found <- suppressWarnings(lavTestScore(fit, epc = TRUE, ...))
  list(test = keep(found$test, c("X2", "df", "p.value")), uni = keep(found$uni, c("lhs", "op", "rhs", "X2", "df", "p.value")),
       epc = keep(found$epc, c("lhs", "op", "rhs", "group", "label", "plabel", "est", "epc", "epv", "sepc.lv", "sepc.all", "sepc.nox")))
}

result <- function(tightly, also) {
  fit <- tightly$fit
  estimates <- suppressWarnings(parameterEstimates(fit, remove.nonfree = FALSE))
  asked <- list(
    warnings = I(tightly$warnings), iterations = lavInspect(fit, "iterations"), newton_step = tightly$step, max_gradient = tightly$gradient,
    resolved = resolved(fit),
    table = keep(parTable(fit), c("lhs", "op", "rhs", "user", "group", "free", "ustart", "exo", "label", "plabel", "est", "se")),
    estimates = keep(estimates, c("lhs", "op", "rhs", "group", "label", "est", "se", "z", "pvalue", "ci.lower", "ci.upper")),
    measures = tightly$measures)
  if (fit@Options$se != "none") {
    asked$standardized <- standardized(fit, "std.all")
    covariance <- suppressWarnings(vcov(fit))
    asked$vcov <- list(names = I(rownames(covariance)), lower = lower(unclass(covariance)))
  }
  asked$coef <- list(names = I(names(coef(fit))), values = I(unname(unclass(coef(fit)))))
  for (name in also) {
    found <- tryCatch(extras[[name]](fit), error = function(e) e)
    if (inherits(found, "error")) {
      asked$refused[[name]] <- one_line(conditionMessage(found))
    } else {
      asked[[name]] <- found
    }
  }
  asked
}

# What lavaan made of the defaults.
resolved <- function(fit) {
  o <- lavInspect(fit, "options")
  list(estimator = o$estimator, se = o$se, test = I(o$test), information = I(o$information), h1_information = I(o$h1.information),
       observed_information = I(o$observed.information), likelihood = o$likelihood, missing = o$missing, fixed_x = o$fixed.x, conditional_x = o$conditional.x,
       meanstructure = o$meanstructure, parameterization = o$parameterization,
       groups = I(as.character(lavInspect(fit, "group.label"))), n = I(unname(unlist(lavInspect(fit, "nobs")))))
}

one_line <- function(message) gsub("\\s+", " ", sub("^.*lavaan (WARNING|ERROR):\\s*", "", message))

# case("id", "cfa", model, data = "hs", also = c("modindices"), group = "school", ...): options as lavaan names them.
# One that lavaan cannot bring to an end is left out, and its reason kept.
case <- function(id, ...) unless_refused(id, reference(id, ...))

comparison <- function(id, ...) unless_refused(id, compared_fits(id, ...))

unless_refused <- function(id, made) {
  tryCatch(made, error = function(e) {
    left_out[[id]] <<- one_line(conditionMessage(e))
    cat("  LEFT OUT", id, left_out[[id]], "\n")
  })
}

reference <- function(id, fun, model, data = NULL, also = NULL, ...) {
  started <- proc.time()[[3]]
  options <- list(...)
  arguments <- c(list(model), options)
  if (!is.null(data)) arguments <- c(list(model, data = read_data(data)), options)
  warned <- character()
  withCallingHandlers(do.call(fun, c(arguments, tight)), warning = function(w) {
    warned <<- unique(c(warned, one_line(conditionMessage(w))))
    invokeRestart("muffleWarning")
  })
  tightly <- fit_tightly(fun, arguments)
  tightly$warnings <- warned
  if (!identical(options$test, "none")) tightly$measures <- as.list(fit_measures(tightly$fit))
  shown <- options
  for (name in intersect(c("sample.cov", "sample.mean"), names(shown))) shown[[name]] <- by_name(shown[[name]])
  entry <- c(list(id = id, fun = fun, model = model, data = data, options = our_names(shown)), result(tightly, also))
  names(entry)[2] <- "function"
  if (!length(options)) entry$options <- structure(list(), names = character())
  cases[[length(cases) + 1]] <<- entry
  cat(sprintf("  %-44s step %.0e gradient %.0e  %.1f s %s\n", id, tightly$step, tightly$gradient, proc.time()[[3]] - started,
              paste(warned, collapse = " | ")))
  invisible(tightly$fit)
}

by_name <- function(moment) {
  if (is.list(moment) && !is.data.frame(moment)) return(lapply(unname(moment), by_name))
  if (is.matrix(moment)) return(structure(lapply(seq_len(ncol(moment)), function(j) I(unname(moment[, j]))), names = colnames(moment)))
  as.list(moment)
}

# Fits compared: models is list(name = list(fun, model, ...)); compare(fits) gives what is kept.
compared_fits <- function(id, data, models, compare) {
  frame <- read_data(data)
  fits <- lapply(models, function(m) fit_tightly(m[[1]], c(list(m[[2]], data = frame), m[-(1:2)]))$fit)
  shown <- lapply(models, function(m) list("function" = m[[1]], model = m[[2]], options = our_names(m[-(1:2)])))
  cases[[length(cases) + 1]] <<- list(id = id, data = data, models = shown, compared = compare(fits))
  cat("  ", id, "\n")
}

write_family <- function(family, cases) {
  head <- list(family = family, lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")),
               R = as.character(getRversion()), date = as.character(Sys.Date()), left_out = left_out)
  lines <- vapply(cases, json, "")
  file <- gzfile(paste0(family, ".json.gz"), "w", compression = 9)
  writeLines(c(sub("}$", ",\"cases\":[", json(head)), paste(lines, collapse = ",\n"), "]}"), file)
  close(file)
  cat(family, length(cases), "cases", round(file.size(paste0(family, ".json.gz")) / 1e3), "kB\n")
}
