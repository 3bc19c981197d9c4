"""What a sample with ordered variables says, in three stages: each variable alone, each pair, the covariance of both."""
