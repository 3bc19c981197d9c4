# Values and symbolic derivatives by R of the expressions that the constraints are tested with, written to expressions.json.
#
#   Rscript expressions.R

library(jsonlite)

at <- list(a = 0.7, b = -1.3, c = 2.25, d = 0.05)
texts <- c(
  "a*b", "c+(a*b)", "-a^2", "2^-a", "a-b-c", "a/c/d", "2^3^a", "(b+c)^2", "a*b*c/(d+1)-a/b", "exp(a)*b", "exp(a*b)+log(c)",
  "sqrt(c^2+a)", "sin(a)*cos(b)", "tan(d)", "pnorm(a)", "dnorm(b)", "a^c", "log(a)/log(c)", "1/(1+exp(-a))", "-a*b", "-(a+b)^2",
  "a*-b", "2*a+3*b-c/4+1", "a*b/sqrt(a^2*c+b^2*d)", "atan(c)", "tanh(a)", "sinh(b)+cosh(c)", "asin(a)+acos(d)", "log10(c)",
  "log2(c)", "log1p(a)", "expm1(a)", "+a", "a^2^d", "1e-2*a", "a*pi", "3"
)
one <- function(text) {
  tree <- parse(text = text)[[1]]
  names <- intersect(names(at), all.vars(tree))
  value <- eval(tree, at)
  gradient <- if (length(names)) attr(eval(deriv(tree, names), at), "gradient")[1, ] else numeric()
  list(text = text, value = value, names = I(names), gradient = I(as.numeric(gradient)))
}
made <- list(program = R.version.string, date = format(Sys.Date()), at = at, expressions = lapply(texts, one))
write(toJSON(made, auto_unbox = TRUE, digits = NA, pretty = FALSE), "expressions.json")
