"""How well held-out samples are decoded, each number beside what it is by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHIFTS = 20  # of the clips of a block against each other, by which a chance is measured


@dataclass(frozen=True)
class HeldOutScores:
    """Of clips that no fit had seen, each compared within its block alone; higher is better.

    Between blocks nothing is compared: a fit that leaves one out expects the mean of the others, which is farther from
    that block than chance. identification : how often a decoded clip is more like its own than like another one, by
    chance 0.5; shifted : the greatest that is found when clips are shifted in time against the samples: chance,
    measured. top1 : how often its own is the most similar of all.
    """

    n_clips: int
    correlation: float  # mean over dimensions, by chance 0
    identification: float
    shifted: float
    top1: float
    top1_chance: float

    @property
    def better_than_chance(self) -> bool:
        """Whether no shift identifies as well."""
        return self.identification > self.shifted


def held_out_scores(predicted: np.ndarray, truth: np.ndarray, places: np.ndarray, blocks: np.ndarray) -> HeldOutScores:
    """predicted, truth : (n, k); places : (n,) of clips in time, whose showings are averaged; blocks : (n,)."""
    parts = [_pair(predicted[blocks == b], truth[blocks == b], places[blocks == b]) for b in np.unique(blocks)]
    alike = [_unit(guesses) @ _unit(wanted).T for guesses, wanted in parts]  # of each block (n_clips, n_clips)
    shares = np.linspace(0.1, 0.9, SHIFTS)
    shifted = max(float(np.mean([_identified(np.roll(a, round(s * len(a)), 1)) for a in alike])) for s in shares)
    together = (np.concatenate(part) for part in zip(*parts, strict=True))
    correlations = np.prod([_standard(values) for values in together], 0).mean(0)
    return HeldOutScores(
        sum(len(a) for a in alike),
        float(correlations.mean()),
        float(np.mean([_identified(a) for a in alike])),
        shifted,
        float(np.mean([(a.argmax(1) == np.arange(len(a))).mean() for a in alike])),
        float(np.mean([1 / len(a) for a in alike])),
    )


def _pair(predicted: np.ndarray, truth: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both (n_clips, k), the means over a clip's showings, less the mean of the block."""
    known, rank = np.unique(places, return_inverse=True)
    guesses, wanted = (_mean_by(rank, len(known), values) for values in (predicted, truth))
    return guesses - guesses.mean(0), wanted - wanted.mean(0)


def _mean_by(rank: np.ndarray, n: int, values: np.ndarray) -> np.ndarray:
    total = np.zeros((n, values.shape[1]))
    np.add.at(total, rank, values)
    return total / np.bincount(rank, minlength=n)[:, None]


def _identified(alike: np.ndarray) -> float:
    """Of likenesses (n, n), the share of pairs (i, j) in which i is more like i than like j."""
    own, n = np.diag(alike)[:, None], len(alike)
    return float((own > alike).sum() / (n * (n - 1)))


def _unit(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-9)


def _standard(values: np.ndarray) -> np.ndarray:
    return values / values.std(0).clip(1e-9)
