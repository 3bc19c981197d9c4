"""A page in parts, one at a time, each with an address of its own (`?part=`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confianza.server.requests import AccountRequest

PART = "part"


@dataclass(frozen=True)
class Part:
    """A part of a page, and where it is."""

    id: str
    name: Any
    address: str
    is_shown: bool


def part_of(request: AccountRequest, names: Mapping[str, Any]) -> str:
    """The part a request asks for: the first where it names none of the page's."""
    asked = request.GET.get(PART, "")
    return asked if asked in names else next(iter(names))


def parts(names: Mapping[str, Any], shown: str, address: str) -> list[Part]:
    """The parts of the page at an address; the first needs no more than that address."""
    first = next(iter(names))
    return [
        Part(part, name, address if part == first else f"{address}?{PART}={part}", part == shown)
        for part, name in names.items()
    ]
