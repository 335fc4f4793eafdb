"""Whether scores are owed to training clips that look like test clips (Shirakawa et al. 2024, arXiv 2405.10078).

A decoder that only tells which training clip a brain saw something like does well where test clips are near to training
clips, and badly on what is new; and what it predicts varies in fewer directions than the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuroclips.data.registry import load_dataset
from neuroclips.evaluation.intervals import ends, interval
from neuroclips.evaluation.middles import Middles, middles
from neuroclips.evaluation.tokens import runs_of, tokens_of
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.zoo import Zoo, zoo_named

THIRDS = ("near", "middle", "far")
FEWEST = 30  # clips, below which thirds say nothing


@dataclass(frozen=True)
class Nearest:
    """Of n test clips the training clip whose middle frame is most like theirs: how far, film (from 0) and TR: (n,)."""

    distance: np.ndarray  # 1 - cosine of CLIP embeddings
    film: np.ndarray
    tr: np.ndarray


def measure(
    subject: int, clips: Sequence[int], scores: Mapping[str, np.ndarray], zoo: Zoo | None = None
) -> dict[str, dict]:
    """ "nearest": the nearest training clip of each simulated test clip, and scores as a function of its distance.
    "dimension": in how many directions true and predicted brain tokens vary.

    scores : by metric (n,), of films of `clips` (n,).
    """
    rows, data = list(clips), load_dataset()
    near, blocks = nearest(_rows(middles("test"), rows), middles("train")), runs_of(data)[1][rows]
    table: dict = {"clips": rows, "distance": near.distance.tolist()}
    table |= {"film": [f"seg{film + 1}" for film in near.film], "tr": near.tr.tolist()}
    if len(rows) >= FEWEST:
        table["by distance"] = {name: by_distance(values, near.distance, blocks) for name, values in scores.items()}
    tokens = tokens_of(zoo or zoo_named(), data, subject)
    varied = {"predicted": effective_dimension(tokens.predicted), "true": effective_dimension(tokens.true)}
    return {"nearest": table, "dimension": varied | {"n": len(tokens)}}


def nearest(test: Middles, train: Middles) -> Nearest:
    """Of each test clip the nearest training clip."""
    likeness = test.embeddings @ train.embeddings.T  # (n, m)
    film, tr = np.divmod(likeness.argmax(1), N_SAMPLES)
    return Nearest(1 - likeness.max(1), film, tr)


def _rows(seen: Middles, clips: Sequence[int]) -> Middles:
    return Middles(seen.embeddings[clips], seen.hashes[clips], seen.film_tokens)


def by_distance(scores: np.ndarray, distance: np.ndarray, blocks: np.ndarray) -> dict:
    """Scores (n,) as a function of the distance (n,) to the nearest training clip.

    "slope" [per standard deviation of the distance] by least squares, with a bootstrap interval over blocks (n,) of its
    linear terms (each clip's share of the slope, as in a sandwich estimator); "thirds": mean scores of the nearest
    clips, of those in the middle and of the farthest, with theirs. Clips without a finite score are left out.
    """
    there = np.isfinite(scores)
    scores, distance, blocks = scores[there], distance[there], blocks[there]
    far = (distance - distance.mean()) / distance.std()
    slope = float((far * scores).mean())
    share = slope + far * (scores - scores.mean() - slope * far)  # its mean is the slope
    found = interval(share, blocks)
    order = np.argsort(np.argsort(distance, kind="stable"), kind="stable")
    third = order * len(THIRDS) // len(order)  # 0 near, 2 far
    means = {name: interval(scores[third == i], blocks[third == i]) for i, name in enumerate(THIRDS)}
    return {
        "slope": slope,
        "slope ci": [found.low, found.high],
        "thirds": {name: {"value": mean.value, **ends(mean)} for name, mean in means.items()},
    }


def effective_dimension(values: np.ndarray) -> float:
    """The participation ratio of values (n, D): 1 where all lie on a line, min(n - 1, D) where they are spread evenly.

    (sum of l)^2 / sum of l^2 over the eigenvalues l of their covariance, of which it takes n x n products alone.
    """
    centred = np.asarray(values, np.float64) - np.mean(values, 0, dtype=np.float64)
    gram = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    return float(np.trace(gram) ** 2 / np.square(gram).sum())
