"""A model as it is written and compiled: syntax, parameter table, constraints, structure."""
