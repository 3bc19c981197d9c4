"""What was observed: columns, samples, moments; and data drawn from a model."""
