"""Every metric: what it is, its range, direction, chance and judge, and the function that computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from neuroclips.metrics.scores import ABOUT, About

if TYPE_CHECKING:
    import numpy as np

    from neuroclips.metrics.features import Features
    from neuroclips.metrics.protocols import Protocol

Compute = Callable[["Features", "Features", "Protocol"], "np.ndarray"]  # films, their truths, how: scores (n,)
Level = Literal["pixel", "semantic", "spatiotemporal"]  # the column groups of the paper's table 1


@dataclass(frozen=True)
class Metric:
    """about : label, meaning, unit, range, direction, judge; its chance is that of one true class.

    compute : "module:function", a `Compute`, which is given `options`, too. needs : the fields of Features it reads.
    blind : whether it never looks at the truth, so that clips shuffled against each other score the same.
    ways : N of an N-way metric. instead_of : the metric that it stands in for where a judge has too few classes.
    """

    about: About
    compute: str
    level: Level
    needs: str = "frames"
    blind: bool = False
    options: Mapping[str, int] = field(default_factory=dict)
    instead_of: str = ""

    @property
    def ways(self) -> int | None:
        return self.options.get("n")

    @property
    def function(self) -> Compute:
        """What computes it, its libraries loaded."""
        module, _, name = self.compute.partition(":")
        return partial(getattr(import_module(module), name), **self.options)

    def chance(self, protocol: Protocol) -> float | None:
        """The score of a guess under a protocol; None where guessing has no fixed score."""
        if self.ways is None:
            return self.about.chance
        from neuroclips.metrics.ways import chance

        return chance(self.ways, protocol.truths, protocol.top)

    def is_blind(self, protocol: Protocol) -> bool:
        """Whether it never looks at the truth under a protocol: a gate does."""
        return self.blind and protocol.gate is None


LIKENESS = "neuroclips.metrics.likeness"
OTHERS = {"frame": "what the true frame shows", "video": "what truly happens"}


def _n_way(judge: str, n: int, instead_of: str = "") -> Metric:
    about = ABOUT.get(f"{judge}_{n}_way") or About(
        f"{judge} {n}-way",
        f"How often a classifier sees {OTHERS[judge]} rather than any of {n - 1} other classes drawn at random.",
        chance=1 / n,
        low=0.0,
        high=1.0,
        judge=f"{judge} judge",
    )
    return Metric(
        about, f"{LIKENESS}:{judge}_n_way", "semantic", f"{judge}_logits", options={"n": n}, instead_of=instead_of
    )


METRICS: dict[str, Metric] = {
    "ssim": Metric(ABOUT["ssim"], f"{LIKENESS}:ssim", "pixel"),
    "psnr": Metric(ABOUT["psnr"], f"{LIKENESS}:psnr", "pixel"),
    "pixel_correlation": Metric(
        About(
            "pixel correlation",
            "How far what is lighter in the true frame is lighter here too; one grey scores 0, one colour more.",
            low=-1.0,
            high=1.0,
        ),
        f"{LIKENESS}:pixel_correlation",
        "pixel",
    ),
    "frame_2_way": _n_way("frame", 2),
    "frame_39_way": _n_way("frame", 39, "frame_50_way"),
    "frame_41_way": _n_way("frame", 41, "frame_50_way"),
    "frame_50_way": _n_way("frame", 50),
    "video_2_way": _n_way("video", 2),
    "video_50_way": _n_way("video", 50),
    "clip_likeness": Metric(
        About(
            "CLIP likeness",
            "How alike film and truth are to a network that knows pictures by their captions.",
            low=-1.0,
            high=1.0,
            judge="CLIP",
        ),
        f"{LIKENESS}:clip_likeness",
        "semantic",
        "embeddings",
    ),
    "clip_two_way": Metric(
        About(
            "CLIP two-way",
            "How often a film is more like its own true frame than like that of another clip.",
            chance=0.5,
            low=0.0,
            high=1.0,
            judge="CLIP",
        ),
        f"{LIKENESS}:clip_two_way",
        "semantic",
        "embeddings",
    ),
    "clip_pcc": Metric(ABOUT["clip_pcc"], f"{LIKENESS}:clip_pcc", "spatiotemporal", "embeddings", blind=True),
    "end_point_error": Metric(
        About(
            "end-point error",
            "How far from the true ones displacements in a third of a second are; a still film is hard to beat.",
            unit="px",
            low=0.0,
            higher_is_better=False,
        ),
        f"{LIKENESS}:end_point_error",
        "spatiotemporal",
        "flow",
    ),
    "motion_energy": Metric(
        About(
            "motion energy",
            "Whether more moves this way than that in the same places as in the true film; a still film scores 0.",
            chance=0.0,
            low=-1.0,
            high=1.0,
        ),
        f"{LIKENESS}:motion_energy",
        "spatiotemporal",
        "energy",
    ),
}
