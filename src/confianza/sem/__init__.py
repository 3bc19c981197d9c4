"""Structural equation models in lavaan's language; knows nothing of the rest and is usable on its own.

from confianza import sem

fit = sem.cfa("visual =~ x1 + x2 + x3", data, group="school", group_equal=["loadings"])
fit.summary()
"""

from confianza.sem.fit import Fit, cfa, fit, growth, lavaan, sem

__all__ = ["Fit", "cfa", "fit", "growth", "lavaan", "sem"]
