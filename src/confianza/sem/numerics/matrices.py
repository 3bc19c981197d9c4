"""Arrays and small linear algebra: triangles, entries and inverses of many matrices at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs

Array = NDArray[Any]  # of floats; what NumPy says of its linear algebra is no narrower
Indices = NDArray[np.intp]


def entries(matrices: Array, indices: Indices) -> Array:
    """Entries of matrices (..., r, c) at places of the flat matrix."""
    return matrices.reshape(*matrices.shape[:-2], -1).take(indices, axis=-1)


@cache
def vech_indices(p: int) -> tuple[Indices, Indices]:
    """Rows and columns of the lower triangle with its diagonal, column by column."""
    column, row = np.triu_indices(p)
    return row, column


def vech(matrix: Array) -> Array:
    """The lower triangle of (..., p, p), column by column: (..., p (p + 1) / 2)."""
    row, column = vech_indices(matrix.shape[-1])
    return matrix[..., row, column]


def symmetric(vector: Array, p: int) -> Array:
    """The symmetric matrix with a lower triangle."""
    row, column = vech_indices(p)
    out = np.zeros((*vector.shape[:-1], p, p))
    out[..., row, column] = vector
    out[..., column, row] = vector
    return out


def block_diagonal(blocks: Sequence[Array]) -> Array:
    """Square blocks along the diagonal."""
    sizes = [len(block) for block in blocks]
    out = np.zeros((sum(sizes), sum(sizes)))
    start = 0
    for block, size in zip(blocks, sizes, strict=True):
        out[start : start + size, start : start + size] = block
        start += size
    return out


FEW = 16  # so many matrices are inverted one by one: less overhead than a stack


def inverse_and_logdet(matrices: Array) -> tuple[Array, Array]:
    """Inverses and log-determinants of positive definite matrices; NaN and infinity for others."""
    p = matrices.shape[-1]
    flat = matrices.reshape(-1, p, p)
    if len(flat) > FEW:
        try:
            root = np.linalg.cholesky(matrices)
        except np.linalg.LinAlgError:
            pass
        else:
            return np.linalg.inv(matrices), 2.0 * np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    inverses, logdets = np.empty(flat.shape), np.empty(len(flat))
    identity = np.eye(p)
    for index, matrix in enumerate(flat):
        root, info = dpotrf(matrix, lower=1, overwrite_a=0)
        if info:
            inverses[index], logdets[index] = np.nan, np.inf
            continue
        logdets[index] = 2.0 * np.log(root.diagonal()).sum()
        # not dpotri, which starts threads for the smallest of matrices
        inverses[index] = dpotrs(root, identity, lower=1)[0]
    return inverses.reshape(matrices.shape), logdets.reshape(matrices.shape[:-2])
