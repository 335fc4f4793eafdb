"""Scripts and frames of the simulated films: everything follows from (kind, index), at any size and frame rate.

Counts and cut rates are those of cc2017: 18 training and 5 test films of 240 TRs of 2 s; about 17 % of
training and 45 % of test TRs contain a cut. "web" films come from a disjoint seed space and train the frozen models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from neuroclips.paths import ASSETS
from neuroclips.simulation import scenes
from neuroclips.simulation.vocabulary import CLASS_NAMES, OBJECTS, SCENES, caption

TR = 2.0  # [s]
N_TR = 240  # per film
FILM_COUNT = {"train": 18, "test": 5}
_SEED_SPACE = {"train": 1, "test": 2, "web": 3}
_MEAN_SHOT = {"train": TR / 0.17, "test": TR / 0.45, "web": 4.0}  # [s], from the cut rates above


@dataclass(frozen=True)
class Shot:
    """One camera shot. Places are fractions of the frame, speeds are frames per second [1/s]."""

    name: str
    scene: str
    motion: str
    start: float  # [s] in its film
    duration: float  # [s]
    seed: int
    size: float  # of the object, in frame heights
    x: float
    y: float
    speed: float
    phase: float

    @property
    def caption(self) -> str:
        return caption(self.name, self.scene, self.motion)


def _shot(kind: str, rng: np.random.Generator, start: float, duration: float) -> Shot:
    names = [n for n in CLASS_NAMES if kind != "train" or not OBJECTS[n].test_only]
    thing = OBJECTS[names[rng.integers(len(names))]]
    return Shot(
        thing.name, str(rng.choice(thing.scenes)), str(rng.choice(thing.motions)), start, duration,
        int(rng.integers(2**31)), rng.uniform(0.48, 0.85), rng.uniform(0.3, 0.7), rng.uniform(0.45, 0.62),
        rng.uniform(0.12, 0.3) * rng.choice([-1, 1]), rng.uniform(0, 1),
    )  # fmt: skip


@lru_cache(maxsize=64)
def script(kind: str, index: int) -> tuple[Shot, ...]:
    """The shots of film `index` of `kind` ("train", "test"), in order, covering 480 s."""
    if index not in range(FILM_COUNT[kind]):
        raise ValueError(f"got {kind} film {index}, expected 0 to {FILM_COUNT[kind] - 1}")
    rng = np.random.default_rng([_SEED_SPACE[kind], index])
    shots, start = [], 0.0
    while start < N_TR * TR:
        duration = float(np.clip(rng.gamma(4, _MEAN_SHOT[kind] / 4), 2, 24))
        duration = min(duration, N_TR * TR - start)
        shots.append(_shot(kind, rng, start, duration))
        start += duration
    return tuple(shots)


def web_shot(index: int) -> Shot:
    """Shot `index` of the endless web film; it lasts 4 s."""
    return _shot("web", np.random.default_rng([_SEED_SPACE["web"], index]), 0.0, _MEAN_SHOT["web"])


def shot_at(kind: str, film: int, time: float) -> Shot:
    """The shot on screen at `time` [s]."""
    shots = script(kind, film)
    starts = [s.start for s in shots]
    return shots[int(np.searchsorted(starts, time, side="right")) - 1]


@lru_cache(maxsize=64)
def _sprite(name: str, flip: bool) -> Image.Image:
    sprite = Image.open(ASSETS / "sprites" / f"{OBJECTS[name].sprite}.webp").convert("RGBA")
    return sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else sprite


@lru_cache(maxsize=8)
def _scene(shot: Shot, pixels: int) -> Image.Image:
    return Image.fromarray(scenes.paint(shot.scene, np.random.default_rng(shot.seed), pixels))


def _swing(u: float) -> float:
    """Triangle wave of period 4 between -1 and 1, so that nothing leaves the frame."""
    return 1 - abs((u - 1) % 4 - 2)


def pose(shot: Shot, time: float) -> tuple[float, float, float, bool, float]:
    """Object centre x, y, size (all in frames), mirrored?, and camera pan in [0, 1], `time` [s] into the shot."""
    u = 4 * shot.phase + 4 * shot.speed * time
    x, y, size, pan = shot.x, shot.y, shot.size, 0.5
    going_right = ((u - 1) % 4 < 2) == (shot.speed > 0)
    if shot.motion in ("drift", "swim", "walk"):
        x = 0.5 + 0.26 * _swing(u)
        y += {"drift": 0.02, "swim": 0.07, "walk": 0.03}[shot.motion] * np.sin({"walk": 9}.get(shot.motion, 3) * time)
    elif shot.motion == "bounce":
        x, y = 0.5 + 0.2 * _swing(u), 0.66 - 0.3 * abs(np.sin(3 * time + 6 * shot.phase))
    elif shot.motion in ("approach", "recede"):
        share = time / shot.duration
        size = 0.4 + 0.5 * (share if shot.motion == "approach" else 1 - share)
        going_right = shot.speed > 0
    elif shot.motion == "circle":
        angle = 6.28 * (shot.phase + shot.speed * time)
        x, y = 0.5 + 0.2 * np.cos(angle), 0.5 + 0.16 * np.sin(angle)
    if shot.motion == "pan":
        pan, going_right = 0.5 + 0.5 * _swing(u), shot.speed > 0
        x += 0.16 * (0.5 - pan)
    return float(x), float(y), float(size), bool(going_right), float(pan)


def box(shot: Shot, time: float) -> tuple[float, float, float, float]:
    """The object's box (left, top, right, bottom) in frame fractions, `time` [s] into the shot."""
    x, y, size, _, _ = pose(shot, time)
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2


def render(shot: Shot, time: float, pixels: int = 96) -> np.ndarray:
    """One frame, uint8 of shape (pixels, pixels, 3), `time` [s] into the shot."""
    x, y, size, flip, pan = pose(shot, time)
    painting = _scene(shot, pixels)
    left = round(pan * (painting.width - pixels))
    frame = painting.crop((left, 0, left + pixels, pixels))
    edge = max(8, round(size * pixels))
    sprite = _sprite(shot.name, flip).resize((edge, edge), Image.Resampling.BILINEAR, reducing_gap=2.0)
    frame.paste(sprite, (round(x * pixels - edge / 2), round(y * pixels - edge / 2)), sprite)
    return np.asarray(frame)


def clip_frames(kind: str, film: int, tr: int, n_frames: int, pixels: int = 96) -> np.ndarray:
    """The `n_frames` evenly spaced frames of one TR, uint8 (n_frames, pixels, pixels, 3)."""
    times = tr * TR + np.arange(n_frames) * TR / n_frames
    frames = []
    for time in times:
        shot = shot_at(kind, film, time)
        frames.append(render(shot, time - shot.start, pixels))
    return np.stack(frames)


def clip_caption(kind: str, film: int, tr: int) -> str:
    """The true caption of a TR: that of the shot in its middle."""
    return shot_at(kind, film, (tr + 0.5) * TR).caption


def has_cut(kind: str, film: int, tr: int) -> bool:
    """Whether a cut falls inside the TR."""
    return any(tr * TR < shot.start < (tr + 1) * TR for shot in script(kind, film))


assert set(SCENES) == set(scenes.PAINTERS), "every scene needs a painter"
