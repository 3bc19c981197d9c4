"""Inside a fit linear algebra has one thread; the setting of the caller comes back, whatever happens."""

import os
import subprocess
import sys
import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.numerics.threads import in_one_thread
from tests.sem.samples import people

MODEL = "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8"


def counts():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.fixture
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def seen_inside(monkeypatch, name, function):
    """The threads that a function of the package found while something ran."""
    import importlib

    module = importlib.import_module(f"confianza.sem.{name}")
    plain, seen = getattr(module, function), []

    def watched(*args, **options):
        seen.append(counts())
        return plain(*args, **options)

    monkeypatch.setattr(module, function, watched)
    return seen


def fitted():
    return sem.cfa(MODEL, people())


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("module", "function", "run"),
    [
        ("estimation.solution", "minimize_constrained", fitted),
        ("fits", "tests_of", lambda: fitted().tests),
        ("fits", "parameter_covariance", lambda: fitted().vcov),
        ("fits", "plain_measures", lambda: fitted().measures),
        ("fits", "modification_indices", lambda: fitted().modification_indices()),
        ("fits", "factor_scores", lambda: fitted().predict()),
        ("results.bootstrap", "refit_moments", lambda: fitted().bootstrap(8, 1, processes=1)),
        (
            "analyses.invariance.sequence",
            "fit_table",
            lambda: sem.invariance(MODEL, people(), group="nation"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_has_one_thread_inside_and_the_callers_outside(monkeypatch, module, function, run):
    seen = seen_inside(monkeypatch, module, function)
    run()
    assert seen
    assert set.union(*seen) == {1}
    assert counts() == {2}


@pytest.mark.usefixtures("two_threads")
def test_a_refusal_restores_the_threads():
    with pytest.raises(ModelError):
        sem.cfa("f =~ y1 + y2 + nothing", people())
    assert counts() == {2}


@pytest.mark.usefixtures("two_threads")
def test_the_last_of_nested_calls_restores_the_threads():
    @in_one_thread
    def outer():
        before = counts()
        fitted()
        return before, counts()

    assert outer() == ({1}, {1})
    assert counts() == {2}


@pytest.mark.usefixtures("two_threads")
def test_calls_of_several_threads_share_the_limit():
    """The first one that ends leaves the other with one thread."""
    inside, may_end = threading.Event(), threading.Event()

    @in_one_thread
    def first():
        inside.set()
        may_end.wait(10)

    @in_one_thread
    def second():
        may_end.set()
        thread.join()
        return counts()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    assert second() == {1}
    assert counts() == {2}


FORK = """
import os, signal, threading
from threadpoolctl import threadpool_info, threadpool_limits
import scipy.linalg
from confianza.sem.numerics import threads

def counts():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

threadpool_limits(2, user_api="blas")
inside, may_end = threading.Event(), threading.Event()

@threads.in_one_thread
def working():
    inside.set()
    may_end.wait(10)

thread = threading.Thread(target=working)
thread.start()
inside.wait(10)

def in_child():
    pid = os.fork()
    if not pid:
        signal.alarm(10)
        before = counts()
        os._exit(0 if (before, threads.in_one_thread(counts)(), counts()) == EXPECTED else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

RUN
may_end.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(
    ("expected", "run"),
    [
        ("({2}, {1}, {2})", "print(in_child())"),
        ("({2}, {1}, {2})", "threads._lock.acquire(); print(in_child()); threads._lock.release()"),
        ("({1}, {1}, {1})", "print(threads.in_one_thread(in_child)())"),
    ],
    ids=["another-inside", "another-holds-the-lock", "itself-inside"],
)
def test_a_fork_leaves_the_calls_of_other_threads_behind(expected, run):
    code = FORK.replace("EXPECTED", expected).replace("RUN", run)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert (ended.stdout.strip(), ended.stderr) == ("0", "")


def test_a_package_that_is_only_imported_sets_nothing():
    code = (
        "import confianza.sem, numpy, scipy.linalg\n"
        "from threadpoolctl import threadpool_info, threadpool_limits\n"
        "threadpool_limits(2, user_api='blas')\n"
        "print({one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "{2}"
