"""What the evidence means: directed trust over time, with its uncertainty, and the level of cooperation."""
