"""Inside a fit linear algebra has one thread; the setting of the caller comes back, whatever happens."""

import subprocess
import sys
import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.threads import in_one_thread, one_thread
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
        ("fit", "minimise_constrained", fitted),
        ("inference", "tests_of", lambda: fitted().tests),
        ("inference", "parameter_covariance", lambda: fitted().vcov),
        ("measures", "fit_measures", lambda: fitted().measures),
        ("modification", "modification_indices", lambda: fitted().modification_indices()),
        ("scores", "factor_scores", lambda: fitted().predict()),
        ("bootstrap", "refit_moments", lambda: fitted().bootstrap(8, 1, processes=1)),
        ("invariance", "fit_table", lambda: sem.invariance(MODEL, people(), group="nation")),
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
    with one_thread():
        with one_thread():
            assert counts() == {1}
        assert counts() == {1}
        in_one_thread(fitted)()
        assert counts() == {1}
    assert counts() == {2}


@pytest.mark.usefixtures("two_threads")
def test_calls_of_several_threads_share_the_limit():
    """The first one that ends leaves the other with one thread."""
    inside, may_end, after_first = threading.Event(), threading.Event(), []

    def first():
        with one_thread():
            inside.set()
            may_end.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with one_thread():
        may_end.set()
        thread.join()
        after_first.append(counts())
    assert after_first == [{1}]
    assert counts() == {2}


def test_a_package_that_is_only_imported_sets_nothing():
    code = (
        "import confianza.sem, numpy, scipy.linalg\n"
        "from threadpoolctl import threadpool_info, threadpool_limits\n"
        "threadpool_limits(2, user_api='blas')\n"
        "print({one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "{2}"
