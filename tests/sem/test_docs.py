"""The pages about `confianza.sem` show what it gives."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

from confianza import sem

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "reference/data/hs.csv"
BLOCK = re.compile(r"```python\n(.+?)```(?:\s+```text\n(.+?)```)?", re.DOTALL)


def as_pattern(text: str) -> str:
    """Lines that are … stand for any lines, … within a line for some of it."""
    return "\n".join(
        r"[\s\S]*?" if line == "…" else re.escape(line).replace("…", ".*") for line in text.splitlines()
    )


def test_tutorial_prints_what_its_blocks_print(tmp_path, monkeypatch):
    (tmp_path / "hs.csv").write_bytes(DATA.read_bytes())
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/tutorials/from-lavaan.md").read_text(encoding="utf-8")
    names: dict = {}
    blocks = BLOCK.findall(page)
    assert len(blocks) > 5
    for code, shown in blocks:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, "from-lavaan.md", "exec"), names)  # noqa: S102 (the page's own code)
        assert re.fullmatch(as_pattern(shown), said.getvalue().strip("\n")), f"{code}\n{said.getvalue()}"


def test_worked_example_of_the_algorithm_page():
    page = (ROOT / "docs/algorithms/structural-equation-models.md").read_text(encoding="utf-8")
    part = page[page.index("## A worked example") : page.index("## Where it differs")]
    fit = sem.cfa(
        "f =~ a + b + c",
        sample_cov=np.array([[2, 1, 1], [1, 3, 1], [1, 1, 2]]),
        sample_nobs=100,
        sample_names=["a", "b", "c"],
        sample_cov_rescale=False,
    )
    values = {(row["lhs"], row["op"], row["rhs"]): row for row in fit.estimates.rows()}
    loading = values["f", "=~", "b"]
    shown = [
        f"λ_b = S_bc / S_ac = **{loading['est']:.0f}**",
        f"ψ = S_ab S_ac / S_bc = **{values['f', '~~', 'f']['est']:.0f}**",
        "**" + ", ".join(f"{values[name, '~~', name]['est']:.0f}" for name in "abc") + "**",
        f"is **{loading['se']:.3f}**",
        f"= {loading['se'] ** 2:.2f}, so",
    ]
    for text in shown:
        assert text in part, text
    assert fit.measures["chisq"] == pytest.approx(0, abs=1e-10)
