"""Texts that stand beside the facts they describe, in every language of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class BilingualText:
    """One sentence or name in English and Spanish."""

    en: str
    es: str

    @classmethod
    def of(cls, value: Mapping[str, str] | BilingualText | str) -> BilingualText:
        """The text of a TOML table `{en = ..., es = ...}`, or of one string that is the same in both languages."""
        if isinstance(value, BilingualText):
            return value
        return cls(value, value) if isinstance(value, str) else cls(**value)

    def in_language(self, language: str) -> str:
        """The text in `en` or `es`."""
        return self.es if language == "es" else self.en

    def format(self, **params: object) -> BilingualText:
        """The same text with its parameters filled in; a parameter may itself be a `BilingualText`."""

        def filled(language: str) -> str:
            values = {
                name: value.in_language(language) if isinstance(value, BilingualText) else value
                for name, value in params.items()
            }
            return self.in_language(language).format(**values)

        return BilingualText(filled("en"), filled("es"))

    def __str__(self) -> str:
        return self.en


def join_texts(texts: Iterable[BilingualText]) -> BilingualText:
    """The texts as one list."""
    listed = list(texts)
    return BilingualText(", ".join(text.en for text in listed), ", ".join(text.es for text in listed))


def bilingual_json(text: BilingualText) -> dict[str, str]:
    """The text as it is stored."""
    return {"en": text.en, "es": text.es}
