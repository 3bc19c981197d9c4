"""Data and lavaan's and semTools' answers on nested fits and ladders of invariance (`reference/invariance`)."""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parent / "reference" / "invariance"


@cache
def read(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def columns(name):
    return {
        column: np.array([math.nan if value is None else value for value in values])
        for column, values in read("data")[name].items()
    }
