"""What each guidance steers, of held-out web films: python benchmarks/swaps.py [SECTION ...]

Writes the sections (default: all) into assets/readme/zoo.json; `python benchmarks/zoo.py --tables` prints them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from torch import Tensor
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from perfect import TABLE, ZOO, blurry, film, keyframes  # noqa: E402
from stored import measure  # noqa: E402

from neuroclips.metrics.pixel import pixel_correlation  # noqa: E402
from neuroclips.simulation.motion import box  # noqa: E402
from neuroclips.simulation.shots import Shot  # noqa: E402
from neuroclips.train.demo_zoo.scores import class_of, seen_in  # noqa: E402
from neuroclips.web.clips import CLIP_FRAMES, HELD_OUT, frames_of, time_of  # noqa: E402
from neuroclips.web.counterfactual import another_place, other_classes  # noqa: E402
from neuroclips.web.films import held_out_clips, load, to_pixels  # noqa: E402
from neuroclips.zoo import load_part  # noqa: E402

N_PAIRS, N_PLACES = 10, 20
CHOSEN_BY = 95_000  # first of the web shots that chose start and guidance; those from HELD_OUT on report
TRIED = ((3, 0.67, 1.0), (4, 0.5, 1.0), (4, 0.75, 1.0), (12, 0.5, 2.0))  # steps of the schedule, start, guidance
ELSEWHERE = 0.15  # least distance from the object's place, in frame widths


def shows_second(made: Tensor, shots: Sequence[Shot]) -> bool:
    """Whether the judge finds the class of the second shot more probable in a film (16, 3, H, W) than the first's."""
    first, second = seen_in(load_part(ZOO, "frame judge"), made[None])[0][class_of(shots)]
    return bool(second > first)


def shares_of_b(swapped: str, clips: Tensor, shots: Sequence[Shot], keys: Tensor, setting: dict) -> tuple:
    """Neighbours A and B of different classes; what `swapped` names comes from B, all else from A.

    Shares of pairs in which the judge finds B's class more probable than A's, and in which the film correlates more
    with B's frames than with A's.
    """
    shown, placed = [], []
    pairs = [(i, i + 1) for i in range(0, len(clips), 2) if shots[i].name != shots[i + 1].name]
    for a, b in tqdm(pairs, desc=swapped):
        text, key, start = (b if part in swapped else a for part in ("text", "keyframe", "blurry video"))
        made = film(shots[text].caption, keys[key], blurry(clips[start]), a, **setting)
        shown.append(shows_second(made, [shots[a], shots[b]]))
        placed.append(pixel_correlation(made, clips[b]) > pixel_correlation(made, clips[a]))
    return np.mean(shown), np.mean(placed)


def swaps() -> dict[str, float]:
    """Ten pairs of clips A and B: which of the two does the film show, and where?"""
    clips, shots = held_out_clips()
    clips = clips[: 2 * N_PAIRS]
    keys, table = keyframes(clips[:, 0]), {}
    for swapped in ("nothing", "text", "keyframe", "text and keyframe", "blurry video"):
        shown, placed = shares_of_b(swapped, clips, shots, keys, {})
        table |= {f"{swapped}: class of B": shown, f"{swapped}: layout of B": placed}
    return table


def contests(steps: int, start: float, guidance: float) -> dict[str, float]:
    """Words and keyframe of A, blurry video of B: shares of 20 pairs in which A's class, and B's layout, win."""
    setting = {"num_inference_steps": steps, "start": start, "guidance_scale": guidance}
    frames, shots = load(4 * N_PAIRS, CLIP_FRAMES, CHOSEN_BY)
    clips = to_pixels(frames)
    shown, placed = shares_of_b("blurry video", clips, shots, keyframes(clips[:, 0]), setting)
    return {"class of words and keyframe": 1 - shown, "layout of the blurry video": placed}


def elsewhere(shot: Shot, start: float, rng: np.random.Generator) -> Shot:
    """The same scene with the shot's object, alone, farther left or right when the clip starts."""
    while True:
        moved = another_place(shot, rng)
        moved = replace(moved, scene=shot.scene, things=moved.things[:1])
        (left, _, right, _), (moved_left, _, moved_right, _) = box(shot, start), box(moved, start)
        if abs(left + right - moved_left - moved_right) / 2 >= ELSEWHERE:
            return moved


def with_another_object(shot: Shot, rng: np.random.Generator) -> Shot:
    """The same shot of an object of another class."""
    return replace(shot, things=(replace(shot.things[0], name=str(rng.choice(other_classes(shot)))),))


def places() -> dict[str, float]:
    """A clip's words and keyframe, and a blurry video of the same scene with another object in another place.

    Shares of films in which the judge finds the clip's class more probable than the other one, and which correlate
    more with the clip's object in that other place than with the clip. Clips of one object whose camera at most
    zooms, so that all but its place is the same.
    """
    clips, shots = held_out_clips()
    still = [i for i, s in enumerate(shots) if s.motion != "pan" and s.camera != "glide" and len(s.things) == 1]
    shown, placed = [], []
    for i in tqdm(still[:N_PLACES], desc="places"):
        shot, start, rng = shots[i], time_of(HELD_OUT + i), np.random.default_rng(i)
        there = elsewhere(shot, start, rng)
        other = with_another_object(there, rng)
        rough, moved = (to_pixels(frames_of(s, start, CLIP_FRAMES)) for s in (other, there))
        made = film(shot.caption, keyframes(clips[i, :1])[0], blurry(rough), i)
        shown.append(shows_second(made, [other, shot]))
        placed.append(pixel_correlation(made, moved) > pixel_correlation(made, clips[i]))
    return {"class of words and keyframe": np.mean(shown), "place of the blurry video": np.mean(placed)}


SECTIONS = {"swaps": swaps, "places": places}
SECTIONS |= {
    f"contests, {n} steps from {start:.0%}, guidance {g:g}": partial(contests, n, start, g) for n, start, g in TRIED
}

if __name__ == "__main__":
    measure(TABLE, SECTIONS, sys.argv[1:])
