"""Retrieval of keyframes by fMRI and of fMRI by keyframes (appendix C.6, table 4), for pools of every size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from neuroclips.data.base import FmriDataset
from neuroclips.data.registry import load_dataset
from neuroclips.data.swapped import SwappedDataset
from neuroclips.evaluation.intervals import interval
from neuroclips.evaluation.tokens import Tokens, tokens_of
from neuroclips.metrics.retrieval import chance, neighbours, retrieval, similarity
from neuroclips.zoo import Zoo, zoo_named

SIZES = (2, 3, 5, 10, 20, 30, 50, 100, 150, 200, 300, 600, 1200)


def measure(subject: int, data: FmriDataset | None = None, zoo: Zoo | None = None) -> dict[str, dict]:
    """Curves over pool sizes: "keyframe", "fmri", and "swapped", keyframes by the fMRI of other clips.

    It compares brain tokens of all test clips of a dataset, the shipped ones by default, and paints nothing.
    """
    data, zoo = data or load_dataset(), zoo or zoo_named()
    tokens = tokens_of(zoo, data, subject)
    predicted, true = torch.from_numpy(tokens.predicted), torch.from_numpy(tokens.true)
    alike = similarity(predicted, true).numpy()
    swapped = alike[SwappedDataset(data).partner]  # whose fMRI each clip is given
    rows = {"keyframe": alike, "fmri": alike.T, "swapped": swapped}
    return {name: curve(likeness, tokens) for name, likeness in rows.items()}


def curve(likeness: np.ndarray, tokens: Tokens, sizes: Sequence[int] = SIZES) -> dict:
    """Top-1 and top-5 for pools of each size that there are clips for, with intervals over minutes of film.

    likeness : (n, n), of what is asked with (rows) to what is searched. Beside them chance, and top-1 where the clips
    within 10 s of the own one, which may show the same, are in no pool: None for pools larger than what is left then.
    """
    n = len(tokens)
    sizes = [size for size in sizes if size < n] + [n]
    near = neighbours(tokens.films, np.arange(n))
    most = n - int(near.sum(1).max())
    scores = {
        "top1": retrieval(likeness, sizes),
        "top5": retrieval(likeness, sizes, 5),
        "without neighbours": retrieval(likeness, sizes, left_out=near),
    }
    table: dict = {"n": n, "pools": sizes, "largest without neighbours": most}
    for name, found in scores.items():
        room = n if name != "without neighbours" else most
        means = [interval(at, tokens.blocks) if size <= room else None for size, at in zip(sizes, found, strict=True)]
        table[name] = [mean and mean.value for mean in means]
        table["ci" if name == "top1" else f"{name} ci"] = [[mean.low, mean.high] if mean else None for mean in means]
    return table | {"chance": [chance(size) for size in sizes], "top5 chance": [chance(size, 5) for size in sizes]}
