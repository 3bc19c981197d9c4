# lavaan's side of sem_fits.py: Rscript sem_fits.R FOLDER SUMMARY
#
# FOLDER holds cases.json (a list of id, model, data file, options) and the data, SUMMARY is min or median. Prints a line
# a case: id, that of the seconds of fits with standard errors and test, that of fits with measures, and the chi-square.
suppressMessages({
  library(lavaan)
  library(jsonlite)
})
folder <- commandArgs(TRUE)[1]
summarised <- match.fun(commandArgs(TRUE)[2])
for (case in fromJSON(file.path(folder, "cases.json"), simplifyVector = FALSE)) {
  data <- read.csv(file.path(folder, case$data))
  fitted <- function() {
    suppressWarnings(do.call("sem", c(list(case$model, data), lapply(case$options, unlist))))
  }
  alone <- with_measures <- numeric()
  for (run in seq_len(case$runs)) {
    alone[run] <- system.time(fit <- fitted())[["elapsed"]]
    with_measures[run] <- system.time(suppressWarnings(fitMeasures(fitted())))[["elapsed"]]
  }
  chisq <- unname(suppressWarnings(fitMeasures(fit, "chisq")))
  cat(case$id, summarised(alone), summarised(with_measures), format(chisq, digits = 15), "\n", sep = "\t")
}
