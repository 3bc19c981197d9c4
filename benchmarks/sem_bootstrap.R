# lavaan's side of sem_bootstrap.py: Rscript sem_bootstrap.R FOLDER DRAWS PROCESSES
#
# FOLDER holds model.txt, data.csv, group.txt (empty, or the grouping column) and rows.csv (rows of each draw, from 1).
# PROCESSES 0 writes coef.csv, the coefficients of the draws of rows.csv; otherwise prints the seconds that
# bootstrapLavaan() takes for DRAWS draws, its own work only: no standard errors, no tests.
suppressMessages(library(lavaan))
arguments <- commandArgs(TRUE)
read <- function(name) paste(readLines(file.path(arguments[1], name), warn = FALSE), collapse = "\n")
data <- read.csv(file.path(arguments[1], "data.csv"))
group <- read("group.txt")
options <- if (nchar(group)) list(group = group, group.equal = c("loadings", "intercepts")) else list()
fitted <- function(rows, ...) do.call("sem", c(
  list(read("model.txt"), data[rows, ], se = "none", test = "none", ...), options))
processes <- as.integer(arguments[3])
if (processes == 0) {
  taken <- as.matrix(read.csv(file.path(arguments[1], "rows.csv"), header = FALSE))
  found <- apply(taken, 1, function(rows) coef(suppressWarnings(fitted(rows))))
  write.table(t(found), file.path(arguments[1], "coef.csv"), sep = ",", row.names = FALSE, col.names = FALSE)
} else {
  fit <- fitted(seq_len(nrow(data)))
  set.seed(1)
  took <- system.time(suppressWarnings(bootstrapLavaan(
    fit, R = as.integer(arguments[2]), parallel = if (processes > 1) "multicore" else "no", ncpus = processes)))
  cat(took[["elapsed"]])
}
