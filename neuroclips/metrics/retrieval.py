"""Retrieval: whose own target is nearest, among how many (paper, appendix C.6 and table 4).

The expectation over all random pools of any size has a closed form from one rank for each query, so that no pool has to
be drawn and a curve over pool sizes costs as much as a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.metrics.ways import hits

NEAR = 5  # clips of 2 s: what lies within 10 s in the same film is much like it


def retrieval_top1(predicted: Tensor, target: Tensor) -> float:
    """Share of rows of `predicted` whose nearest row of `target`, by cosine, is their own; chance is 1 / B.

    predicted, target : (B, D), both centred on the same training mean beforehand.
    """
    likeness = similarity(predicted, target)
    return (likeness.argmax(1) == torch.arange(len(likeness), device=likeness.device)).float().mean().item()


def retrieval_in_pools(predicted: Tensor, target: Tensor, size: int = 300, seed: int = 0) -> float:
    """Mean top-1 of the pools into which the B rows are divided at random (paper, table 4); chance is 1 / size.

    predicted, target : (B, D), B a multiple of `size`.
    """
    if len(predicted) % size:
        raise InputError(f"got {len(predicted)} samples, expected a multiple of {size}, the size of a pool")
    order = torch.randperm(len(predicted), generator=torch.Generator().manual_seed(seed))
    pools = [retrieval_top1(predicted[rows], target[rows]) for rows in order.split(size)]
    return sum(pools) / len(pools)


def similarity(predicted: Tensor, target: Tensor) -> Tensor:
    """Cosines (B, B) of every row of `predicted` (B, D) with every row of `target` (B, D)."""
    return F.normalize(predicted, dim=-1) @ F.normalize(target, dim=-1).T


def retrieval(
    likeness: np.ndarray, sizes: Sequence[int], top: int = 1, left_out: np.ndarray | None = None
) -> np.ndarray:
    """Expected top-k retrieval (n_sizes, n) of every query over all pools of each size; chance is k / size.

    likeness : (n, n), of queries (rows) and targets; its transpose asks the other way round. A pool is the query's own
    target and size - 1 others, drawn without replacement. left_out : bool (n, n), targets that are in no pool of a
    query. With m others to draw from, r of which are at least as like the query as its own,
        P = sum over j < k of C(r, j) C(m - r, size - 1 - j) / C(m, size - 1).
    NaN where there are not as many others.
    """
    others = ~np.eye(len(likeness), dtype=bool)
    if left_out is not None:
        others &= ~left_out
    better = ((likeness >= likeness.diagonal()[:, None]) & others).sum(1)  # (n,)
    there = others.sum(1)  # (n,)
    return np.stack(
        [np.where(size - 1 <= there, hits(better, np.maximum(there, size - 1), size, top), np.nan) for size in sizes]
    )


def chance(size: int, top: int = 1) -> float:
    """Top-k retrieval of who knows nothing, in a pool of `size`."""
    return min(1.0, top / size)


def neighbours(films: np.ndarray, clips: np.ndarray, within: int = NEAR) -> np.ndarray:
    """bool (n, n): other clips of the same film that are at most `within` clips away.

    films, clips : (n,) ints, the film of each query and its place in the film [clips of 2 s].
    """
    same, away = films[:, None] == films, np.abs(clips[:, None] - clips)
    return same & (away > 0) & (away <= within)
