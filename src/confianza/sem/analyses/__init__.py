"""What takes several fits: comparisons, invariance, alignment, power."""
