"""Measurement invariance: levels of equal parameters between groups, what holds, which items do not, what follows."""
