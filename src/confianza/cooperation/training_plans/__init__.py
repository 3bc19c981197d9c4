"""Training plans of a partner and fiscal year: the training list, the students on it, what the manual checks."""
