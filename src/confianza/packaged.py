"""The tables that come with the package."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def packaged_table(package: str, name: str) -> dict[str, Any]:
    """A TOML table beside the modules of a package, read once."""
    return tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
