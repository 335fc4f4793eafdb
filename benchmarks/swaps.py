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
import torch
from torch import Tensor
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from perfect import NUMBERS, blurry, film, keyframes  # noqa: E402
from stored import store  # noqa: E402

from neuroclips.metrics.pixel import pixel_correlation  # noqa: E402
from neuroclips.simulation.render import render  # noqa: E402
from neuroclips.simulation.shots import Shot  # noqa: E402
from neuroclips.train.counterfactual import another_object, another_place  # noqa: E402
from neuroclips.train.webdata import (  # noqa: E402
    CLIP_FPS,
    CLIP_FRAMES,
    HELD_OUT,
    PIXELS,
    held_out_clips,
    time_of,
    to_pixels,
)
from neuroclips.train.zoo_scores import class_of, seen_in  # noqa: E402
from neuroclips.zoo import load_judges  # noqa: E402

TABLE = ROOT / "assets" / "readme" / "zoo.json"
N_PAIRS, N_PLACES = 10, 20
OTHER_GUIDANCE = 2.0  # beside the one in use


def rather(film: Tensor, shots: Sequence[Shot]) -> bool:
    """Whether the judge finds the class of the second shot more probable in a film than that of the first."""
    first, second = seen_in(load_judges().frame, film[None])[0][class_of(shots)]
    return bool(second > first)


def swaps(guidance: float = NUMBERS.video_guidance) -> dict[str, float]:
    """Two clips A and B of different classes: which of the two does the film show, and where?

    Shares of pairs in which the judge finds B's class more probable than A's, and in which the film correlates more
    with B's frames than with A's, when what is named comes from B and all else from A.
    """
    clips, shots = held_out_clips()
    pairs = [(i, i + 1) for i in range(0, 2 * N_PAIRS, 2) if shots[i].name != shots[i + 1].name]
    keys, table = keyframes(clips[: 2 * N_PAIRS, 0]), {}
    for swapped in ("nothing", "text", "keyframe", "text and keyframe", "blurry video"):
        shown, placed = [], []
        for a, b in tqdm(pairs, desc=swapped):
            text, key = (b if part in swapped else a for part in ("text", "keyframe"))
            rough = blurry(clips[b if swapped == "blurry video" else a])
            made = film(shots[text].caption, keys[key], rough, a, guidance)
            shown.append(rather(made, [shots[a], shots[b]]))
            placed.append(pixel_correlation(made, clips[b]) > pixel_correlation(made, clips[a]))
        table |= {f"{swapped}: class of B": np.mean(shown), f"{swapped}: layout of B": np.mean(placed)}
    return table


def clip_of(shot: Shot, index: int) -> Tensor:
    """Frames (16, 3, H, W) of a changed shot, at the times of web clip `index`."""
    times = time_of(index) + np.arange(CLIP_FRAMES) / CLIP_FPS
    return to_pixels(np.stack([render(shot, t, PIXELS) for t in times]).transpose(0, 3, 1, 2))


def places(guidance: float = NUMBERS.video_guidance) -> dict[str, float]:
    """A clip's words and keyframe, and a blurry video of the same scene with another object in another place.

    Shares of films in which the judge finds the clip's class more probable than the other one, and which correlate
    more with the clip's object in that other place than with the clip: the scene being the same, place decides.
    """
    clips, shots = held_out_clips()
    keys, shown, placed = keyframes(clips[:N_PLACES, 0]), [], []
    for i, shot in enumerate(tqdm(shots[:N_PLACES], desc="places")):
        rng = np.random.default_rng(i)
        there = replace(another_place(shot, rng), scene=shot.scene)
        other = replace(another_object(there, rng), seed=shot.seed)
        made = film(shot.caption, keys[i], blurry(clip_of(other, HELD_OUT + i)), i, guidance)
        shown.append(rather(made, [other, shot]))
        here = pixel_correlation(made, clips[i])
        placed.append(pixel_correlation(made, clip_of(there, HELD_OUT + i)) > here)
    return {"class of words and keyframe": np.mean(shown), "place of the blurry video": np.mean(placed)}


SECTIONS = {"swaps": swaps, "places": places}
SECTIONS |= {f"{name}, guidance {OTHER_GUIDANCE}": partial(f, OTHER_GUIDANCE) for name, f in SECTIONS.items()}


@torch.no_grad()
def measure(sections: Sequence[str]) -> None:
    """Write each section, as soon as it is measured, into the stored tables."""
    for name in sections:
        store(TABLE, name, SECTIONS[name]())


if __name__ == "__main__":
    measure(sys.argv[1:] or list(SECTIONS))
