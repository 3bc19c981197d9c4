# Ordinal sample statistics and their asymptotic covariance as lavaan gives them, for tests/sem/data/test_ordinal.py.
#
#     Rscript reference.R
#
# Writes one file a case beside this script: the data (null where missing), the options, and for each group
# lavInspect(fit, "wls.obs"), "gamma" (lower triangle by column) and the parts of "sampstat"; the versions and the date of
# the run are in every file. Nothing is fitted (do.fit = FALSE): these are statistics of the sample alone.
suppressMessages({library(lavaan); library(jsonlite)})
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

`%||%` <- function(a, b) if (is.null(a)) b else a
cut_at <- function(y, ...) as.integer(cut(y, c(-Inf, ..., Inf), labels = FALSE))
lower <- function(m) m[lower.tri(m, diag = TRUE)]

write_case <- function(case, data, ordered, exogenous = character(), group = NULL, missing = "listwise", ...) {
  variables <- setdiff(names(data), c(exogenous, group))
  model <- paste("f =~", paste(variables, collapse = " + "))
  if (length(exogenous)) model <- paste0(model, "\nf ~ ", paste(exogenous, collapse = " + "))
  fit <- suppressWarnings(sem(model, data, ordered = ordered, group = group, missing = missing,
                              estimator = "WLSMV", do.fit = FALSE, ...))
  per_group <- function(what) {
    got <- lavInspect(fit, what)
    lapply(if (is.null(group)) list(got) else unname(got), function(m) m)
  }
  obs <- per_group("wls.obs"); gamma <- per_group("gamma"); sample <- per_group("sampstat")
  nobs <- lavInspect(fit, "nobs")
  groups <- lapply(seq_along(obs), function(g) list(
    n = nobs[g],
    label = if (is.null(group)) unbox(NA) else unbox(lavInspect(fit, "group.label")[g]),
    names = names(obs[[g]]), moments = unname(c(obs[[g]])), nacov = unname(lower(unclass(gamma[[g]]))),
    thresholds = unname(c(sample[[g]][[if (length(exogenous)) "res.th" else "th"]])),
    covariance = unname(lower(unclass(sample[[g]][[if (length(exogenous)) "res.cov" else "cov"]])))))
  out <- list(made_by = unbox("Rscript reference.R"), lavaan = unbox(as.character(packageVersion("lavaan"))),
              r = unbox(R.version.string), date = unbox(format(Sys.Date())), case = unbox(case),
              variables = variables, ordered = ordered, exogenous = exogenous,
              group = unbox(if (is.null(group)) NA else group), missing = unbox(missing),
              options = setNames(lapply(list(...), unlist), names(list(...)) %||% character()), data = as.list(data), groups = groups)
  write(toJSON(out, digits = NA, na = "null"), file.path(folder, paste0(case, ".json")))
}

set.seed(20261125)
n <- 240
eta <- rnorm(n)
x1 <- round(rnorm(n), 3)
x2 <- rbinom(n, 1, 0.45)
latent <- sapply(1:6, function(i) 0.7 * eta + 0.3 * x1 - 0.2 * x2 + 0.7 * rnorm(n))
items <- data.frame(
  u1 = cut_at(latent[, 1], -0.5, 0.6), u2 = cut_at(latent[, 2], 0.1),
  u3 = cut_at(latent[, 3], -1.1, -0.4, 0.5, 1.2), u4 = cut_at(latent[, 4], -0.5, 0.2, 1))
numbers <- data.frame(c1 = round(latent[, 5], 3), c2 = round(2 * latent[, 6] + 1, 3))
nation <- data.frame(nation = rep(c("A", "B"), c(130, 110)))
hole <- function(data, share) { for (v in names(data)) data[[v]][runif(n) < share] <- NA; data }

write_case("polytomous", items, names(items))
write_case("groups", cbind(items, nation), names(items), group = "nation")
mixed <- cbind(items[1:2], numbers[1], items[4], numbers[2])
write_case("mixed", mixed, c("u1", "u2", "u4"))
write_case("exogenous", cbind(mixed, x1, x2), c("u1", "u2", "u4"), c("x1", "x2"))
write_case("pairwise", hole(mixed, 0.15), c("u1", "u2", "u4"), missing = "pairwise")
write_case("pairwise_exogenous", cbind(hole(mixed, 0.15), hole(data.frame(x1, x2), 0.05)), c("u1", "u2", "u4"),
           c("x1", "x2"), missing = "pairwise")
write_case("listwise", hole(mixed, 0.08), c("u1", "u2", "u4"))
write_case("numbers_pairwise_item", hole(cbind(numbers, items[2]), 0.2), "u2", missing = "pairwise")

# Tables with empty cells: two binary items that never fail together, and sparse larger tables.
few <- 60
sparse <- data.frame(
  b1 = cut_at(eta[1:few], 0.8), b2 = cut_at(eta[1:few] + 0.3 * latent[1:few, 1], -0.9),
  b3 = cut_at(latent[1:few, 2], 1.2), b4 = cut_at(-latent[1:few, 3], 1.1),
  t1 = cut_at(latent[1:few, 4], -0.9, 0.9), t2 = cut_at(latent[1:few, 4] + 0.8 * latent[1:few, 5], -1, 1.2))
write_case("empty_cells", sparse, names(sparse))
write_case("empty_cells_margins", sparse, names(sparse), zero.keep.margins = FALSE)
write_case("empty_cells_all", sparse, names(sparse), zero.add = c(0.5, 0.1))
