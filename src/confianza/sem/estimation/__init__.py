"""From a model and moments to a solution: discrepancies, searches, constraints."""
