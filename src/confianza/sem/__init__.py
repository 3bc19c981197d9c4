"""Structural equation models; knows nothing of the rest and is usable on its own."""
