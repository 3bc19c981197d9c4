"""What a model or its data give reason to doubt, without forbidding the result."""

import warnings

from confianza.errors import sentence


class SemWarning(UserWarning):
    """A doubt about data, model or solution; like an error it has a `code` and parameters, never a finished sentence."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def in_language(self, language: str) -> str:
        """The whole message in one of the languages of the product."""
        return sentence(self.code, self.params, language)

    def __str__(self) -> str:
        return self.in_language("en")


def warn(code: str, /, **params: object) -> None:
    """Warn the caller of the package."""
    warnings.warn(SemWarning(code, **params), stacklevel=3)
