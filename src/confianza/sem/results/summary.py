"""The printed summary of a fit, laid out as users of lavaan know it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from typing import Any

from confianza.sem.estimation.solution import Solution
from confianza.sem.model.parameter_table import Row
from confianza.sem.numerics.matrices import Array
from confianza.sem.options import Options
from confianza.sem.results.chi_square import Test
from confianza.sem.results.result_table import Table

LEFT, COLUMN = 42, 12  # widths of a label and of each number behind it
NAME, NUMBER = 18, 9  # widths of a parameter's name with its label, and of each of its numbers

CORRECTIONS = {
    "satorra.bentler": "Satorra-Bentler correction",
    "yuan.bentler": "Yuan-Bentler correction",
    "yuan.bentler.mplus": "Yuan-Bentler correction (Mplus variant)",
    "mean.var.adjusted": "mean and variance adjusted correction",
    "scaled.shifted": "simple second-order correction",
}
OTHERS = {
    "browne.residual.adf": "Browne's residual-based (ADF) test",
    "browne.residual.nt": "Browne's residual-based (NT) test",
    "bollen.stine": "Bollen-Stine bootstrap",
}
ERRORS = {
    "standard": "Standard",
    "robust.sem": "Robust.sem",
    "robust.huber.white": "Sandwich",
    "bootstrap": "Bootstrap",
}
EQUATIONS = (
    ("Latent Variables", "=~"),
    ("Composites", "<~"),
    ("Regressions", "~"),
    ("Covariances", "~~"),
)


@dataclass(frozen=True)
class Summary:
    """The text of a summary; prints as it is, in notebooks too."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def summary(
    solution: Solution,
    tests: Mapping[str, Test],
    group_statistics: Array | None,
    estimates: Table,
    *,
    measures: Mapping[str, float] | None = None,
    standardized: Mapping[str, Sequence[float]],
    r2: Table | None = None,
    indices: Table | None = None,
    has_intervals: bool = False,
) -> Summary:
    """The summary of a solution: what was fitted, its tests, and the estimates by group.

    Where they are given it shows fit `measures`, `standardized` values by the head of their column, explained
    variance (`r2`) and modification `indices`.
    """
    parts = ["\n".join(_head(solution))]
    parts += map("\n".join, _user_tests(solution, tests, group_statistics))
    if measures:
        parts += map("\n".join, _measures(measures, solution.options.discrepancy))
    parts.append("\n".join(_about_errors(solution.options)))
    parts += _estimates(solution, estimates, standardized, r2, has_intervals=has_intervals)
    if indices is not None:
        parts.append("Modification Indices:\n\n" + indices.text())
    return Summary("\n\n".join(parts) + "\n")


def _line(label: str, *cells: object, indent: int = 2) -> str:
    texts = [_number(cell) if isinstance(cell, float) else str(cell) for cell in cells]
    if not texts:
        return " " * indent + label
    width = LEFT + COLUMN * len(texts) - sum(map(len, texts)) - sum(COLUMN - len(one) for one in texts[1:])
    first = (" " * indent + label).ljust(width - 1) + " " + texts[0]
    return first + "".join(text.rjust(COLUMN) for text in texts[1:])


def _number(value: float) -> str:
    return "NA" if isnan(value) else f"{value:.3f}"


def _count(value: float) -> object:
    return int(value) if float(value).is_integer() else value


# --- what was fitted ---------------------------------------------------------------------------------------


def _head(solution: Solution) -> Iterator[str]:
    steps = f"{solution.iterations} iteration" + ("s" if solution.iterations != 1 else "")
    yield f"confianza.sem {version('confianza')} ended normally after {steps}"
    yield ""
    yield _line("Estimator", solution.options.discrepancy)
    method = "AUGMENTED-LAGRANGIAN" if solution.active_constraints else "FISHER-NEWTON"
    yield _line("Optimization method", method)
    yield _line("Number of model parameters", solution.structure.n_parameters)
    ops = [row.op for row in solution.table.rows]
    if count := ops.count("=="):
        yield _line("Number of equality constraints", count)
    if count := ops.count("<") + ops.count(">"):
        yield _line("Number of inequality constraints", count)
    yield ""
    samples = solution.moments.samples
    is_short = any(sample.n_total > sample.n for sample in samples)
    used = ("Used", "Total") if is_short else ()

    def observations(n: int, n_total: int) -> tuple[int, ...]:
        return (n, n_total) if is_short else (n,)

    patterns = solution.missing_patterns
    if len(samples) == 1:
        if is_short:
            yield _line("", *used)
        yield _line("Number of observations", *observations(samples[0].n, samples[0].n_total))
        if patterns:
            yield _line("Number of missing patterns", patterns[0])
        return
    yield _line("Number of observations per group:", *used)
    for sample in samples:
        yield _line(sample.label, *observations(sample.n, sample.n_total), indent=4)
    if patterns:
        yield _line("Number of missing patterns per group:")
        for sample, count in zip(samples, patterns, strict=True):
            yield _line(sample.label, count, indent=4)


# --- tests -------------------------------------------------------------------------------------------------


def _user_tests(
    solution: Solution, tests: Mapping[str, Test], group_statistics: Array | None
) -> Iterator[list[str]]:
    if not tests:
        return
    standard, *others = tests.values()
    corrected = [test for test in others if test.name in CORRECTIONS]
    lines = ["Model Test User Model:"]
    columns: Sequence[Test | None] = corrected or [None]
    for test in columns:
        both = (standard, test) if test else (standard,)
        if lines:
            lines.append(_line("", "Standard", "Scaled") if test else "")
        lines += [
            _line("Test statistic", *(one.statistic for one in both)),
            _line("Degrees of freedom", *(_count(one.df) for one in both)),
        ]
        if standard.df:
            kind = "Unknown" if solution.options.discrepancy == "ULS" else "Chi-square"
            lines.append(_line(f"P-value ({kind})", *(one.pvalue for one in both)))
        if test:
            lines += [
                _line("Scaling correction factor", "", test.scaling_factor),
                *([_line("Shift parameter", "", test.shift)] if test.name == "scaled.shifted" else []),
                _line(CORRECTIONS[test.name], indent=4),
            ]
        if solution.table.n_groups > 1 and group_statistics is not None:
            lines.append(_line("Test statistic for each group:"))
            for sample, statistic in zip(solution.moments.samples, group_statistics, strict=True):
                shares = [float(statistic)]
                if test:
                    part = test.shift * sample.n / solution.moments.total
                    shares.append(float(statistic) / test.scaling_factor + part)
                lines.append(_line(sample.label, *shares, indent=4))
        yield lines
        lines = []
    for test in others:
        if test.name in OTHERS:
            yield [
                _line(OTHERS[test.name]),
                _line("Test statistic", test.statistic),
                _line("Degrees of freedom", _count(test.df)),
                _line("P-value (Chi-square)", test.pvalue),
            ]


def _measures(measures: Mapping[str, float], discrepancy: str) -> Iterator[list[str]]:
    is_scaled = "chisq.scaled" in measures
    robust = {name.removesuffix(".robust") for name in measures if name.endswith(".robust")}

    def line(label: str, name: str, *, of: Callable[[float], object] = float) -> str:
        values = [measures[name]]
        if is_scaled:  # what scaling leaves as it is stands in both columns
            values.append(measures.get(f"{name}.scaled", values[0]))
        return _line(label, *map(of, values))

    def robust_line(label: str, name: str) -> str:
        return _line(label, "", measures[f"{name}.robust"])

    lines = [
        "Model Test Baseline Model:",
        "",
        line("Test statistic", "baseline.chisq"),
        line("Degrees of freedom", "baseline.df", of=_count),
        line("P-value", "baseline.pvalue"),
    ]
    if is_scaled:
        lines.append(_line("Scaling correction factor", "", measures["baseline.chisq.scaling.factor"]))
    yield lines
    lines = [
        "User Model versus Baseline Model:",
        "",
        line("Comparative Fit Index (CFI)", "cfi"),
        line("Tucker-Lewis Index (TLI)", "tli"),
    ]
    if "cfi" in robust:
        lines += ["", robust_line("Robust Comparative Fit Index (CFI)", "cfi")]
        lines += [robust_line("Robust Tucker-Lewis Index (TLI)", "tli")]
    yield lines
    if discrepancy == "ML":
        yield [
            "Loglikelihood and Information Criteria:",
            "",
            line("Loglikelihood user model (H0)", "logl"),
            *_likelihood_factor(measures, "scaling.factor.h0"),
            line("Loglikelihood unrestricted model (H1)", "unrestricted.logl"),
            *_likelihood_factor(measures, "scaling.factor.h1"),
            "",
            line("Akaike (AIC)", "aic"),
            line("Bayesian (BIC)", "bic"),
            line("Sample-size adjusted Bayesian (SABIC)", "bic2"),
        ]
    lines = ["Root Mean Square Error of Approximation:", "", line("RMSEA", "rmsea")]
    for label, name in (
        ("90 Percent confidence interval - lower", "rmsea.ci.lower"),
        ("90 Percent confidence interval - upper", "rmsea.ci.upper"),
        ("P-value H_0: RMSEA <= 0.050", "rmsea.pvalue"),
        ("P-value H_0: RMSEA >= 0.080", "rmsea.notclose.pvalue"),
    ):
        lines.append(line(label, name))
    if "rmsea" in robust:
        lines += [
            "",
            robust_line("Robust RMSEA", "rmsea"),
            robust_line("90 Percent confidence interval - lower", "rmsea.ci.lower"),
            robust_line("90 Percent confidence interval - upper", "rmsea.ci.upper"),
            robust_line("P-value H_0: Robust RMSEA <= 0.050", "rmsea.pvalue"),
            robust_line("P-value H_0: Robust RMSEA >= 0.080", "rmsea.notclose.pvalue"),
        ]
    yield lines
    yield ["Standardized Root Mean Square Residual:", "", line("SRMR", "srmr")]


def _likelihood_factor(measures: Mapping[str, float], name: str) -> Iterator[str]:
    if name in measures:
        yield _line("Scaling correction factor", "", measures[name])
        yield _line("for the MLR correction", indent=6)


# --- estimates ---------------------------------------------------------------------------------------------


def _about_errors(options: Options) -> Iterator[str]:
    yield "Parameter Estimates:"
    if options.se == "none":
        return
    yield ""
    yield _line("Standard errors", ERRORS[options.se])
    if options.se == "bootstrap":
        yield _line("Number of requested bootstrap draws", options.bootstrap)
        return
    label = "Information bread" if options.se == "robust.huber.white" else "Information"
    yield _line(label, options.information.capitalize())
    if options.information == "observed":
        yield _line("Observed information based on", "Hessian")


def _estimates(
    solution: Solution,
    estimates: Table,
    standardized: Mapping[str, Sequence[float]],
    r2: Table | None,
    *,
    has_intervals: bool,
) -> Iterator[str]:
    columns = {"Estimate": "est", "Std.Err": "se", "z-value": "z", "P(>|z|)": "pvalue"}
    if solution.options.se == "none":
        columns = {"Estimate": "est"}
    if has_intervals:
        columns |= {"ci.lower": "ci_lower", "ci.upper": "ci_upper"}
    numbers = {head: estimates[name] for head, name in columns.items()} | dict(standardized)
    parameters = solution.table.parameters
    writer = _Writer(numbers, _is_fixed(estimates["se"]), parameters)
    explained = {row.rhs for row in parameters if row.op == "=~"}
    explained |= {row.lhs for row in parameters if row.op in {"~", "<~"}}
    for group in range(1, solution.table.n_groups + 1):
        if solution.table.n_groups > 1:
            yield f"\nGroup {group} [{solution.group_labels[group - 1]}]:"
        of_group = [
            (index, row) for index, row in enumerate(parameters) if row.group == group and not row.exo
        ]
        yield from writer.sections(of_group, explained)
        if r2 is not None:
            shares = r2.where(group=group)
            yield "\n".join(
                [
                    "R-Square:",
                    writer.head("Estimate"),
                    *(
                        f"    {name}".ljust(writer.width) + _number(share).rjust(NUMBER)
                        for name, share in zip(shares["variable"], shares["r2"], strict=True)
                    ),
                ]
            )
    defined = [(index, row) for index, row in enumerate(parameters) if row.op == ":="]
    if defined:
        lines = [writer.line(f"    {row.lhs}", "", index) for index, row in defined]
        yield "\n".join(["Defined Parameters:", writer.head(*numbers), *lines])
    if slacks := list(_slacks(solution, writer)):
        yield "\n".join(
            ["Constraints:", " " * (writer.width + 3 * NUMBER) + "|Slack|".rjust(NUMBER), *slacks]
        )


def _is_fixed(errors: Sequence[float]) -> list[bool]:
    return [not error > 0 for error in errors]


def _slacks(solution: Solution, writer: _Writer) -> Iterator[str]:
    """How far each written constraint is from holding with equality."""
    known = {one.text: one for one in (*solution.constraints.nonlinear, *solution.constraints.inequalities)}
    for row in solution.table.rows:
        if row.op not in {"==", "<", ">"} or row.user != 1:
            continue
        expression = known.get(f"{row.lhs}{row.op}{row.rhs}")  # a linear equality holds exactly
        slack = abs(float(expression.value(solution.free_parameters))) if expression else 0.0
        text = f"    {row.lhs} - ({row.rhs})"
        yield text.ljust(writer.width + 3 * NUMBER) + _number(slack).rjust(NUMBER)


class _Writer:
    """Writes the lines of the table of estimates."""

    def __init__(
        self, columns: Mapping[str, Sequence[float]], is_fixed: Sequence[bool], parameters: Sequence[Row]
    ) -> None:
        self.columns, self.is_fixed = columns, is_fixed
        needed = [4 + len(row.rhs or row.lhs) for row in parameters]
        needed += [4 + len(row.lhs) + len(row.rhs) + 1 for row in parameters if row.op == "|"]
        labels = [4 + len(row.rhs or row.lhs) + 4 + len(row.label) for row in parameters if row.label]
        self.width = max([NAME, *needed, *labels])

    def head(self, *heads: str) -> str:
        return " " * self.width + "".join(head.rjust(NUMBER) for head in heads)

    def line(self, name: str, label: str, index: int) -> str:
        marked = f"({label})" if label else ""
        text = name + marked.rjust(self.width - len(name))
        for head, values in self.columns.items():
            is_blank = head in {"Std.Err", "z-value", "P(>|z|)"} and self.is_fixed[index]
            value = values[index]
            text += ("" if is_blank else _number(value)).rjust(NUMBER)
        return text.rstrip()

    def sections(self, rows: Sequence[tuple[int, Row]], explained: set[str]) -> Iterator[str]:
        """Latent variables, composites, regressions, covariances, intercepts, thresholds, variances, scales."""

        def dotted(name: str) -> str:
            return f".{name}" if name in explained else f" {name}"

        for title, op in EQUATIONS:
            lines, last = [], ""
            for index, row in rows:
                if row.op != op or (op == "~~" and row.lhs == row.rhs):
                    continue
                is_residual = op == "~~"
                if row.lhs != last:
                    lines.append(f" {dotted(row.lhs) if is_residual else ' ' + row.lhs} {op}")
                    last = row.lhs
                name = dotted(row.rhs) if is_residual else f" {row.rhs}"
                lines.append(self.line(f"   {name}", row.label, index))
            yield from self._section(title, lines)
        singles: list[tuple[str, Any]] = [
            ("Intercepts", lambda row: row.op == "~1"),
            ("Thresholds", lambda row: row.op == "|"),
            ("Variances", lambda row: row.is_variance),
            ("Scales y*", lambda row: row.op == "~*~"),
        ]
        for title, belongs in singles:
            lines = []
            for index, row in rows:
                if not belongs(row):
                    continue
                if row.op == "|":
                    name = f" {row.lhs}|{row.rhs}"
                else:
                    name = f" {row.lhs}" if row.op == "~*~" else dotted(row.lhs)
                lines.append(self.line(f"   {name}", row.label, index))
            yield from self._section(title, lines)

    def _section(self, title: str, lines: Sequence[str]) -> Iterator[str]:
        if lines:
            yield "\n".join([f"{title}:", self.head(*self.columns), *lines])
