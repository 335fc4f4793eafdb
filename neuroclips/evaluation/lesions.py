"""What each region is worth to each step: clips decoded with a region silenced, scored beside the same clips intact.

Every step of a clip is scored by itself: blurry video, brain tokens, keyframe, words and film. Clips are taken in an
order that spreads any first n of them over all films, so that the costly steps are of some of those of the cheap ones.
A keyframe is drawn once and not four times as in the product, intact and lesioned alike, so that more clips can be had.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import torch

from neuroclips.brain.regions import GROUPS, MORE, rows_of
from neuroclips.data.simulated import N_SHIPPED, SimulatedDataset
from neuroclips.errors import InputError
from neuroclips.evaluation import steps
from neuroclips.evaluation.seen import weights_of
from neuroclips.evaluation.tokens import true_tokens
from neuroclips.files import from_json, to_json
from neuroclips.lesions import Lesion, Silence, Silenced
from neuroclips.metrics.likeness import standard
from neuroclips.paths import cache_dir
from neuroclips.pipeline import load_pipeline
from neuroclips.ranges import Checked, Range
from neuroclips.types import FmriSample, Guidance, Settings
from neuroclips.zoo import zoo_named

INTACT, WHOLE, RANDOM, ONLY = "intact", "whole brain", "random: ", "only: "
TOGETHER = ("V1 to V3", "category selective")  # of brain.regions.MORE: what the paper says sees, and what knows
REGIONS: dict[str, tuple[str, ...]] = {
    **GROUPS,
    **{name: MORE[name] for name in TOGETHER},
    WHOLE: tuple(area for areas in GROUPS.values() for area in areas),
}
# metric -> the step that it scores, in the order of the route
STEPS = {
    "blurry_ssim": "blurry video",
    "blurry_pixel_correlation": "blurry video",
    "token_correlation": "brain tokens",
    "keyframe_frame_2_way": "keyframe",
    "keyframe_clip_likeness": "keyframe",
    "words_object": "words",
    "words_scene": "words",
    "film_ssim": "film",
    "film_frame_2_way": "film",
    "film_video_2_way": "film",
}
Scores = dict[str, dict[str, float]]  # of a metric, of a condition


def spread(n: int) -> list[int]:
    """0 to n - 1 in steps of the golden ratio: every beginning is nearly even (the three-gap theorem)."""
    step = next(step for step in range(round(n * 0.618), n) if np.gcd(step, n) == 1) if n > 2 else 1
    return [(n // 2 + step * k) % n for k in range(n)]


USUAL_CLIPS = tuple(spread(N_SHIPPED)[:24])


@dataclass(frozen=True)
class LesionPlan(Checked):
    """Test clips that are decoded to their blurry video, some of them on to keyframe and film.

    keyframes, films : how many of them to their keyframe and its words, and how many to their film.
    """

    subjects: tuple[int, ...] = (1, 2, 3)
    clips: tuple[Annotated[int, Range(0, N_SHIPPED - 1)], ...] = USUAL_CLIPS
    keyframes: Annotated[int, Range(0, N_SHIPPED)] = 8
    films: Annotated[int, Range(0, N_SHIPPED)] = 2
    silence: Silence = "zero"

    def __post_init__(self):
        super().__post_init__()
        if not self.clips or len(set(self.clips)) < len(self.clips):
            raise InputError(f"got {len(self.clips)} clips, expected one or more, each once")

    def depths(self) -> Iterator[tuple[int, str]]:
        """Clips, each with how far it is decoded; those that are decoded far lie spread over all."""
        for place, clip in enumerate(clip for clip in spread(N_SHIPPED) if clip in self.clips):
            yield clip, "film" if place < self.films else "keyframe" if place < self.keyframes else "blurry"


@dataclass(frozen=True)
class Lesioned:
    """One subject, whose clips are decoded with each region silenced; of simulated test clips alone."""

    subject: int
    silence: Silence

    @cached_property
    def data(self) -> SimulatedDataset:
        return SimulatedDataset()

    @cached_property
    def edits(self) -> dict[str, Callable[[FmriSample], FmriSample]]:
        """By condition: regions, and of each but the whole as many voxels drawn at random from all, and all others."""
        index = self.data.vertex_index(self.subject)
        masks = {name: rows_of(areas)[index] for name, areas in REGIONS.items()}
        for place, name in enumerate([name for name in REGIONS if name != WHOLE]):
            drawn = np.random.default_rng([self.subject, place, 44]).permutation(len(index))
            masks[RANDOM + name] = drawn < masks[name].sum()
            masks[ONLY + name] = ~masks[name]
        return {INTACT: lambda sample: sample} | {name: self._over(mask) for name, mask in masks.items()}

    def _over(self, mask: np.ndarray) -> Silenced:
        return Lesion(",".join(GROUPS), silence=self.silence).over(mask, self.data, self.subject)

    def voxels(self) -> dict[str, int]:
        """How many voxels each region has."""
        return {name: int(edit.mask.sum()) for name, edit in self.edits.items() if isinstance(edit, Silenced)}

    def samples(self, clip: int, names: Sequence[str]) -> list[FmriSample]:
        sample = self.data.sample(self.subject, clip)
        return [self.edits[name](sample) for name in names]

    @torch.no_grad()
    def scores(self, clip: int, depth: str) -> Scores:
        """Of every metric up to `depth` the score of a clip under every condition."""
        pipeline, settings = load_pipeline(), settings_of()
        regions = [INTACT, *REGIONS]
        controls = [name for name in self.edits if name not in regions]
        blurry = replace(settings, guidance=Guidance(True, False, False))
        found = pipeline.guides(self.samples(clip, regions), blurry if depth == "blurry" else settings)
        others = pipeline.guides(self.samples(clip, controls), blurry)
        names = [*regions, *controls]
        truth = self.data.stimulus(clip, 16)
        rows = _by(names, steps.of_films("blurry", [one.blurry_video for one in [*found, *others]], truth))
        if depth != "blurry":
            stills = [one.keyframe[None] for one in found if one.keyframe is not None]
            rows |= _by(regions, steps.of_films("keyframe", stills, truth))
            rows |= _by(regions, steps.of_words([one.caption for one in found], clip))
        if depth == "film":
            rows |= _by(regions, steps.of_films("film", [made.video for made in pipeline.films(found)], truth))
        return rows

    @torch.no_grad()
    def tokens(self) -> list[Scores]:
        """By test clip the correlation of brain tokens with the CLIP tokens of its true middle frame, less the mean."""
        model = load_pipeline().subjects(self.subject).semantic
        wanted = standard((true_tokens(zoo_named(), self.data) - model.centre.cpu()).flatten(1).numpy())
        found: dict[str, np.ndarray] = {}
        for name, edit in self.edits.items():
            samples = [self.data.sample(self.subject, clip) for clip in range(self.data.info.n_clips)]
            voxels = torch.stack([edit(sample).voxels for sample in samples])
            decoded = (model.projected(voxels.to(model.centre)) - model.centre).flatten(1).float().cpu().numpy()
            found[name] = (standard(decoded) * wanted).sum(1)  # (n_clips,)
        return [{"token_correlation": {name: float(of[k]) for name, of in found.items()}} for k in range(len(wanted))]


def _by(names: Sequence[str], found: Mapping[str, np.ndarray]) -> Scores:
    return {metric: dict(zip(names, map(float, values), strict=True)) for metric, values in found.items()}


def settings_of() -> Settings:
    """How everything is decoded, intact or lesioned."""
    return replace(zoo_named().settings, keyframe_draws=1)


def made_with(plan: LesionPlan) -> dict[str, Any]:
    """What the scores depend on."""
    origins = {s: load_pipeline().subjects(s).origins for s in plan.subjects}
    return {
        "zoo": zoo_named().name,
        "dataset": "simulated",
        "silence": plan.silence,
        "weights": weights_of(zoo_named()),
        "settings": from_json(to_json(settings_of().record())),
        "reconstructors": {str(s): {role: dict(at) for role, at in of.items()} for s, of in origins.items()},
    }


def rows(plan: LesionPlan) -> dict[tuple[int, int], Scores]:
    """By subject and clip all scores of a plan; those that were made before are kept in the cache.

    A line on stderr tells of each clip that is made.
    """
    made = made_with(plan)
    kept = {subject: _Kept(subject, made) for subject in plan.subjects}
    lesioned = {subject: Lesioned(subject, plan.silence) for subject in plan.subjects}
    for subject, one in lesioned.items():
        if not kept[subject].has(0, ["token_correlation"]):
            for clip, scores in enumerate(one.tokens()):
                kept[subject].add(clip, scores)
    wanted: dict[int, list[str]] = {}
    for clip, depth in plan.depths():
        wanted[clip] = [name for name in STEPS if name.split("_")[0] in ("blurry", *_until(depth))]
        for subject, one in lesioned.items():
            if not kept[subject].has(clip, wanted[clip]):
                kept[subject].add(clip, one.scores(clip, depth))
                print(f"subject {subject}, clip {clip}: made to its {depth}", file=sys.stderr)
    return {
        (subject, clip): {name: found[name] for name in ("token_correlation", *wanted.get(clip, ()))}
        for subject, of in kept.items()
        for clip, found in of.rows.items()
    }


def _until(depth: str) -> tuple[str, ...]:
    return {"blurry": (), "keyframe": ("keyframe", "words"), "film": ("keyframe", "words", "film")}[depth]


class _Kept:
    """Scores of a subject in the cache, a line for each clip that was made; the last line of a clip counts."""

    def __init__(self, subject: int, made: Mapping[str, Any]):
        own = {**made, "reconstructors": made["reconstructors"][str(subject)]}
        name = hashlib.sha256(to_json([own, REGIONS]).encode()).hexdigest()[:16]
        self.path = cache_dir("lesions") / f"subject{subject}_{name}.jsonl"
        self.rows: dict[int, Scores] = {}
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for line in lines:
            try:
                row = from_json(line)
            except ValueError:  # the last, of a run that was stopped
                continue
            self.rows.setdefault(int(row["clip"]), {}).update(row["scores"])

    def has(self, clip: int, metrics: Sequence[str]) -> bool:
        return set(metrics) <= self.rows.get(clip, {}).keys()

    def add(self, clip: int, scores: Scores) -> None:
        self.rows.setdefault(clip, {}).update(scores)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(to_json({"clip": clip, "scores": scores}) + "\n")
