# JSON with every digit: the shortest of 15, 16 and 17 that gives the same double back.

number <- function(x) {
  out <- sprintf("%.15g", x)
  for (digits in 16:17) {
    off <- !is.na(x) & as.numeric(out) != x
    out[off] <- sprintf(paste0("%.", digits, "g"), x[off])
  }
  out[!is.finite(x)] <- ifelse(is.na(x[!is.finite(x)]), "null", ifelse(x[!is.finite(x)] > 0, "Infinity", "-Infinity"))
  out
}

quoted <- function(x) {
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub('"', '\\"', x, fixed = TRUE)
  x <- gsub("\n", "\\n", x, fixed = TRUE)
  ifelse(is.na(x), "null", paste0('"', x, '"'))
}

# A list with names is an object, any other list an array; a vector of length one is a scalar unless wrapped in I().
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.data.frame(x)) return(json(lapply(as.list(x), I)))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, function(row) json(I(unname(row)))), collapse = ","), "]"))
  if (is.list(x)) {
    inside <- vapply(x, json, "")
    if (anyNA(names(x))) stop("a name is missing")
    if (!is.null(names(x))) return(paste0("{", paste0(quoted(names(x)), rep(":", length(x)), inside, collapse = ","), "}"))
    return(paste0("[", paste(inside, collapse = ","), "]"))
  }
  if (is.factor(x)) x <- as.character(x)
  if (!is.null(names(x)) && !inherits(x, "AsIs")) return(json(as.list(x)))
  wrapped <- inherits(x, "AsIs") || length(x) != 1
  plain <- unclass(x)
  out <- if (is.character(plain)) quoted(plain)
    else if (is.logical(plain)) ifelse(is.na(plain), "null", ifelse(plain, "true", "false"))
    else number(as.numeric(plain))
  if (wrapped) paste0("[", paste(out, collapse = ","), "]") else out
}
