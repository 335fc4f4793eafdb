"""How well held-out samples are decoded, each number beside what it is by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SHIFTS = 20  # of all clips against each other, by which a chance is measured


@dataclass(frozen=True)
class HeldOutScores:
    """Of clips that no fit had seen; higher is better.

    identification : how often a decoded clip is more like its own than like another one, by chance 0.5; shifted : the
    greatest that is found when clips are shifted in time against the samples, which is chance, measured.
    """

    n_clips: int
    correlation: float  # mean over dimensions, by chance 0
    identification: float
    shifted: float
    top1: float  # how often its own is the most similar of all

    @property
    def top1_chance(self) -> float:
        return 1 / self.n_clips

    @property
    def better_than_chance(self) -> bool:
        """Whether no shift identifies as well."""
        return self.identification > self.shifted

    @staticmethod
    def read(values: Mapping) -> HeldOutScores:
        """From what `dataclasses.asdict` gave."""
        return HeldOutScores(**values)


def held_out_scores(predicted: np.ndarray, truth: np.ndarray, places: np.ndarray) -> HeldOutScores:
    """predicted, truth : (n, k); places : (n,) of clips in time, whose showings are averaged."""
    known, rank = np.unique(places, return_inverse=True)
    guesses, wanted = (_mean_by(rank, len(known), values) for values in (predicted, truth))
    alike = _unit(guesses) @ _unit(wanted).T  # (n_clips, n_clips)
    shifts = {int(s) for s in np.linspace(0.1, 0.9, SHIFTS) * len(known)} - {0}
    shifted = max(_identified(np.roll(alike, shift, 1)) for shift in shifts)
    correlations = (_standard(guesses) * _standard(wanted)).mean(0)
    top1 = float((alike.argmax(1) == np.arange(len(known))).mean())
    return HeldOutScores(len(known), float(correlations.mean()), _identified(alike), shifted, top1)


def _mean_by(rank: np.ndarray, n: int, values: np.ndarray) -> np.ndarray:
    total = np.zeros((n, values.shape[1]))
    np.add.at(total, rank, values)
    return total / np.bincount(rank, minlength=n)[:, None]


def _identified(alike: np.ndarray) -> float:
    """Of likenesses (n, n), the share of pairs (i, j) in which i is more like i than like j."""
    own = np.diag(alike)[:, None]
    n = len(alike)
    return float((own > alike).sum() / (n * (n - 1)))


def _unit(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(0)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True).clip(1e-9)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(0)) / values.std(0).clip(1e-9)
