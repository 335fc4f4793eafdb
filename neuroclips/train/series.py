"""Codec, keyframes and video of the demo zoo one after the other, each learning from the one before: --stage zoo-all.

With --seconds the whole ends on time: films are drawn first, as many as fit into their share, and the rest is divided
between the stages. What is drawn, and how long each stage may take, is kept for a run that is resumed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from neuroclips.errors import InputError, MissingError
from neuroclips.files import write_json
from neuroclips.kept import kept_file
from neuroclips.reading import read_json
from neuroclips.train import stages
from neuroclips.train.demo_zoo import guided
from neuroclips.train.demo_zoo.codec import N_SHOTS
from neuroclips.train.demo_zoo.video import FIRST, N_CLIPS, N_FILMS
from neuroclips.train.order import Order
from neuroclips.web.blurry import made_up
from neuroclips.web.clips import CLIP_FRAMES, web_clip
from neuroclips.web.films import held_out_clips, held_out_frames, load
from neuroclips.web.speed import seconds_each
from neuroclips.zoo import Zoo, zoo_named

SHARES = {"zoo-codec": 140, "zoo-keyframes": 130, "zoo-video": 190}  # of the time that is left for training
FOR_FILMS, FOR_SCORES = 1 / 6, 1 / 15  # of the whole time: to draw films, and to load, validate and save
FOR_FRAMES = 1 / 4  # of the time for films: single frames for codec and keyframes, the rest for clips
FEWEST, TIMED = 64, 32  # films that are drawn in any case, and of each kind to tell how fast that goes
GOING_ON = {"zoo-codec": 6e-4, "zoo-keyframes": 7e-4, "zoo-video": 8e-4}  # learning rates from trained weights


def run(order: Order) -> dict[str, object]:
    """Train the three stages; returns {"stage", "out", "scores"}, of which the scores are by stage.

    order.out and order.start are folders like that of the zoo, with a folder for each stage. Raises as stages.run.
    """
    parts = [_part(order, stage) for stage in SHARES]
    for part in parts:
        stages.expect(part)
    zoo, seconds, made = _zoo_at(order), order.recipe.get("seconds"), []
    plan = _plan(order.home, seconds) if seconds else {}
    for part in parts:
        end = time.monotonic() + plan["seconds"][part.stage] if plan else None
        n_web = plan.get("clips" if part.stage == "zoo-video" else "frames")
        made.append(stages.run(part, zoo, n_web, end))
    outs = [out for one in made for out in one["out"]]  # type: ignore[attr-defined]
    return {"stage": order.stage, "out": outs, "scores": {str(one["stage"]): one["scores"] for one in made}}


def _part(order: Order, stage: str) -> Order:
    """The order of one stage. Raises MissingError when there is nothing to start it from."""
    place, recipe = _place(order, stage), dict(order.recipe)
    start = order.start / place if order.start else None
    if start and not start.is_dir():
        raise MissingError(f"no folder {start} to start from, expected one like that of the zoo: change --start")
    if start:
        recipe = {"learning_rate": GOING_ON[stage]} | recipe
    if "seconds" in recipe:
        recipe = {"validate_every": 10**9} | recipe  # at the end
    out = (order.out / place).resolve() if order.out else None
    return replace(order, stage=stage, out=out, start=start, run_dir=order.home / stage, recipe=recipe)


def _place(order: Order, stage: str) -> str:
    """The folder of a stage's weights within that of a zoo."""
    return zoo_named(order.zoo).part(stages.stage_named(stage).own_role()).subfolder or ""


def _zoo_at(order: Order) -> Zoo:
    """The zoo with what is trained here where it will be."""
    zoo, places = zoo_named(order.zoo), {_place(order, stage) for stage in SHARES}
    if order.out is None:
        return zoo
    home = str(order.out.resolve())
    moved = (replace(p, source=home) if (p.subfolder or "").split("/")[0] in places else p for p in zoo.parts)
    return replace(zoo, parts=tuple(moved))


def _plan(home: Path, seconds: float) -> dict[str, Any]:
    """Numbers of frames and clips, which are drawn, and seconds of each stage: made once for a run of this length."""
    path = home / f"plan-{seconds:g}s.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    return kept_file(path, lambda: write_json(path, _planned(seconds)), _read)


def _read(path: Path) -> dict[str, Any]:
    plan = read_json(path)
    if not {"frames", "clips", "seconds"} <= plan.keys():
        raise InputError(f"{path}: got no plan of a run")
    return plan


def _planned(seconds: float) -> dict[str, Any]:
    begun = time.monotonic()
    frame, clip = _seconds_of_films()
    in_time = seconds * FOR_FILMS
    n_frames, n_clips = (
        _fitting(in_time * FOR_FRAMES / frame, N_SHOTS),
        _fitting(in_time * (1 - FOR_FRAMES) / clip, N_CLIPS),
    )
    print(f"of {seconds:g} s, {in_time:.0f} s draw {n_frames} frames and {n_clips} clips", file=sys.stderr)
    _draw(n_frames, n_clips)
    left = max(0.0, seconds * (1 - FOR_SCORES) - (time.monotonic() - begun))  # a stage takes a step in any case
    shares = {stage: round(left * share / sum(SHARES.values()), 1) for stage, share in SHARES.items()}
    print(f"seconds of the stages: {shares}", file=sys.stderr)
    return {"frames": n_frames, "clips": n_clips, "seconds": shares}


def _seconds_of_films() -> tuple[float, float]:
    """Time of a frame, and of a clip with its made-up starts [s], by all cores."""
    numbers = range(FIRST, FIRST + TIMED)
    kinds = (partial(web_clip, n_frames=1), numbers), (web_clip, numbers), (made_up, [(i, 0) for i in numbers])
    frame, clip, start = seconds_each(*kinds)
    return frame, clip + guided.N_DRAWS * start


def _fitting(n: float, most: int) -> int:
    return min(most, max(FEWEST, int(n)))


def _draw(n_frames: int, n_clips: int) -> None:
    held_out_frames(), held_out_clips(N_FILMS)
    load(n_frames, 1)
    load(n_clips, CLIP_FRAMES, FIRST)
    guided.films_of_unsure(n_clips, FIRST)
