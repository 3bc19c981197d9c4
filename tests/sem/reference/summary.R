# What lavaan's summary() prints, for the layout of ours: Rscript summary.R
suppressMessages(library(lavaan))
read <- function(name) read.csv(file.path("data", paste0(name, ".csv")))
nine <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
democracy <- "ind60 =~ x1 + x2 + x3
dem60 =~ y1 + a*y2 + b*y3 + c*y4
dem65 =~ y5 + a*y6 + b*y7 + c*y8
dem60 ~ g*ind60
dem65 ~ h*ind60 + i*dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
ind := g*i"
hs <- read("hs")
cut3 <- hs
for (name in paste0("x", 1:9)) cut3[[name]] <- as.integer(cut(hs[[name]], c(-Inf, 3, 5, Inf)))
cut3$x3 <- as.integer(hs$x3 > 2)
cut3$x6 <- as.integer(hs$x6 > 2)
write <- function(name, fit, ...) {
  con <- file(file.path("summary", paste0(name, ".txt")), "w")
  sink(con)
  print(summary(fit, ...))
  sink()
  close(con)
}
write("equal", cfa(nine, hs, group = "school", group.equal = c("loadings", "intercepts")),
  fit.measures = TRUE, standardized = TRUE, rsquare = TRUE)
write("robust", sem(democracy, read("political"), estimator = "MLR"), fit.measures = TRUE, ci = TRUE)
write("missing", cfa(nine, read("hs_missing"), missing = "fiml", estimator = "MLR", group = "school"), fit.measures = TRUE)
write("ordered", cfa(nine, cut3, ordered = TRUE), fit.measures = TRUE, standardized = TRUE)
write("tests", cfa(nine, hs, estimator = "MLM", test = c("satorra.bentler", "mean.var.adjusted", "browne.residual.adf")))
write("covariates", sem("visual =~ x1 + x2 + x3\nvisual ~ ageyr + grade", hs))
write("constraints", cfa("visual =~ x1 + a*x2 + b*x3\na > 0.6\nb == a^2", hs))
