"""Speed beside a named peer, in the same run on the same data. `python -m benchmarks [NAME…]`."""
