"""Scripts of the simulated films: which shot shows what, when and how; everything follows from (kind, index).

Counts and cut rates are those of cc2017 (Wen et al. 2018): 18 training and 5 test films of 240 TRs of 2 s; about 17 %
of training and 45 % of test TRs contain a cut. People lead, then animals. "web" films train the frozen models and the
"calibration" film sets the scale of the simulated brains; both come from seed spaces of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_SAMPLES, TR
from neuroclips.simulation.vocabulary import OBJECTS, caption

N_TR = N_SAMPLES  # per film
FILM_FPS = 30  # [Hz]: cuts fall on frames of a 30 Hz film, as in cc2017
FILM_COUNT = {"train": 18, "test": 5, "calibration": 1}
CAMERAS = ("still", "still", "glide", "push", "pull")
COMPANY = 0.3  # share of shots with a second object
_SEED_SPACE = {"train": 1, "test": 2, "web": 3, "calibration": 4}
_MEAN_SHOT = {"train": TR / 0.17, "test": TR / 0.45, "web": 4.0, "calibration": TR / 0.17}  # [s], from the cut rates


@dataclass(frozen=True)
class Thing:
    """One object of a shot. Places and sizes are fractions of the frame, `speed` is in frames per second [1/s]."""

    name: str
    size: float
    x: float
    y: float
    speed: float
    phase: float


@dataclass(frozen=True)
class Shot:
    """One camera shot; `things` holds the main object and perhaps a smaller companion. Times in [s]."""

    things: tuple[Thing, ...]
    scene: str
    motion: str  # of the main object
    camera: str
    start: float  # in its film
    duration: float
    seed: int  # of the painting

    @property
    def name(self) -> str:
        """Class of the main object."""
        return self.things[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """Classes of all objects."""
        return tuple(t.name for t in self.things)

    @property
    def caption(self) -> str:
        return caption(self.name, self.scene, self.motion, *self.names[1:])


def _choose(kind: str, rng: np.random.Generator, scene: str | None = None) -> str:
    """A class; the web shows all classes equally, training films leave the test-only ones out."""
    known = [o for o in OBJECTS.values() if not (kind in ("train", "calibration") and o.test_only)]
    known = [o for o in known if scene is None or scene in o.scenes]
    edges = np.cumsum([1.0 if kind == "web" else o.share for o in known])
    return known[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))].name


def _companion(kind: str, rng: np.random.Generator, scene: str, main: Thing) -> tuple[Thing, ...]:
    """Sometimes a second, smaller object of another class of the same scene, at the side."""
    wanted, name = rng.random() < COMPANY, _choose(kind, rng, scene)
    left, size, y = rng.random() < 0.5, rng.uniform(0.24, 0.36), rng.uniform(0.4, 0.7)
    speed, phase = rng.uniform(0.02, 0.05), rng.random()
    if not wanted or name == main.name:
        return ()
    return (Thing(name, size, 0.17 if left else 0.83, y, speed, phase),)


def _shot(kind: str, rng: np.random.Generator, start: float, duration: float) -> Shot:
    kind_of = OBJECTS[_choose(kind, rng)]
    scene = kind_of.scenes[rng.integers(len(kind_of.scenes))]
    motion = kind_of.motions[rng.integers(len(kind_of.motions))]
    camera, seed = CAMERAS[rng.integers(len(CAMERAS))], int(rng.integers(2**31))
    size, x, y = rng.uniform([0.46, 0.3, 0.45], [0.8, 0.7, 0.62])
    speed, phase = rng.uniform(0.12, 0.3) * rng.choice([-1, 1]), rng.random()
    main = Thing(kind_of.name, float(size), float(x), float(y), float(speed), float(phase))
    things = (main, *_companion(kind, rng, scene, main))
    return Shot(things, scene, motion, camera, start, duration, seed)


@lru_cache(maxsize=64)
def script(kind: str, index: int) -> tuple[Shot, ...]:
    """The shots of film `index` of `kind` ("train", "test", "calibration"), in order, covering 480 s."""
    if index not in range(FILM_COUNT[kind]):
        raise InputError(f"got {kind} film {index}, expected 0 to {FILM_COUNT[kind] - 1}")
    rng = np.random.default_rng([_SEED_SPACE[kind], index])
    shots, start, end = [], 0, int(N_TR * TR * FILM_FPS)  # in frames of the 30 Hz film
    while start < end:
        seconds = float(np.clip(rng.gamma(4, _MEAN_SHOT[kind] / 4), 2, 24))
        frames = min(round(seconds * FILM_FPS), end - start)
        shots.append(_shot(kind, rng, start / FILM_FPS, frames / FILM_FPS))
        start += frames
    return tuple(shots)


def web_shot(index: int) -> Shot:
    """Shot `index` of the endless web film; it lasts 4 s."""
    return _shot("web", np.random.default_rng([_SEED_SPACE["web"], index]), 0.0, _MEAN_SHOT["web"])


@lru_cache(maxsize=64)
def _starts(kind: str, film: int) -> np.ndarray:
    return np.array([s.start for s in script(kind, film)])


def shot_at(kind: str, film: int, time: float) -> Shot:
    """The shot on screen at `time` [s]; a frame at the moment of a cut belongs to the new shot."""
    return script(kind, film)[int(np.searchsorted(_starts(kind, film), time + 1e-6, side="right")) - 1]


def cut_times(kind: str, film: int) -> np.ndarray:
    """When the shots of a film begin, without the first [s]."""
    return _starts(kind, film)[1:]


def has_cut(kind: str, film: int, tr: int) -> bool:
    """Whether a cut falls inside the TR."""
    cuts = cut_times(kind, film)
    return bool(((cuts > tr * TR) & (cuts < (tr + 1) * TR)).any())


def clip_caption(kind: str, film: int, tr: int) -> str:
    """The true caption of a TR: that of the shot in its middle."""
    return shot_at(kind, film, (tr + 0.5) * TR).caption
