# Nested tests, invariance ladders and score tests by lavaan and semTools, for tests/sem/analyses/test_compare.py and
# test_invariance.py.  Rscript reference.R  writes data.json, compare.json, ladder.json and score.json beside it.

suppressMessages({library(lavaan); library(semTools); library(jsonlite)})
made <- list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")),
             r = R.version.string, date = as.character(Sys.Date()))
# As tight as nlminb goes without calling what it finds a false convergence.
fit_tightly <- function(fun, arguments) {
  for (tolerance in 10^-(15:10)) {
    tight <- list(control = list(rel.tol = tolerance, x.tol = tolerance, iter.max = 20000, eval.max = 50000),
                  em.h1.tol = 1e-12, em.h1.iter.max = 50000L)
    fit <- suppressWarnings(do.call(fun, c(arguments, tight)))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}
write_json_file <- function(name, what) {
  write(toJSON(c(made, what), digits = NA, auto_unbox = TRUE, na = "null"), paste0(name, ".json"))
}

# --- data --------------------------------------------------------------------------------------------------

schools <- HolzingerSwineford1939[c("school", paste0("x", 1:9))]
schools$school <- as.character(schools$school)
set.seed(20160901)
holed <- schools
for (name in c("x2", "x5", "x9")) holed[sample(nrow(holed), 40), name] <- NA

# Two groups and five items of one factor: two, three, four, five and five categories. In group b the factor is .4
# higher and wider, item o4 loads .3 less, and the first threshold of o5 is .8 higher.
n <- 600
group <- rep(c("a", "b"), each = n / 2)
factor <- rnorm(n) * ifelse(group == "b", 1.2, 1) + ifelse(group == "b", 0.4, 0)
cuts <- list(o1 = 0.2, o2 = c(-0.5, 0.6), o3 = c(-1, 0, 0.8), o4 = c(-1, -0.3, 0.4, 1.1), o5 = c(-1, -0.4, 0.5, 1.2))
answers <- data.frame(nation = group)
for (name in names(cuts)) {
  loading <- if (name == "o4") ifelse(group == "b", 0.5, 0.8) else 0.8
  response <- loading * factor + rnorm(n, 0, 0.6)
  answers[[name]] <- vapply(seq_len(n), function(i) {
    cut <- cuts[[name]]
    if (name == "o5" && group[i] == "b") cut[1] <- cut[1] + 0.5
    1L + sum(response[i] > cut)
  }, 1L)
}
answers$c1 <- 0.7 * factor + rnorm(n, 0, 0.7)

# Three groups and four items, of which i4 has a higher intercept in the third.
n <- 450
place <- rep(c("x", "y", "z"), each = n / 3)
factor <- rnorm(n) + c(x = 0, y = 0.3, z = -0.2)[place]
three <- data.frame(place = place)
for (name in paste0("i", 1:4)) three[[name]] <- 0.8 * factor + rnorm(n, 0, 0.6) + (name == "i4") * (place == "z") * 0.4

data <- list(schools = schools, holed = holed, answers = answers, three = three)
write(toJSON(lapply(data, as.list), digits = NA, na = "null"), "data.json")

# --- nested tests ------------------------------------------------------------------------------------------

nine <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
five <- "f =~ o1 + o2 + o3 + o4 + o5"
mixed <- "f =~ o2 + o3 + o4 + o5 + c1"
fitted <- function(model, data, ...) fit_tightly("cfa", list(model, data = data, ...))
ladder_of <- function(model, data, steps, ...) {
  lapply(steps, function(equal) if (length(equal)) fitted(model, data, group.equal = equal, ...) else fitted(model, data, ...))
}
answer <- function(fits, ...) {
  found <- as.data.frame(suppressWarnings(do.call(lavTestLRT, c(fits, list(...)))))
  keep <- c(df = "Df", aic = "AIC", bic = "BIC", chisq = "Chisq", chisq_diff = "Chisq diff", df_diff = "Df diff",
            rmsea = "RMSEA", pvalue = "Pr(>Chisq)")
  lapply(keep[keep %in% names(found)], function(column) found[[column]])
}
continuous <- list(NULL, "loadings", c("loadings", "intercepts"))
cases <- list()
add <- function(id, data_name, model, group, steps, fits, options, arguments = list()) {
  cases[[length(cases) + 1]] <<- list(id = id, data = data_name, model = model, group = group, options = options,
    steps = lapply(steps, as.list), arguments = arguments, expected = do.call(answer, c(list(fits), arguments)))
}
for (estimator in c("ML", "MLM", "MLMV", "MLMVS", "MLR", "GLS", "WLS", "ULS")) {
  fits <- ladder_of(nine, schools, continuous, group = "school", estimator = estimator)
  given <- list(estimator = estimator)
  add(estimator, "schools", nine, "school", continuous, fits, given)
  if (estimator %in% c("MLM", "MLR")) for (method in c("satorra.bentler.2010", "satorra.2000")) {
    add(paste(estimator, method), "schools", nine, "school", continuous, fits, given, list(method = method))
  }
  if (estimator == "MLMV") {
    add("MLMV adjusted", "schools", nine, "school", continuous, fits, given,
        list(method = "satorra.2000", scaled.shifted = FALSE))
  }
  if (estimator %in% c("ML", "GLS", "WLS", "ULS")) for (type in c("browne.residual.adf", "browne.residual.nt")) {
    add(paste(estimator, type), "schools", nine, "school", continuous, fits, given, list(type = type))
  }
}
fits <- ladder_of(nine, holed, continuous, group = "school", estimator = "MLR", missing = "fiml")
add("MLR fiml", "holed", nine, "school", continuous, fits, list(estimator = "MLR", missing = "fiml"))
ordinal <- list(NULL, "thresholds", c("thresholds", "loadings"))
items <- paste0("o", 1:5)
for (parameterization in c("delta", "theta")) {
  fits <- ladder_of(mixed, answers, ordinal, group = "nation", ordered = items[-1], parameterization = parameterization)
  add(paste("WLSMV", parameterization), "answers", mixed, "nation", ordinal, fits,
      list(ordered = items[-1], parameterization = parameterization))
}
fits <- ladder_of(mixed, answers, ordinal, group = "nation", ordered = items[-1], estimator = "ULSMV")
add("ULSMV", "answers", mixed, "nation", ordinal, fits, list(ordered = items[-1], estimator = "ULSMV"))
write_json_file("compare", list(cases = cases))

# --- the ladders of semTools ----------------------------------------------------------------------------------

rungs <- list(
  continuous = list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
                    strict = c("loadings", "intercepts", "residuals")),
  ordinal = list(configural = "", thresholds = "thresholds", loadings = c("thresholds", "loadings"),
                 intercepts = c("thresholds", "loadings", "intercepts"),
                 residuals = c("thresholds", "loadings", "intercepts", "residuals")))
kept <- c("npar", "chisq", "df", "cfi", "rmsea", "srmr", "chisq.scaled", "df.scaled", "pvalue.scaled",
          "chisq.scaling.factor", "cfi.scaled", "rmsea.scaled", "cfi.robust", "rmsea.robust")
# Items with two categories keep their own loading until intercepts are equal as well: with a unit fixed in every group, as
# semTools leaves it, equal loadings are another claim in delta than in theta, and the next step is not nested in it.
# `loadings.fixed.unit` is semTools' own step.
climb <- function(id, data_name, model, group, options = list(), ordered = NULL, binary = NULL) {
  rungs_of <- rungs[[if (is.null(ordered)) "continuous" else "ordinal"]]
  if (identical(options$parameterization, "delta")) rungs_of$residuals <- NULL
  fit_of <- function(equal, partial = NULL) {
    arguments <- c(list(configural.model = model, data = data[[data_name]], group = group, group.equal = equal,
                        ID.fac = "std.lv", return.fit = TRUE, warn = FALSE), options)
    if (!is.null(ordered)) arguments <- c(arguments, list(ordered = ordered, ID.cat = "Wu.Estabrook.2016"))
    if (!is.null(partial)) arguments <- c(arguments, list(group.partial = partial))
    fit_tightly("measEq.syntax", arguments)
  }
  measures_of <- function(fit) {
    found <- fitMeasures(fit)
    as.list(found[kept[kept %in% names(found)]])
  }
  fits <- lapply(names(rungs_of), function(name) {
    fit_of(rungs_of[[name]], if (name == "loadings" && !is.null(binary)) paste0("f=~", binary))
  })
  names(fits) <- names(rungs_of)
  found <- list(id = id, data = data_name, model = model, group = group, options = options, ordered = ordered,
       steps = lapply(fits, function(fit) {
         table <- parameterEstimates(fit)
         table <- table[table$op != "==", ]
         c(measures_of(fit), list(estimates = as.list(table[c("lhs", "op", "rhs", "group", "est", "se")])))
       }),
       compared = answer(unname(fits)))
  if (!is.null(binary)) found$loadings.fixed.unit <- measures_of(fit_of(rungs_of$loadings))
  found
}
write_json_file("ladder", list(cases = list(
  climb("ML", "schools", nine, "school", list(meanstructure = TRUE)),
  climb("MLR", "schools", nine, "school", list(estimator = "MLR", meanstructure = TRUE)),
  climb("MLR fiml", "holed", nine, "school", list(estimator = "MLR", missing = "fiml", meanstructure = TRUE)),
  climb("three groups", "three", "f =~ i1 + i2 + i3 + i4", "place", list(meanstructure = TRUE)),
  climb("delta", "answers", five, "nation", list(parameterization = "delta"), items, "o1"),
  climb("theta", "answers", five, "nation", list(parameterization = "theta"), items, "o1"),
  climb("theta mixed", "answers", mixed, "nation", list(parameterization = "theta"), items[-1]))))

# --- score tests ------------------------------------------------------------------------------------------------

# Releasing everything of one item at a time; with one parameter an item the constraints are those of its row.
released <- function(id, data_name, model, group, equal, op) {
  fit <- fitted(model, data[[data_name]], group = group, std.lv = TRUE, meanstructure = TRUE, group.equal = equal)
  table <- parTable(fit)
  rows <- which(table$op == "==")
  plabel <- function(text) match(text, table$plabel)
  concerned <- vapply(rows, function(row) {
    at <- plabel(table$lhs[row])
    if (table$op[at] != op) "" else if (op == "=~") table$rhs[at] else table$lhs[at]
  }, "")
  names <- setdiff(unique(concerned), "")
  scores <- lapply(names, function(name) {
    found <- suppressWarnings(lavTestScore(fit, release = which(concerned == name)))$test
    list(item = name, statistic = found$X2, df = found$df, pvalue = found$p.value)
  })
  list(id = id, data = data_name, model = model, group = group, step = if (op == "=~") "metric" else "scalar", scores = scores)
}
write_json_file("score", list(cases = list(
  released("schools loadings", "schools", nine, "school", "loadings", "=~"),
  released("schools intercepts", "schools", nine, "school", c("loadings", "intercepts"), "~1"),
  released("three loadings", "three", "f =~ i1 + i2 + i3 + i4", "place", "loadings", "=~"),
  released("three intercepts", "three", "f =~ i1 + i2 + i3 + i4", "place", c("loadings", "intercepts"), "~1"))))
