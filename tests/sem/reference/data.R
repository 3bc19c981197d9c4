# The data sets of the reference cases, written to data/*.csv.
# Open ones come from the R packages that ship them; simulated ones from base R with a fixed seed.
# Everything is rounded before it is written, so that R and Python read the same doubles.

suppressMessages({library(lavaan); library(semTools)})

write_data <- function(name, frame) {
  write.csv(frame, file.path("data", paste0(name, ".csv")), row.names = FALSE, na = "", quote = FALSE)
}

open_data <- function() {
  hs <- lavaan::HolzingerSwineford1939
  hs$id <- NULL
  hs$age <- c("young", "middle", "old")[1 + (hs$ageyr > 12) + (hs$ageyr > 13)]
  xs <- paste0("x", 1:9)
  hs[xs] <- round(hs[xs], 6)
  write_data("hs", hs)

  set.seed(1939)
  for (x in xs[c(2, 3, 5, 8)]) hs[[x]][runif(nrow(hs)) < 0.12] <- NA       # completely at random
  hs$x6[hs$x4 < 2.4 & !is.na(hs$x4)] <- NA                                 # at random, given x4
  hs[nrow(hs) %/% 2 + 0:1, xs] <- NA                                       # nothing observed
  write_data("hs_missing", hs)

  write_data("political", round(lavaan::PoliticalDemocracy, 6))
  growth <- round(lavaan::Demo.growth, 6)
  write_data("growth", growth)
  growth$t4[runif(400) < 0.25] <- NA
  growth$t3[growth$t2 < 0 & runif(400) < 0.5] <- NA
  write_data("growth_missing", growth)
  burns <- lavaan::FacialBurns
  burns$Sex <- as.character(burns$Sex)
  write_data("burns", burns)
  datcat <- semTools::datCat
  for (u in paste0("u", 1:8)) datcat[[u]] <- as.integer(datcat[[u]])
  write_data("datcat", datcat)
  long <- semTools::exLong
  long$sex <- as.character(long$sex)
  long[-1] <- round(long[-1], 6)
  write_data("exlong", long)
  write_data("talor", psych::Tal.Or[c("cond", "pmi", "import", "reaction", "gender", "age")])
  lsat <- psych::bock.table
  items <- lsat[rep(seq_len(nrow(lsat)), lsat$Ob6), 2:6]
  names(items) <- paste0("i", 1:5)
  write_data("lsat6", items)
  bfi <- psych::bfi[1:700, ]
  bfi$sex <- c("man", "woman")[bfi$gender]
  names(bfi) <- tolower(names(bfi))
  write_data("bfi", bfi[c(paste0("a", 1:5), paste0("c", 1:5), paste0("n", 1:5), "sex", "education", "age")])
}

normal <- function(n, covariance) matrix(rnorm(n * ncol(covariance)), n) %*% chol(covariance)

# Three nations with string labels, two factors of four items, two covariates; items of the last are skewed.
nations <- function() {
  set.seed(20240101)
  one <- function(n, label, mean, loading, intercept) {
    z <- rnorm(n); w <- rbinom(n, 1, 0.4)
    e <- normal(n, matrix(c(1, 0.4, 0.4, 1), 2))
    f <- mean[1] + 0.4 * z + 0.3 * w + e[, 1]
    g <- mean[2] + 0.5 * f - 0.2 * z + 0.8 * e[, 2]
    y <- sapply(1:8, function(j) {
      intercept[j] + loading[j] * (if (j <= 4) f else g) + rnorm(n, sd = 0.7 + 0.05 * j)
    })
    y[, 8] <- y[, 8] + 0.6 * (rexp(n) - 1)
    colnames(y) <- paste0("y", 1:8)
    data.frame(round(y, 5), z = round(z, 5), w = w, nation = label)
  }
  loading <- c(1, 0.8, 1.1, 0.7, 1, 0.9, 0.6, 1.2)
  intercept <- c(2, 3, 2.5, 1, 0, 0.5, 4, 2)
  rows <- rbind(
    one(170, "north", c(0, 0), loading, intercept),
    one(210, "south", c(0.4, -0.2), loading * c(1, 1, 1, 1.3, 1, 1, 1, 1), intercept + c(0, 0, 0.5, 0, 0, 0, 0, 0)),
    one(140, "west", c(-0.3, 0.1), loading, intercept))
  rows <- rows[sample(nrow(rows)), ]   # the first label met is not the first of the alphabet
  write_data("nations", rows)
  for (y in c("y1", "y4", "y6", "y7")) rows[[y]][runif(nrow(rows)) < 0.1] <- NA
  rows$y8[rows$y5 > 1.6 & !is.na(rows$y5)] <- NA
  rows$z[runif(nrow(rows)) < 0.08] <- NA
  write_data("nations_missing", rows)
}

# Heavy tails and skew: scaled tests and sandwich errors differ from normal theory.
heavy <- function() {
  set.seed(7)
  n <- 350
  f <- normal(n, matrix(c(1, 0.5, 0.5, 1), 2)) / sqrt(rchisq(n, 6) / 6)
  x <- sapply(1:6, function(j) 0.8 * f[, 1 + (j > 3)] + 0.7 * (rchisq(n, 2) - 2) / 2)
  colnames(x) <- paste0("h", 1:6)
  write_data("heavy", data.frame(round(x, 5), team = sample(c("blue", "amber"), n, TRUE)))
}

# One factor seen through items of 2, 3, 4, 5 and 7 categories, continuous items, two covariates, two languages.
ordinal <- function() {
  set.seed(41)
  n <- 640
  language <- sample(c("es", "en"), n, TRUE, c(0.55, 0.45))
  z <- round(rnorm(n), 4); w <- rbinom(n, 1, 0.5)
  f <- 0.4 * z - 0.3 * w + 0.3 * (language == "en") + rnorm(n)
  g <- 0.5 * f + 0.8 * rnorm(n)
  cut_at <- function(x, at) as.integer(cut(x, c(-Inf, at, Inf)))
  block <- function(prefix, factor, cuts) {
    out <- sapply(1:4, function(j) cut_at(c(0.9, 0.7, 1.0, 0.8)[j] * factor + rnorm(n, sd = 0.75), cuts + 0.12 * (j - 2)))
    colnames(out) <- paste0(prefix, 1:4)
    out
  }
  continuous <- sapply(1:3, function(j) round(c(1, 0.8, 0.9)[j] * g + rnorm(n, sd = 0.7), 4))
  colnames(continuous) <- paste0("c", 1:3)
  rows <- data.frame(
    block("b", f, 0.3), block("t", g, c(-0.6, 0.7)), block("q", f, c(-1, 0, 1)),
    block("l", g, c(-1.3, -0.4, 0.4, 1.2)), block("s", f, c(-1.8, -1, -0.4, 0.2, 0.9, 1.7)),
    continuous, z = z, w = w, language = language)
  write_data("ordinal", rows)
  for (x in c("b1", "b3", "q2", "q4", "l1", "l3", "c2")) rows[[x]][runif(n) < 0.1] <- NA
  rows$l2[rows$l4 == 5 & runif(n) < 0.5] <- NA
  write_data("ordinal_missing", rows)
}

# Two outcomes that move each other, each with an instrument of its own.
feedback <- function() {
  set.seed(12)
  n <- 260
  x <- normal(n, matrix(c(1, 0.3, 0.3, 1), 2))
  e <- normal(n, matrix(c(1, 0.2, 0.2, 1), 2))
  y <- (cbind(0.6 * x[, 1], 0.5 * x[, 2]) + e) %*% solve(diag(2) - matrix(c(0, 0.4, 0.3, 0), 2))
  write_data("feedback", data.frame(round(cbind(x1 = x[, 1], x2 = x[, 2], y1 = y[, 1], y2 = y[, 2]), 5)))
}

# Test scores with a standard deviation of 100 beside outcomes with one of a quarter: what is small in one unit is not in another.
scores <- function() {
  set.seed(100)
  n <- 400
  ses <- rnorm(n)
  f <- 0.5 * ses + rnorm(n)
  write_data("scores", data.frame(
    math = round(500 + 100 * (0.75 * f + 0.4 * rnorm(n)), 2), reading = round(500 + 100 * (0.7 * f + 0.5 * rnorm(n)), 2),
    belong = round(0.055 * ses + 0.25 * rnorm(n), 5), hours = round(-0.1 * ses + rnorm(n), 5), ses = round(ses, 5)))
}

write_all_data <- function() {
  dir.create("data", showWarnings = FALSE)
  open_data(); nations(); heavy(); ordinal(); feedback(); scores()
}
