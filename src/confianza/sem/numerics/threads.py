"""One thread of linear algebra inside a fit, the user's setting outside.

The matrices of a fit are small: two threads of a BLAS (numpy's and scipy's each have their own) gain nothing on idle
processors and wait for each other on busy ones, where a fit then takes many times as long. Of most libraries the number
of threads belongs to the process, so that what other threads compute meanwhile has one thread, too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
Result = TypeVar("Result")


@cache
def _libraries(*, of_thread: bool) -> tuple[Any, ...]:
    """The BLAS libraries whose number of threads belongs to the calling thread (those of OpenMP), or to the process.

    To look for them takes a millisecond, to set them microseconds.
    """
    import scipy.linalg  # noqa: F401  loads the second of them

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return tuple(
        library
        for library in libraries
        if of_thread == (library.internal_api == "mkl" or getattr(library, "threading_layer", "") == "openmp")
    )


def _set(library: Any, count: int) -> None:
    """Set a library's threads from whichever thread; threadpoolctl would heed only the first one that ever did."""
    release = getattr(library, "clear_controlling_thread", None)  # not in old versions
    if release:
        release(force=True)
    library.set_num_threads(count)
    if release:
        release(force=True)


class _Limit:
    """How many calls are inside, and what the first of them replaced."""

    def __init__(self, *, of_thread: bool) -> None:
        self.of_thread = of_thread
        self.inside = 0
        self.before: list[tuple[Any, int]] = []

    def enter(self) -> None:
        if not self.inside:
            counts = [(one, one.get_num_threads()) for one in _libraries(of_thread=self.of_thread)]
            self.before = [(library, count) for library, count in counts if count != 1]
            for library, _ in self.before:
                _set(library, 1)
        self.inside += 1

    def leave(self) -> None:
        self.inside -= 1
        if not self.inside:
            self.restore()

    def restore(self) -> None:
        for library, count in self.before:
            _set(library, count)
        self.before = []


class _ThreadLimit(threading.local, _Limit):
    """One of each thread."""


_lock = threading.Lock()
_of_process = _Limit(of_thread=False)
_of_thread = _ThreadLimit(of_thread=True)


def _enter() -> None:
    with _lock:
        _of_process.enter()
    _of_thread.enter()


def _leave() -> None:
    _of_thread.leave()
    with _lock:
        _of_process.leave()


def _in_child() -> None:
    """After a fork nobody is inside but the thread that forked, and nobody else can release the lock."""
    global _lock
    _lock = threading.Lock()
    _of_process.inside = _of_thread.inside
    if not _of_process.inside:
        _of_process.restore()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


def in_one_thread(function: Callable[P, Result]) -> Callable[P, Result]:
    """The function with its linear algebra in one thread.

    Nested and concurrent calls share it, and the last one out restores the setting.
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> Result:
        _enter()
        try:
            return function(*args, **kwargs)
        finally:
            _leave()

    return limited
