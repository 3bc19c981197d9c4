"""Structural equation models in lavaan's language; knows nothing of the rest and is usable on its own."""
