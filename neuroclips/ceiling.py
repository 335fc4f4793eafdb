"""Ceilings: the scores of a film from true inputs. These are no reconstructions; single films may score above them.

The zoo's text-to-video model, under the settings and the noise of a reconstruction, is given the truth in the place of
what is decoded: the first true frame, which is what the keyframe model learnt to draw; six true frames through the
codec, which is what the Perception Reconstructor learnt to give; and the true caption. What its films still lack, no
better decoding would bring. A ceiling belongs to a clip, whoever watched it. Nothing that reconstructs may import this
module: the contracts in pyproject.toml say so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips import precomputed
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.files import from_json, one_at_a_time, rounded, to_json, whole_file
from neuroclips.metrics.frames import N_SCORED
from neuroclips.metrics.report import evaluate
from neuroclips.metrics.scores import Scores
from neuroclips.noise import seeded
from neuroclips.paths import cache_dir
from neuroclips.zoo import load_judges, load_part, zoo_named

FILM = 6  # step of the route, whose noise a reconstruction draws


def precompute(clips: Collection[int]) -> Path:
    """Score the oracle film of each shipped clip, skipping those that are there.

    Raises InputError where ceilings of other settings are in the way.
    """
    expect_folder(precomputed.FOLDER)
    there = _rows()
    for clip in tqdm([clip for clip in clips if clip not in there], desc="ceilings"):
        _add(clip, ceiling(clip))
    return precomputed.FOLDER / precomputed.CEILINGS


def ceiling(clip: int) -> Scores:
    """The scores of the oracle film of a shipped clip, against the frames that reconstructions are scored against."""
    film = oracle(clip)
    return evaluate(film, _truth().stimulus(clip, len(film)), load_judges(zoo_named()))


@torch.no_grad()
def oracle(clip: int) -> Tensor:
    """The film (n_video_frames, 3, H, W) that the text-to-video model makes of the truth about a shipped clip."""
    zoo, data = zoo_named(), _truth()
    settings, codec, frames = zoo.settings, load_part(zoo, "codec"), data.stimulus(clip, N_SCORED)  # at 3 fps
    films = load_part(zoo, "video")(
        [data.caption(clip)],
        frames[:1],
        codec.decode(codec.encode(frames))[None],
        n_video_frames=settings.n_video_frames,
        theta=settings.theta,
        start=settings.video_start,
        num_inference_steps=settings.video_steps,
        guidance_scale=settings.video_guidance,
        generators=[seeded(settings.seed, clip, FILM, 0)],
        solver=settings.video_solver,
    )
    return films[0].cpu()


@cache
def _truth() -> SimulatedDataset:
    return SimulatedDataset()


def made_with() -> dict:
    """What all ceilings have in common, as it is written."""
    return from_json(to_json({"zoo": zoo_named().name, **zoo_named().settings.record()}))


def _rows() -> dict[int, Scores]:
    made, rows = precomputed.ceiling_table()
    now = made_with()
    if other := [name for name in now if made and made.get(name) != now[name]]:
        raise InputError(
            f"{precomputed.FOLDER / precomputed.CEILINGS}: got ceilings made with other {', '.join(other)} than now, "
            "expected the same: delete the file to make all of them anew"
        )
    return rows


def _add(clip: int, scores: Scores) -> None:
    """Put a row into the table, whole; other processes may add theirs."""
    path = precomputed.FOLDER / precomputed.CEILINGS
    with one_at_a_time(cache_dir("locks"), "precomputed-ceilings.lock"), whole_file(path) as partial:
        rows = _rows() | {clip: scores}
        lines = ",\n".join(to_json({"clip": clip} | rounded(asdict(rows[clip]))) for clip in sorted(rows))
        made = to_json(made_with(), indent=1)
        partial.write_text(f'{{"made": {made},\n"ceilings": [\n{lines}\n]}}\n', encoding="utf-8")
