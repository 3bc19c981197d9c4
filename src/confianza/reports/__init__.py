"""Charts and documents made from results; no web."""
