# Makes the reference of confianza.sem with lavaan:   Rscript make.R [data] [family ...]
#
# Every family of cases.R (a file of cases/*.R) becomes one <family>.json. Each fit is lavaan's own, restarted from Newton steps until a
# further step no longer matters; fits that do not converge are refused, so that none is a reference.

suppressMessages({library(lavaan); library(semTools)})
setwd(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))))
source("data.R")
source("json.R")
source("fit.R")

arguments <- commandArgs(TRUE)
if ("data" %in% arguments) write_all_data()
families <- sub("\\.R$", "", list.files("cases"))
asked <- setdiff(arguments, "data")
if (length(asked)) families <- intersect(asked, families) else if ("data" %in% arguments) families <- character()
for (family in families) {
  cases <- list()
  left_out <- structure(list(), names = character())
  source(file.path("cases", paste0(family, ".R")))
  write_family(family, cases)
}
