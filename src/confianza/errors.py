"""Every error the library raises on purpose: one root, few families, stable codes.

An error carries a `code` and named parameters, never a finished sentence. The sentences stand in
`errors.toml`, in every language of the product: what happened, which value, why it matters, what to do.
"""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Self

from confianza.packaged import packaged_table

LANGUAGES = ("en", "es")
Writer = Callable[[object], object]  # how a parameter is written, where not as it stands


def sentences() -> Mapping[str, Mapping[str, str]]:
    """Sentence templates by error code and language, from `errors.toml`."""
    return packaged_table("confianza", "errors.toml")


def sentence(code: str, params: Mapping[str, object], language: str = "en") -> str:
    """The sentence of an error code, its parameters filled in (those with `in_language` in that language)."""
    spoken = {
        name: value.in_language(language) if hasattr(value, "in_language") else value
        for name, value in params.items()
    }
    return sentences()[code][language].format(**spoken)


def rewritten_params(params: Mapping[str, object], write: Writer) -> dict[str, object]:
    """The parameters of a sentence, each as `write` writes it."""
    return {name: write(value) for name, value in params.items()}


class CodedMessage(BaseException):
    """What is said by a code: `code` names the sentence in `errors.toml`, `params` fill it in."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def in_language(self, language: str) -> str:
        """The whole message in one of `LANGUAGES`."""
        return sentence(self.code, self.params, language)

    def rewritten(self, write: Writer) -> Self:
        """The same message, its parameters as `write` writes them: a page writes days as its language does."""
        other = copy.copy(self)
        other.params = rewritten_params(self.params, write)
        return other

    def __str__(self) -> str:
        return self.in_language("en")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled whole, so that an error of another process is told as if it were of this one."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class ConfianzaError(CodedMessage, Exception):
    """Root of the family of errors."""


class RulebookError(ConfianzaError):
    """A rulebook or another packaged table of the process is not well formed."""


class RuleRefusal(ConfianzaError):
    """A rule of the process forbids the step; see `confianza.cooperation.process`."""


class LedgerError(ConfianzaError):
    """A posting would not balance, or would take more than an account holds."""


class PermissionRefusal(ConfianzaError):
    """The actor's role may not do this."""


class ModelError(ConfianzaError):
    """A statistical model was given parameters or data it cannot use."""


class PlanError(ConfianzaError):
    """A plan cannot be made as asked; the message names the constraints in conflict."""


@dataclass(frozen=True)
class Problem:
    """One fault of an input file: where it is, and what is wrong with it."""

    code: str
    file: str
    page: int | None = None
    row: int | None = None
    field: str | None = None
    params: Mapping[str, object] = dataclass_field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """`file, page, row, field: sentence`; without a place where a form is meant."""
        labels = sentences()["problem-place"][language].split("|")
        places = [self.file] if self.file else []
        places += [
            f"{label} {value}"
            for label, value in zip(labels, (self.page, self.row, self.field), strict=True)
            if value is not None
        ]
        return ": ".join(filter(None, (", ".join(places), sentence(self.code, self.params, language))))

    def rewritten(self, write: Writer) -> Problem:
        """The same problem, its parameters as `write` writes them."""
        return replace(self, params=rewritten_params(self.params, write))

    def __str__(self) -> str:
        return self.in_language("en")


class ImportRefusal(ConfianzaError):
    """A file was refused whole: all its problems together, and nothing stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("import-refused", count=len(problems), file=problems[0].file)
        self.problems = tuple(problems)

    def rewritten(self, write: Writer) -> Self:
        other = super().rewritten(write)
        other.problems = tuple(problem.rewritten(write) for problem in self.problems)
        return other

    def in_language(self, language: str) -> str:
        listed = "\n".join(f"  {problem.in_language(language)}" for problem in self.problems)
        return f"{super().in_language(language)}\n{listed}"
