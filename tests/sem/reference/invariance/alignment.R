# Alignment (Asparouhov and Muthén, 2014) of lavaan's configural estimates by optim() from many starts, written from the
# published loss and with numerical derivatives throughout; for tests/sem/analyses/test_alignment.py.
# Rscript alignment.R  writes alignment.json beside it.

suppressMessages({library(lavaan); library(jsonlite)})

set.seed(20140101)
groups <- 6; n <- 150
place <- rep(paste0("g", seq_len(groups)), each = n)
means <- c(0, 0.5, -0.4, 0.3, 0.1, -0.2); deviations <- c(1, 1.2, 0.9, 1.1, 0.8, 1)
g <- rep(seq_len(groups), each = n)
factor <- means[g] + deviations[g] * rnorm(groups * n)
loading <- c(0.8, 0.9, 0.7, 1.0)
data <- data.frame(place = place)
for (j in 1:4) {
  shift <- (j == 2) * (g == 3) * 0.6 - (j == 4) * (g == 5) * 0.5
  slope <- loading[j] - (j == 1) * (g == 6) * 0.4
  data[[paste0("y", j)]] <- round(shift + slope * factor + rnorm(groups * n, 0, 0.6), 3)
}
ordered <- data.frame(place = place[g <= 4])
for (j in 1:4) {
  cuts <- list(c(-0.3, 0.8), c(-0.8, 0, 0.9), c(-0.5, 0.5), 0.2)[[j]]
  response <- loading[j] * factor + rnorm(groups * n, 0, 0.7)
  ordered[[paste0("o", j)]] <- vapply(which(g <= 4), function(i) {
    1L + sum(response[i] > cuts + (j == 2) * (g[i] == 3) * 0.6)
  }, 1L)
}

loss <- function(x, loadings, origins, owner, sizes, free, epsilon) {
  G <- length(sizes)
  a <- if (free) x[1:G] else c(0, x[1:(G - 1)])
  t <- tail(x, G - 1); s <- exp(c(t, -sum(t)))
  l <- loadings / s
  v <- cbind(l, origins - a * l[, owner, drop = FALSE])
  total <- 0; weight <- 0
  for (h in 2:G) for (k in 1:(h - 1)) {
    w <- sqrt(sizes[h] * sizes[k])
    total <- total + w * sum(((v[h, ] - v[k, ])^2 + epsilon)^0.25); weight <- weight + w
  }
  total / weight
}
search <- function(start, ...) {
  for (round in 1:6) {
    end <- optim(start, loss, ..., method = "BFGS",
                 control = list(reltol = 1e-16, maxit = 5000, ndeps = rep(10^-(3 + round / 2), length(start))))
    start <- end$par
  }
  end
}
align <- function(loadings, origins, owner, sizes, free, starts = 20, from = NULL) {
  G <- length(sizes); count <- if (free) 2 * G - 1 else 2 * G - 2
  given <- list(loadings = loadings, origins = origins, owner = owner, sizes = sizes, free = free, epsilon = 0.01)
  if (is.null(from)) {
    ends <- lapply(seq_len(starts), function(i) do.call(optim, c(list(par = rnorm(count, 0, 0.3), fn = loss), given, list(method = "BFGS"))))
    from <- ends[[which.min(vapply(ends, function(end) end$value, 0))]]$par
  }
  end <- do.call(search, c(list(start = from), given))
  x <- end$par; a <- if (free) x[1:G] else c(0, x[1:(G - 1)])
  t <- tail(x, G - 1); s <- exp(c(t, -sum(t)))
  list(loss = end$value, means = a / s[1], variances = (s / s[1])^2, par = x)
}
parts <- function(fit, items, levels = NULL) {
  table <- parameterEstimates(fit)
  pick <- function(op, name, side, group) table$est[table$op == op & table[[side]] == name & table$group == group]
  G <- lavInspect(fit, "ngroups")
  loadings <- t(vapply(1:G, function(k) vapply(items, function(item) pick("=~", item, "rhs", k), 0), numeric(length(items))))
  columns <- lapply(seq_along(items), function(j) t(matrix(vapply(1:G, function(k) {
    if (is.null(levels)) pick("~1", items[j], "lhs", k) else -pick("|", items[j], "lhs", k)
  }, numeric(if (is.null(levels)) 1 else levels[j] - 1)), ncol = G)))
  list(loadings = loadings, origins = do.call(cbind, columns),
       owner = rep(seq_along(items), vapply(columns, ncol, 1L)), sizes = lavInspect(fit, "nobs"))
}

fit_tightly <- function(...) {
  for (tolerance in 10^-(14:10)) {
    fit <- suppressWarnings(cfa(..., control = list(rel.tol = tolerance, x.tol = tolerance, iter.max = 10000, eval.max = 20000)))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("lavaan did not converge")
}
plain <- fit_tightly("f =~ y1 + y2 + y3 + y4", data, group = "place", std.lv = TRUE, meanstructure = TRUE)
given <- parts(plain, paste0("y", 1:4))
cases <- list()
for (free in c(FALSE, TRUE)) {
  found <- do.call(align, c(given, list(free = free)))
  case <- list(id = if (free) "free" else "fixed", data = "plain", method = if (free) "free" else "fixed",
               means = found$means, variances = found$variances, loss = found$loss)
  if (!free) {  # standard errors: the solution as a function of the configural estimates, by differences
    covariance <- vcov(plain); table <- parTable(plain); step <- 1e-3
    slots <- table[table$free > 0 & table$op %in% c("=~", "~1"), ]
    jacobian <- vapply(seq_len(nrow(slots)), function(i) {
      moved <- lapply(c(step, -step), function(by) {
        changed <- given
        j <- match(if (slots$op[i] == "=~") slots$rhs[i] else slots$lhs[i], paste0("y", 1:4))
        if (slots$op[i] == "=~") changed$loadings[slots$group[i], j] <- changed$loadings[slots$group[i], j] + by
        else changed$origins[slots$group[i], j] <- changed$origins[slots$group[i], j] + by
        do.call(align, c(changed, list(free = FALSE, from = found$par)))$means
      })
      (moved[[1]] - moved[[2]]) / (2 * step)
    }, numeric(groups))
    case$se <- sqrt(diag(jacobian %*% covariance[slots$free, slots$free] %*% t(jacobian)))
  }
  cases[[length(cases) + 1]] <- case
}
names <- paste0("o", 1:4)
probit <- fit_tightly("f =~ o1 + o2 + o3 + o4", ordered, group = "place", std.lv = TRUE, ordered = names,
              parameterization = "theta")
given <- parts(probit, names, c(3, 4, 3, 2))
found <- do.call(align, c(given, list(free = FALSE)))
cases[[3]] <- list(id = "ordered", data = "ordered", method = "fixed", means = found$means, variances = found$variances,
                   loss = found$loss)
write(toJSON(list(lavaan = as.character(packageVersion("lavaan")), r = R.version.string, date = as.character(Sys.Date()),
                  data = list(plain = as.list(data), ordered = as.list(ordered)), cases = cases),
             digits = NA, auto_unbox = TRUE), "alignment.json")
