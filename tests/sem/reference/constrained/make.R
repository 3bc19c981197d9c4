# lavaan's answers to cases.json, models under inequalities and redundant equalities:   Rscript make.R
#
# Where inequalities are inactive lavaan stops some 1e-5 before the minimum, so that these are compared less closely than those of ../cases.
suppressPackageStartupMessages({
  library(lavaan)
  library(jsonlite)
})
setwd(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))))

answer <- function(case) {
  options <- case$options
  names(options) <- gsub("_", ".", names(options))
  data <- read.csv(file.path("..", "data", paste0(case$data, ".csv")))
  fit <- suppressWarnings(do.call(case$`function`, c(list(model = case$model, data = data), options)))
  if (!lavInspect(fit, "converged")) stop(case$id, ": not converged")
  table <- suppressWarnings(parameterEstimates(fit))
  list(id = case$id, measures = as.list(fitMeasures(fit, c("chisq", "df"))),
       estimates = list(est = as.numeric(table$est), se = as.numeric(table$se)))
}

answers <- lapply(fromJSON("cases.json", simplifyVector = FALSE), answer)
made <- list(made = format(Sys.Date()), R = R.version.string, lavaan = as.character(packageVersion("lavaan")), answers = answers)
writeLines(toJSON(made, digits = I(12), auto_unbox = TRUE, na = "null"), "lavaan.json")
