"""Confianza: plan, run and assess defense cooperation, with trust as the measured outcome."""

__version__ = "0.1.0"
