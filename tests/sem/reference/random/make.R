# lavaan's answers to the random models of tests/sem/random_models.py:
#   python tests/sem/random_models.py FOLDER
#   Rscript tests/sem/reference/random/make.R FOLDER tests/sem/reference/random/lavaan.json
suppressPackageStartupMessages({
  library(lavaan)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]

# tighter than the defaults; lavaan then often says that it has not converged where it has: hence force.converged
control <- list(rel.tol = 1e-12, x.tol = 1e-10, iter.max = 1500, eval.max = 2500)
measures <- c("chisq", "df", "cfi", "rmsea", "srmr", "chisq.scaled")

answer <- function(case) {
  data <- read.csv(file.path(folder, paste0(case$id, ".csv")))
  given <- case$options
  given <- lapply(given, unlist)
  warned <- character()
  fit <- tryCatch(
    withCallingHandlers(
      do.call(case$`function`, c(
        list(model = case$model, data = data, control = control, optim.force.converged = TRUE), given
      )),
      warning = function(w) {
        warned <<- c(warned, conditionMessage(w))
        invokeRestart("muffleWarning")
      }
    ),
    error = function(e) conditionMessage(e)
  )
  if (is.character(fit)) return(list(id = case$id, converged = FALSE, error = fit))
  if (!lavInspect(fit, "converged")) return(list(id = case$id, converged = FALSE, warnings = warned))
  table <- parameterEstimates(fit, remove.eq = TRUE, remove.ineq = TRUE)
  if (is.null(table$group)) table$group <- 1L
  kept <- table$op %in% c("=~", "~", "~~", "~1", "|", "~*~")
  table <- table[kept, c("lhs", "op", "rhs", "group", "est", "se")]
  found <- suppressWarnings(fitMeasures(fit))
  list(
    id = case$id, converged = TRUE, fmin = unname(found["fmin"]),
    measures = as.list(found[intersect(measures, names(found))]),
    estimates = table, warnings = warned
  )
}

cases <- fromJSON(file.path(folder, "models.json"), simplifyVector = FALSE)
said <- function(case) {
  cat(case$id, "")
  cat(system.time(found <- answer(case))["elapsed"], found$converged, "\n")
  found
}
found <- lapply(cases, said)
made <- list(
  made = format(Sys.Date()), R = R.version.string,
  lavaan = as.character(packageVersion("lavaan")), answers = found
)
writeLines(
  toJSON(made, digits = I(15), auto_unbox = TRUE, na = "null", dataframe = "columns", pretty = FALSE),
  arguments[2]
)
