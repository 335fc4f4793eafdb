"""How far a film is from those that the demo models learned from, so that nonsense can be announced.

Three measures, each against the clips of the two validation films: the distance of its motion energy and colours from
the training films' (Mahalanobis, along their principal components), how sure the demo frame judge is of its pictures,
and how well the demo codec, which paints every film, holds them. Cuts leave one in a hundred validation clips outside.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from neuroclips.loop.cortex import seen
from neuroclips.loop.film import PER_CLIP, Film
from neuroclips.loop.statistics import of_films

EVERY = 8  # frames, of which one is judged
BEYOND = 1  # [%] of validation clips that are further off
NAMES = {
    "distance": "motion energy and colour, distance from the training films",
    "confidence": "how sure the demo frame judge is",
    "fidelity": "what the demo codec holds of it [dB]",
}
HIGH_IS_FAR = {"distance": True, "confidence": False, "fidelity": False}


@dataclass(frozen=True)
class Measure:
    """One measure of a film; beyond `cut` lies one in a hundred validation clips."""

    name: str
    value: float
    cut: float
    beyond: bool
    percent: float  # of validation clips that are at least as far off


@dataclass(frozen=True)
class Domain:
    """All measures of a film."""

    measures: tuple[Measure, ...]

    @property
    def is_known(self) -> bool:
        return not any(measure.beyond for measure in self.measures)

    @property
    def sentence(self) -> str:
        """What to expect of the film, with the numbers."""
        told = [f"{NAMES[m.name]} {m.value:.2f} (cut {m.cut:.2f})" for m in self.measures if m.beyond]
        if told:
            return f"Nothing like the training films: expect nonsense ({'; '.join(told)})."
        nearest = min(self.measures, key=lambda measure: measure.percent)
        return (
            f"Like the training films by all {len(self.measures)} measures: {nearest.percent:.0f} % of the validation "
            f"clips are at least as far off in {NAMES[nearest.name].split(' [')[0]}."
        )

    def record(self) -> dict[str, Any]:
        return {
            "known": self.is_known,
            "sentence": self.sentence,
            "measures": {m.name: {**asdict(m), "about": NAMES[m.name]} for m in self.measures},
        }


def domain_of(film: Film, judge: Any, codec: Any) -> Domain:
    """The measures of a film, each the mean over its clips; judge, codec : those of the demo zoo."""
    values, known = clip_measures(film.frames, judge, codec), of_films().quantiles
    return Domain(tuple(_measured(name, float(row.mean()), known[name]) for name, row in values.items()))


def _measured(name: str, value: float, quantiles: np.ndarray) -> Measure:
    """quantiles : (101,) of validation clips, from the least."""
    high = HIGH_IS_FAR[name]
    cut = float(quantiles[100 - BEYOND if high else BEYOND])
    below = float(np.interp(value, quantiles, np.arange(101.0)))
    return Measure(name, value, cut, value > cut if high else value < cut, 100 - below if high else below)


def clip_measures(frames: np.ndarray, judge: Any, codec: Any) -> dict[str, np.ndarray]:
    """Measures (n_clips,) of each 2 s of a film (n_clips * 16, P, P, 3) uint8."""
    rows = distances(np.concatenate(seen(frames), 1))  # (n_seconds,)
    n_clips = len(frames) // PER_CLIP
    return {
        "distance": rows.reshape(n_clips, -1).mean(1),
        **looked_at(frames[EVERY // 2 :: EVERY], n_clips, judge, codec),
    }


def looked_at(frames: np.ndarray, n_clips: int, judge: Any, codec: Any) -> dict[str, np.ndarray]:
    """How sure the judge is and what the codec holds, (n_clips,) each, of some frames of each clip (n, P, P, 3)."""
    import torch

    pictures = torch.from_numpy(frames.transpose(0, 3, 1, 2).copy()).float() / 255  # (n, 3, P, P)
    with torch.no_grad():
        sure = judge(pictures).softmax(-1).amax(-1).cpu().view(n_clips, -1).mean(1)
        held = codec.decode(codec.encode(pictures)).clamp(0, 1).to(pictures)
    lost = ((held - pictures) ** 2).flatten(1).mean(1).view(n_clips, -1).mean(1)
    values = {"confidence": sure, "fidelity": -10 * torch.log10(lost.clamp(min=1e-6))}
    return {name: row.double().numpy() for name, row in values.items()}


def distances(features: np.ndarray) -> np.ndarray:
    """Mahalanobis distance (n_seconds,) of features (n_seconds, n_features), 1 on average over the training films."""
    about = of_films()
    along = (features - about.mean) / about.std @ about.basis.T  # (n_seconds, n_kept)
    return np.sqrt((along**2 / about.variance).mean(1))
