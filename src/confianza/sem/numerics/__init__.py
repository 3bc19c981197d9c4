"""What the rest computes with; knows nothing of models."""
