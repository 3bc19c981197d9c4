"""What to do next: plans made from what was measured and recorded."""
