"""How the package is laid out: what it offers, and that no name hides a module."""

import ast
import importlib
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from confianza import sem

MODULES = [module.name for module in pkgutil.walk_packages(sem.__path__, "confianza.sem.")]
PUBLIC = (
    "Alignment Bootstrap Fit Invariance Population Power Replications SemWarning alignment bollen_stine bootstrap cfa "
    "compare fit from_json growth invariance lavaan monte_carlo population power sem simulate"
)


def test_public_names_stay():
    assert " ".join(sem.__all__) == PUBLIC
    assert all(hasattr(sem, name) for name in sem.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_importing_a_module_gives_a_module(name):
    importlib.import_module(name)
    names: dict = {}
    exec(f"import {name} as module", names)  # noqa: S102 - looked up by attribute, as whoever writes it does
    assert isinstance(names["module"], ModuleType)
    assert names["module"] is sys.modules[name]


@pytest.mark.parametrize("name", MODULES)
def test_modules_of_the_package_are_imported_at_the_top(name):
    """An import inside a function would hide a circle from whoever reads the top of the file."""
    tree = ast.parse(Path(importlib.import_module(name).__file__).read_text(encoding="utf-8"))
    inner = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node not in tree.body]
    assert not [node.module for node in inner if (node.module or "").startswith("confianza")]
