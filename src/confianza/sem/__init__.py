"""Structural equation models in lavaan's language; knows nothing of the rest and is usable on its own.

A model in one line, and its summary as lavaan prints it:

    from confianza import sem

    fit = sem.cfa("visual =~ x1 + x2 + x3", data, group="school", group_equal=["loadings"])
    fit.summary()
"""

from confianza.sem.alignment import Alignment, alignment
from confianza.sem.bootstrap import Bootstrap, bollen_stine, bootstrap
from confianza.sem.compare import compare
from confianza.sem.fit import Fit, cfa, fit, from_json, growth, lavaan, sem
from confianza.sem.invariance import Invariance, invariance
from confianza.sem.power import Power, Replications, monte_carlo, power
from confianza.sem.problems import SemWarning
from confianza.sem.simulate import Population, population, simulate

__all__ = [
    "Alignment",
    "Bootstrap",
    "Fit",
    "Invariance",
    "Population",
    "Power",
    "Replications",
    "SemWarning",
    "alignment",
    "bollen_stine",
    "bootstrap",
    "cfa",
    "compare",
    "fit",
    "from_json",
    "growth",
    "invariance",
    "lavaan",
    "monte_carlo",
    "population",
    "power",
    "sem",
    "simulate",
]
