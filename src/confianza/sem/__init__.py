"""Structural equation models in lavaan's language."""
