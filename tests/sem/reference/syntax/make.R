# Parameter tables of lavaan for the cases in cases.json, written to lavaan.json.
#
#   Rscript make.R [cases.json lavaan.json]
#
# Each case is a model with its convention, groups and options; the data are noise, since a table does not depend on them
# beyond the names of the columns and the numbers of categories. Nothing is fitted.

suppressMessages({library(lavaan); library(jsonlite)})

files <- commandArgs(trailingOnly = TRUE)
if (!length(files)) files <- c("cases.json", "lavaan.json")
cases <- fromJSON(files[1], simplifyVector = FALSE)

data_of <- function(case) {
  set.seed(20261124)
  names <- paste0(rep(c("x", "y", "z"), each = 9), 1:9)
  data <- as.data.frame(matrix(rnorm(600 * 27), 600, dimnames = list(NULL, names)))
  for (name in names(case$categories)) {
    count <- case$categories[[name]]
    data[[name]] <- as.integer(cut(data[[name]], c(-Inf, qnorm(seq_len(count - 1) / count), Inf)))
  }
  data$nation <- rep(seq_len(case$n_groups), length.out = 600)
  data
}

table_of <- function(case) {
  options <- lapply(case$options, unlist)
  names(options) <- gsub("_", ".", names(options))
  arguments <- c(list(model = case$model, data = data_of(case), do.fit = FALSE, warn = FALSE), options)
  if (case$n_groups > 1) arguments$group <- "nation"
  if (length(case$categories)) arguments$ordered <- names(case$categories)
  fit <- suppressWarnings(do.call(case$convention, arguments))
  table <- parTable(fit)
  list(
    rows = data.frame(
      lhs = table$lhs, op = table$op, rhs = table$rhs, group = table$group, user = table$user,
      free = table$free > 0, value = ifelse(table$free > 0 & table$user == 0, NA, table$ustart), label = table$label,
      plabel = table$plabel, exo = table$exo > 0
    ),
    observed = I(lavNames(fit, "ov")), latent = I(lavNames(fit, "lv")), exogenous = I(lavNames(fit, "ov.x")),
    ordered = I(lavNames(fit, "ov.ord"))
  )
}

tables <- lapply(cases, function(case) tryCatch(table_of(case), error = function(e) list(error = conditionMessage(e))))
made <- list(
  program = R.version.string, lavaan = as.character(packageVersion("lavaan")), date = format(Sys.Date()), tables = tables
)
write(toJSON(made, dataframe = "columns", auto_unbox = TRUE, digits = NA, na = "null"), files[2])
