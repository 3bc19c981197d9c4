"""What follows from a solution: errors, tests, measures, tables, pictures."""
