"""Structural equation models in lavaan's language; knows nothing of the rest and is usable on its own.

A model in one line, and its summary as lavaan prints it:

    from confianza import sem

    fit = sem.cfa("visual =~ x1 + x2 + x3", data, group="school", group_equal=["loadings"])
    fit.summary()
"""

from confianza.sem.analyses.alignment import Alignment, alignment
from confianza.sem.analyses.compare import compare
from confianza.sem.analyses.invariance.result import Invariance
from confianza.sem.analyses.invariance.sequence import invariance
from confianza.sem.analyses.power import Power, Replications, monte_carlo, power
from confianza.sem.data.simulate import Population, population, simulate
from confianza.sem.fits import Fit, cfa, fit, from_json, growth, lavaan, sem
from confianza.sem.results.bootstrap import Bootstrap, bollen_stine, bootstrap
from confianza.sem.warnings import SemWarning

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
