"""Benchmarks beside busy neighbors end what they started."""

import pytest

from benchmarks.timing import busy_neighbors


def test_busy_neighbors_compute_meanwhile_and_end_with_it():
    seen = []

    def run():
        with busy_neighbors(2) as neighbors:
            seen.extend(neighbors)
            assert [one.poll() for one in neighbors] == [None, None]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run()
    assert all(one.poll() is not None for one in seen)
