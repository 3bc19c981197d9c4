# lavaan's side of sem_fits.py: Rscript sem_fits.R FOLDER
#
# FOLDER holds cases.json (a list of id, model, data file, options) and the data. Prints a line a case: id, seconds of
# the fastest fit with standard errors and test, seconds of the fastest fit with measures, and the chi-square.
suppressMessages({
  library(lavaan)
  library(jsonlite)
})
folder <- commandArgs(TRUE)[1]
for (case in fromJSON(file.path(folder, "cases.json"), simplifyVector = FALSE)) {
  data <- read.csv(file.path(folder, case$data))
  fitted <- function() {
    suppressWarnings(do.call("sem", c(list(case$model, data), lapply(case$options, unlist))))
  }
  alone <- with_measures <- Inf
  for (run in seq_len(case$runs)) {
    alone <- min(alone, system.time(fit <- fitted())[["elapsed"]])
    with_measures <- min(with_measures, system.time(suppressWarnings(fitMeasures(fitted())))[["elapsed"]])
  }
  chisq <- unname(suppressWarnings(fitMeasures(fit, "chisq")))
  cat(case$id, alone, with_measures, format(chisq, digits = 15), "\n", sep = "\t")
}
