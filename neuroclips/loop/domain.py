"""How far a film is from those that the demo models learned from, so that nonsense can be announced.

Three measures of each 2 s, against the clips of the two validation films: the distance of its motion energy and colours
from the training films' (Mahalanobis, along their principal components), how sure the demo frame judge is of its
pictures, and how well the demo codec, which paints every film, holds them. Each cut leaves one in a hundred validation
clips outside; how many are outside of any of the three is measured too, and told.
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
    """One measure of each clip of a film; beyond `cut` lies one in a hundred validation clips."""

    name: str
    values: tuple[float, ...]
    cut: float
    beyond: tuple[int, ...]  # clips
    percent: float  # of validation clips that are at least as far off as the clip that is furthest

    @property
    def furthest(self) -> float:
        return max(self.values) if HIGH_IS_FAR[self.name] else min(self.values)


@dataclass(frozen=True)
class Domain:
    """All measures of a film."""

    measures: tuple[Measure, ...]
    alarms: float  # share of validation clips that are beyond a cut themselves

    @property
    def beyond(self) -> tuple[int, ...]:
        """Clips that are nothing like the training films by a measure."""
        return tuple(sorted({clip for measure in self.measures for clip in measure.beyond}))

    @property
    def is_known(self) -> bool:
        return not self.beyond

    @property
    def sentence(self) -> str:
        """What to expect of the film, with the numbers."""
        if self.beyond:
            told = "; ".join(f"{NAMES[m.name]} {m.furthest:.2f} (cut {m.cut:.2f})" for m in self.measures if m.beyond)
            return f"{self._who()} ({told}). Of single clips of validation films {self.alarms:.1%} are told so, too."
        nearest = min(self.measures, key=lambda measure: measure.percent)
        return (
            f"Like the training films by all {len(self.measures)} measures: {nearest.percent:.0f} % of the validation "
            f"clips are at least as far off in {NAMES[nearest.name].split(' [')[0]}."
        )

    def _who(self) -> str:
        n_clips = len(self.measures[0].values)
        if len(self.beyond) == n_clips:
            return "Nothing like the training films: expect nonsense"
        one = len(self.beyond) == 1
        clips = f"Clip {self.beyond[0]} of {n_clips} is" if one else f"Clips {_listed(self.beyond)} of {n_clips} are"
        return f"{clips} nothing like the training films: expect nonsense there"

    def record(self) -> dict[str, Any]:
        return {
            "known": self.is_known,
            "sentence": self.sentence,
            "beyond": list(self.beyond),
            "alarms": self.alarms,
            "measures": {m.name: {**asdict(m), "about": NAMES[m.name]} for m in self.measures},
        }


def _listed(clips: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, clips[:-1]))} and {clips[-1]}"


def domain_of(film: Film, judge: Any, codec: Any) -> Domain:
    """The measures of each clip of a film; judge, codec : those of the demo zoo."""
    about = of_films()
    values = clip_measures(film.frames, judge, codec)
    return Domain(tuple(_measured(name, row, about.quantiles[name]) for name, row in values.items()), about.alarms)


def _measured(name: str, values: np.ndarray, quantiles: np.ndarray) -> Measure:
    """values : (n_clips,). quantiles : (101,) of validation clips, from the least."""
    beyond = np.flatnonzero(is_beyond(name, values, quantiles)).tolist()
    high = HIGH_IS_FAR[name]
    below = float(np.interp(values.max() if high else values.min(), quantiles, np.arange(101.0)))
    return Measure(name, tuple(values.tolist()), cut_of(name, quantiles), tuple(beyond), 100 - below if high else below)


def cut_of(name: str, quantiles: np.ndarray) -> float:
    return float(quantiles[100 - BEYOND if HIGH_IS_FAR[name] else BEYOND])


def is_beyond(name: str, values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Which of the clips (n_clips,) lie beyond the cut of a measure."""
    cut = cut_of(name, quantiles)
    return values > cut if HIGH_IS_FAR[name] else values < cut


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
