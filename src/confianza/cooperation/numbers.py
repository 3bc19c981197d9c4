"""The one reader of numbers that people and programs write: amounts, counts, shares, figures.

The point and the comma are told apart by what stands around them, never by the language of the reader:

- two different marks: the last one is decimal (`1,500.75`, `1.500,75`); one mark several times groups (`1.500.000`);
- one mark before one, two, four or more digits is decimal, and so is one after a zero or four digits (`0,750`);
- spaces of any width and apostrophes only group, and every group after the first has three digits (`1 500,75`);
- one mark before exactly three digits has two readings (`1.500`), which only a `Notation` can decide.

Digits of any script and width are read; exponents, fractions and words are not numbers here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal

Notation = Mapping[str, bool]  # of a mark that stands alone before three digits: whether it is decimal
UNKNOWN: Notation = {}
MANUAL: Notation = {
    ",": False
}  # the manual and the offices of both languages write 1,500 for fifteen hundred
POINT: Notation = {",": False, ".": True}
COMMA: Notation = {",": True, ".": False}
PLAIN = {
    letter: plain
    for plain, letters in (
        ("-", "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"),
        (".", "\uff0e\u066b"),
        (",", "\uff0c"),
        ("'", "\u2018\u2019\u02bc\uff07\u066c"),
    )
    for letter in letters
}
ALONE = re.compile(r"(?!0[.,])\d{1,3}([.,])\d{3}")
GROUPED = re.compile(r"(\d{1,3}(?:([ '.,])\d{3})(?:\2\d{3})*)(?:([.,])(\d+))?")
SIMPLE = re.compile(r"(\d*)(?:([.,])(\d+))?")


class NumberTextError(ValueError):
    """A text is no number."""


class AmbiguousNumberError(NumberTextError):
    """A text has two readings; `readings` are both, the smaller first."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        whole, part = re.split("[.,]", text)
        self.readings = (Decimal(f"{whole}.{part}"), Decimal(whole + part))


def _plain(text: str) -> str:
    """The text in ASCII: digits of any script, one space for any that separates, `-`, `.`, `,` and `'`."""
    letters = []
    for letter in text.strip():
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            letters.append(str(digit))
        elif unicodedata.category(letter) == "Zs":
            letters.append(" ")
        elif unicodedata.category(letter) != "Cf":  # marks of direction around Arabic digits
            letters.append(PLAIN.get(letter, letter))
    return "".join(letters).strip()


def _without_sign(text: str) -> tuple[bool, str]:
    """Whether the number is negative (`-1`, `1-`, `(1)`), and the text without that."""
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    if text.startswith("-"):
        return True, text[1:].strip()
    if text.endswith("-"):
        return True, text[:-1].strip()
    return False, text.removeprefix("+").strip()


def _without_marks(text: str, marks: Iterable[str]) -> str:
    """The text without one of the marks of currency on either side, or on both (`$1,500 USD`)."""
    by_length = sorted((_plain(mark) for mark in marks), key=len, reverse=True)
    either = "|".join(map(re.escape, by_length))
    return re.sub(rf"^(?:{either})\s*|\s*(?:{either})$", "", text, flags=re.IGNORECASE) if by_length else text


def read_number(text: str, notation: Notation = UNKNOWN, *, marks: Iterable[str] = ()) -> Decimal:
    """The number exactly as written, with as many decimals.

    Parameters
    ----------
    text : str
        As a person, a program or a cell of a workbook has it.
    notation : Notation
        What a mark alone before three digits is, where that is known.
    marks : iterable of str
        Marks of currency that may stand on either side.

    Raises
    ------
    AmbiguousNumberError
        One mark stands before exactly three digits, and the notation does not say what it is.
    NumberTextError
        The text is no number.
    """
    marks = tuple(marks)
    outer, plain = _without_sign(_plain(text))
    inner, body = _without_sign(_without_marks(plain, marks))
    if outer and inner:
        raise NumberTextError(text)
    if alone := ALONE.fullmatch(body):
        is_decimal = notation.get(alone[1])
        if is_decimal is None:
            raise AmbiguousNumberError(body)
        whole, part = re.split("[.,]", body)
        number = f"{whole}.{part}" if is_decimal else whole + part
    elif grouped := _grouped(body):
        number = grouped
    elif (simple := SIMPLE.fullmatch(body)) and body:
        number = f"{simple[1] or 0}.{simple[3] or ''}"
    else:
        raise NumberTextError(text)
    return Decimal(f"-{number}" if outer or inner else number)


def _grouped(body: str) -> str | None:
    """A number with groups of three digits in plain notation; None when there are none, or the marks do not fit."""
    match = GROUPED.fullmatch(body)
    if match is None or body.startswith("0") or match[2] == match[3]:
        return None
    if match[2] in ".," and match[3] is None and match[1].count(match[2]) == 1:
        return None  # alone: decided before
    return f"{re.sub(r'[ .,' + chr(39) + ']', '', match[1])}.{match[4] or ''}"


def decimals_of(number: Decimal) -> int:
    """How many decimals a number was written with."""
    return -int(number.as_tuple().exponent)


def read_count(text: str) -> int | None:
    """A whole number of things, zero or more; None when the text is none or has two readings."""
    try:
        number = read_number(text, MANUAL)
    except NumberTextError:
        return None
    return int(number) if number == number.to_integral_value() and number >= 0 else None


def notation_of(texts: Iterable[str]) -> Notation:
    """What a mark alone is in a column, by those of its numbers that have one reading; `UNKNOWN` if they differ.

    A program writes every number of a column alike: `4.25` beside it tells that `1.500` is one and a half.
    """
    decimals: set[str] = set()
    for text in texts:
        try:
            number = read_number(text)
        except NumberTextError:
            continue
        body = _plain(text)
        last = max(body.rfind("."), body.rfind(","))
        if last >= 0:
            is_decimal = decimals_of(number) > 0
            decimals.add(body[last] if is_decimal else {".": ",", ",": "."}[body[last]])
    return {".": POINT, ",": COMMA}[decimals.pop()] if len(decimals) == 1 else UNKNOWN
