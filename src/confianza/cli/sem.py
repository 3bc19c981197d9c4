"""`confianza sem`: structural equation models from files."""

from __future__ import annotations

import csv
import io
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import Language, read_file, terminal_language, write_file
from confianza.errors import ModelError

if TYPE_CHECKING:
    from confianza.sem import Fit

app = typer.Typer(help="Structural equation models, in lavaan's language.", no_args_is_help=True)


class Convention(StrEnum):
    """What is added to a model that does not say it."""

    SEM = "sem"
    CFA = "cfa"
    GROWTH = "growth"
    LAVAAN = "lavaan"


class ResultFormat(StrEnum):
    """How a fit is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


ModelArgument = Annotated[
    str, typer.Argument(help="File with the model in lavaan's syntax; - for standard input.")
]
DataArgument = Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet; the first row names the columns.")]
NamesOption = list[str] | None


def _names(option: NamesOption) -> list[str]:
    """Names given with several options or with commas between them."""
    return [name.strip() for part in option or [] for name in part.split(",") if name.strip()]


def _ordered(option: NamesOption) -> list[str] | bool:
    """The ordered variables; True for all."""
    names = _names(option)
    return True if names == ["all"] else names


@app.command()
def fit(
    model: ModelArgument,
    data: DataArgument,
    convention: Annotated[
        Convention, typer.Option(help="Which defaults complete the model.")
    ] = Convention.SEM,
    group: Annotated[str | None, typer.Option(help="Column that tells the groups apart.")] = None,
    group_equal: Annotated[
        NamesOption, typer.Option(help="What is equal in all groups: loadings, intercepts, …")
    ] = None,
    group_partial: Annotated[
        NamesOption, typer.Option(help="Parameters left free of that, such as 'f =~ x2'.")
    ] = None,
    estimator: Annotated[str, typer.Option(help="ML, MLR, MLM, GLS, ULS, WLS, DWLS, WLSMV, …")] = "default",
    missing: Annotated[str, typer.Option(help="listwise, fiml, fiml.x or pairwise.")] = "listwise",
    missing_codes: Annotated[
        NamesOption,
        typer.Option(help="Values that stand for a missing one in every column: --missing-codes=-99,999."),
    ] = None,
    ordered: Annotated[
        NamesOption, typer.Option(help="Ordered variables; 'all' for every one of the model.")
    ] = None,
    parameterization: Annotated[
        str, typer.Option(help="delta or theta, with ordered variables.")
    ] = "default",
    std_lv: Annotated[bool, typer.Option("--std-lv", help="Fix the variances of latent variables.")] = False,
    meanstructure: Annotated[bool, typer.Option("--meanstructure", help="Model the means.")] = False,
    se: Annotated[
        str, typer.Option(help="standard, robust.sem, robust.huber.white, bootstrap or none.")
    ] = "default",
    standardized: Annotated[bool, typer.Option("--standardized", help="Add standardized estimates.")] = False,
    fit_measures: Annotated[bool, typer.Option("--fit-measures", help="Add the measures of fit.")] = False,
    rsquare: Annotated[bool, typer.Option("--rsquare", help="Add explained variance.")] = False,
    ci: Annotated[bool, typer.Option("--ci", help="Add 95 % intervals.")] = False,
    modindices: Annotated[bool, typer.Option("--modindices", help="Add modification indices.")] = False,
    output_format: Annotated[
        ResultFormat,
        typer.Option("--format", help="text; json keeps everything (sem.from_json); csv the estimates."),
    ] = ResultFormat.TEXT,
    diagram: Annotated[Path | None, typer.Option(help="SVG file to write the path diagram to.")] = None,
) -> None:
    """Fit a model to data and print its summary."""
    options = {
        "group": group,
        "group_equal": _names(group_equal),
        "group_partial": group_partial or [],
        "estimator": estimator,
        "missing": missing,
        "missing_codes": _names(missing_codes),
        "ordered": _ordered(ordered),
        "parameterization": parameterization,
        "std_lv": std_lv,
        "meanstructure": meanstructure or None,
        "se": se,
    }
    with _printed_warnings():
        result = _fit(model, data, convention, options)
        if output_format is ResultFormat.JSON:
            text = result.to_json() + "\n"
        elif output_format is ResultFormat.CSV:
            text = _csv(result, standardized=standardized)
        else:
            parts = {"rsquare": rsquare, "ci": ci, "modindices": modindices}
            text = str(result.summary(standardized=standardized, fit_measures=fit_measures, **parts))
        if diagram is not None:
            write_file(diagram, result.diagram(standardized=standardized).encode())
    typer.echo(text, nl=False)


@app.command()
def invariance(
    model: ModelArgument,
    data: DataArgument,
    group: Annotated[str, typer.Option(help="Column that tells the groups apart.")],
    partial: Annotated[bool, typer.Option("--partial", help="Leave items free where a step fails.")] = False,
    rule: Annotated[str, typer.Option(help="chen, cheung.rensvold, difference or permutation.")] = "default",
    permutations: Annotated[int, typer.Option(help="Relabelings of the groups.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Makes the relabelings repeatable.")] = None,
    estimator: Annotated[str, typer.Option(help="As of fit.")] = "default",
    missing: Annotated[str, typer.Option(help="As of fit.")] = "listwise",
    missing_codes: Annotated[NamesOption, typer.Option(help="As of fit.")] = None,
    ordered: Annotated[NamesOption, typer.Option(help="Ordered items; 'all' for every one.")] = None,
    language: Annotated[Language, typer.Option(help="en or es.")] = Language.EN,
) -> None:
    """Test measurement invariance between groups step by step, and say what may be compared."""
    from confianza import sem

    with _printed_warnings():
        result = _call(
            sem.invariance,
            model,
            data,
            group=group,
            partial=partial,
            rule=rule,
            permutations=permutations,
            seed=seed,
            estimator=estimator,
            missing=missing,
            missing_codes=_names(missing_codes),
            ordered=_ordered(ordered),
        )
    typer.echo(result.summary(language))


def _fit(model: str, data: Path, convention: Convention, options: dict[str, Any]) -> Fit:
    from confianza import sem

    result: Fit = _call(getattr(sem, convention.value), model, data, **options)
    result.require_convergence()
    return result


def _call(function: Callable[..., Any], model: str, data: Path, **options: Any) -> Any:
    """The result of a function of the package for a model and data of files."""
    from confianza.cli.tables import read_table

    text = sys.stdin.read() if model == "-" else read_file(Path(model)).decode("utf-8-sig", errors="replace")
    table = read_table(data)
    try:
        return function(text, table.columns, **options)
    except ModelError as error:
        if error.code == "sem-not-numeric":
            raise table.not_numbers(str(error.params["name"]), options["missing_codes"]) from error
        raise


def _csv(result: Fit, *, standardized: bool) -> str:
    columns: dict[str, Iterable[Any]] = dict(result.estimates)
    if standardized:
        columns |= {
            name.replace(".", "_"): result.standardized(type=name)["est"] for name in ("std.lv", "std.all")
        }
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if value != value else value for value in row)
    return out.getvalue()


@contextmanager
def _printed_warnings() -> Iterator[None]:
    """Print each warning once on standard error, in the language of the terminal."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            texts = [
                one.message.in_language(terminal_language())
                if hasattr(one.message, "in_language")
                else str(one.message)
                for one in caught
                if getattr(one.message, "code", "") != "sem-did-not-converge"  # it is refused
            ]
            for text in dict.fromkeys(texts):
                typer.echo(text, err=True)
