"""The closed loop: a film into a simulated cortex, measured with noise, decoded by the shipped decoder, and compared.

The decoder is given samples alone, as everywhere; the film meets what was decoded of it only when that is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuroclips import export
from neuroclips.brain.cortex import load_cortex
from neuroclips.errors import InputError
from neuroclips.loop.cortex import HELD, SimulatedCortex, cortex_of, features_of, silenced
from neuroclips.loop.domain import Domain, domain_of
from neuroclips.loop.film import PER_CLIP, Film
from neuroclips.loop.settings import LoopConfig
from neuroclips.loop.told import CAPTIONER, Told, parse_shows, told_by_captioner
from neuroclips.metrics.report import beside_floor
from neuroclips.metrics.scores import ScoredBeside, mean
from neuroclips.run import pipeline_of, placed
from neuroclips.simulation.areas import EARLY, MOTION, SEMANTIC
from neuroclips.types import FmriSample, Reconstruction, Request, Stage
from neuroclips.zoo import load_judges, zoo_named

AREAS = {"all": None, "early visual": EARLY, "motion": MOTION, "semantic": SEMANTIC}
LABEL = "simulated: a film through a simulated cortex, decoded by demo models, scored by demo judges"


@dataclass(frozen=True)
class Closed:
    """A film that went around, and everything on the way."""

    film: Film
    config: LoopConfig
    told: tuple[Told, ...]
    domain: Domain
    cortex: SimulatedCortex
    clean: np.ndarray  # (n_clips, n_voxels) z-scored, without noise
    samples: np.ndarray  # (n_clips, n_voxels) as they were decoded
    kept: np.ndarray  # (n_voxels,) bool
    parts: tuple[Reconstruction, ...]  # one for each 2 s
    scores: tuple[ScoredBeside, ...]

    @property
    def video(self) -> Tensor:
        """The decoded films one after the other, (n_frames, 3, H, W)."""
        return torch.cat([part.video for part in self.parts])

    @property
    def blurry(self) -> Tensor:
        return torch.cat([part.blurry_video for part in self.parts])

    @property
    def fps(self) -> int:
        return self.parts[0].settings.fps

    def recovery(self) -> dict[str, float | None]:
        """How well the measured samples tell the noise-free ones: mean correlation over voxels, by kind of area."""
        area = load_cortex().area[self.cortex.vertex_index]
        rows = {
            name: np.ones(len(area), bool) if own is None else np.isin(area, list(own)) for name, own in AREAS.items()
        }
        return {name: correlation(self.clean[:, here], self.samples[:, here]) for name, here in rows.items()}

    def record(self) -> dict[str, Any]:
        """What loop.json says."""
        config = self.config
        return {
            "label": LABEL,
            "film": {"name": self.film.name, "clips": self.film.n_clips, "notes": list(self.film.notes)},
            "told": [{"shows": str(t), "by": t.by, "words": t.words} for t in self.told],
            "told_note": told_note(self.told),
            "held_note": f"its first second stood still for {HELD} s before it, its last one for {HELD} s after it",
            "domain": self.domain.record(),
            **{name: value for name, value in asdict(config).items() if name != "shows"},
            "voxels": {"of": len(self.kept), "kept": int(self.kept.sum())},
            "recovery": self.recovery(),
            "scores": asdict(mean(self.scores)),
            "clips": [
                export.record(part, _sample(row, config.subject, clip), "loop", scored)
                for clip, (part, row, scored) in enumerate(zip(self.parts, self.samples, self.scores, strict=True))
            ],
        }


def told_note(told: Sequence[Told]) -> str:
    """Who told semantic areas what is shown, and where that comes back in what is scored."""
    who = told[0].by
    if who != CAPTIONER:
        return f"Semantic areas were told what is shown by {who}; early and motion areas saw the pixels."
    return (
        f"Semantic areas were told what is shown by {who}, which looked at the middle frame of each 2 s; early and "
        "motion areas saw the pixels. It shares nothing with the CLIP that is decoded or with the judges that score, "
        "but the same captioner words the decoded keyframe."
    )


def close(
    film: Film,
    config: LoopConfig | None = None,
    on_progress: Callable[[Stage], None] | None = None,
    device: str | None = None,
    told: Sequence[Told] | None = None,
) -> Closed:
    """Send a film around.

    told : what semantic areas are told, in the place of what the config says. Raises InputError for a subject or words
    that there are not.
    """
    config = config or LoopConfig()
    cortex, request = cortex_of(config.subject), config.request(device)
    told = list(told or ()) or _told(film, config, request)
    if len(told) != film.n_clips:
        raise InputError(f"got {len(told)} descriptions, expected {film.n_clips}, one for each 2 s")
    clean = cortex.noise_free(features_of(film, told), film.n_clips)
    noisy = cortex.measured(clean, config.noise, config.repeats, config.seed)
    samples, kept = silenced(noisy, config.density, config.seed)
    sent = [_sample(row, config.subject, clip) for clip, row in enumerate(samples)]
    pipeline, judges = pipeline_of(request), load_judges(zoo_named(), placed(request))
    parts = pipeline(sent, request.settings, on_progress)
    scores = [beside_floor(part.video, truth_of(film, clip), judges) for clip, part in enumerate(parts)]
    domain = domain_of(film, judges.frame, pipeline.codec)
    return Closed(film, config, tuple(told), domain, cortex, clean, samples, kept, tuple(parts), tuple(scores))


def _told(film: Film, config: LoopConfig, request: Request) -> list[Told]:
    if config.shows is not None:
        return parse_shows(config.shows, film.n_clips)
    return told_by_captioner(film.frames, pipeline_of(request).captioner("blip2"), PER_CLIP)


def _sample(row: np.ndarray, subject: int, clip: int) -> FmriSample:
    return FmriSample(torch.from_numpy(np.array(row, np.float32)), subject, clip)


def truth_of(film: Film, clip: int) -> Tensor:
    """The frames (16, 3, P, P) in [0, 1] of 2 s of a film."""
    return torch.from_numpy(film.clip(clip).transpose(0, 3, 1, 2).copy()).float() / 255  # (16, 3, P, P)


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Mean over rows of the correlation of rows (n, m); None where a row does not vary."""
    one, other = (x - x.mean(1, keepdims=True) for x in (one, other))
    size = np.sqrt((one**2).sum(1) * (other**2).sum(1))
    return float(((one * other).sum(1) / size).mean()) if (size > 0).all() else None
