"""What a model or its data give reason to doubt, without forbidding the result."""

import warnings

from confianza.errors import CodedMessage


class SemWarning(CodedMessage, UserWarning):
    """A doubt about data, model or solution, said by a code as an error is."""


def warn(code: str, /, **params: object) -> None:
    """Warn the caller of the package."""
    warnings.warn(SemWarning(code, **params), stacklevel=3)
