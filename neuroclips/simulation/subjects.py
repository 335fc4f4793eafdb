"""Simulated subjects: every parameter of every vertex, drawn once from the subject's seed, is the ground truth.

Where each choice comes from:
- receptive fields: `retinotopy` and `areas` name the papers; scatter around the map of about 0.2 times the field size;
- spatial frequency falls with eccentricity (Henriksson et al. 2008); orientation, temporal frequency and, in motion
  areas, direction and speed are uniform over cortex (Nishimoto et al. 2011 fit the same kind of filters);
- semantic weights vary smoothly over cortex with a length of about 12 mm (Huth et al. 2012);
- the HRF is Glover's (1999) with a latency of each vertex's own (Handwerker et al. 2004: spread about 0.5 s) in steps
  of 0.25 s; it is 1 s earlier on average, so that responses are strongest at the paper's delay of 4 s;
- signal-to-noise falls from early visual to higher areas, is log-normal over vertices, and falls with the share of a
  receptive field that lies outside the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from scipy.stats import norm

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Seed, Weight
from neuroclips.reading import read_arrays
from neuroclips.simulation.areas import EARLY, MOTION, OBJECT, RESPONSIVE, SEMANTIC, STRENGTH
from neuroclips.simulation.features import SEMANTIC_NAMES
from neuroclips.simulation.retinotopy import MAX_ECCENTRICITY, visual_field

NULL = 0  # the subject that only makes noise
SCREEN = 20.3  # [deg] width of the frame in cc2017 (Wen et al. 2018)
LATENCIES = np.linspace(-2, 0, 9)  # [s] that a vertex may have
DENSITY = {"full": 1, "quarter": 4}  # every how manieth vertex is kept


@dataclass(frozen=True)
class SubjectConfig(Checked):
    """How a simulated subject differs from the others; `snr` is signal over noise of one showing in V1."""

    seed: Seed
    snr: Weight


SUBJECTS = {
    1: SubjectConfig(101, 0.79),
    2: SubjectConfig(202, 1.0),
    3: SubjectConfig(303, 0.585),
    NULL: SubjectConfig(404, 0.0),
}


def subject_name(subject: int) -> str:
    """How files and screens call a subject: "subject1" or "null"."""
    return "null" if subject == NULL else f"subject{subject}"


@dataclass(frozen=True)
class Truth:
    """Arrays over the 59,412 cortical grayordinates; NaN or 0 where a parameter means nothing."""

    eccentricity: np.ndarray  # [deg] of the smooth map
    angle: np.ndarray  # [deg] of the smooth map, from the contralateral horizontal meridian, 90 is up
    x: np.ndarray  # [deg] centre right of fixation, scattered around the map
    y: np.ndarray  # [deg] centre above fixation, scattered around the map
    size: np.ndarray  # [deg] standard deviation of the window in which filters and colours are pooled
    orientation: np.ndarray  # [deg] of the preferred bars' motion axis, 0 to 180
    spatial_frequency: np.ndarray  # [cycles per frame]
    temporal_frequency: np.ndarray  # [Hz]
    direction: np.ndarray  # [deg] of preferred motion, motion areas only
    speed: np.ndarray  # [frames per second], temporal over spatial frequency, motion areas only
    colour: np.ndarray  # (3, 59412): luminance, red-green, blue-yellow
    semantic: np.ndarray  # (n_names, 59412), in the order of features.SEMANTIC_NAMES
    latency: np.ndarray  # [s] added to Glover's HRF
    snr: np.ndarray  # signal over noise of one showing

    def at(self, rows: np.ndarray) -> Truth:
        """The truth of some vertices, by index or mask."""
        return Truth(**{name: values[..., rows] for name, values in vars(self).items()})

    def save(self, path: Path) -> Path:
        """Write every array, the names of areas and of semantic axes as one .npz."""
        with path.open("wb") as file:
            np.savez_compressed(file, area=load_cortex().area, semantic_names=np.array(SEMANTIC_NAMES), **vars(self))
        return path

    @classmethod
    def load(cls, path: Path) -> Truth:
        return cls(**read_arrays(path, [f.name for f in fields(cls)]))


def draw_truth(subject: int, seed: int = 0) -> Truth:
    """Draw a subject. Raises InputError for one that does not exist."""
    if subject not in SUBJECTS:
        raise InputError(f"got subject {subject}, expected one of 1, 2, 3, null")
    config = SUBJECTS[subject]
    rng, area = np.random.default_rng([config.seed, seed]), load_cortex().area
    fields_ = _receptive_fields(rng)
    tuning = _tuning(rng, fields_["eccentricity"])
    colour = rng.normal(0, 1, (3, N_CORTEX)) * np.array([1.0, 0.9, 0.9])[:, None] * np.isin(area, list(EARLY))
    strength = np.array([STRENGTH.get(name, 0.0) for name in area])
    snr = config.snr * strength * rng.lognormal(0, 0.3, N_CORTEX) * _seen(fields_)
    latency = LATENCIES[np.abs(rng.normal(-1.0, 0.5, N_CORTEX)[:, None] - LATENCIES).argmin(1)]
    drawn = {**fields_, **tuning, "colour": colour, "semantic": _semantic_weights(rng), "latency": latency, "snr": snr}
    return Truth(**{name: np.asarray(values, np.float32) for name, values in drawn.items()})


def _receptive_fields(rng: np.random.Generator) -> dict[str, np.ndarray]:
    cortex = load_cortex()
    eccentricity, angle = (values.copy() for values in visual_field())
    base, slope = np.full(N_CORTEX, np.nan), np.full(N_CORTEX, np.nan)
    for name, (at_fovea, growth) in {**EARLY, **MOTION}.items():
        base[cortex.area == name], slope[cortex.area == name] = at_fovea, growth
    moving = np.isin(cortex.area, list(MOTION))  # no ordered map: smooth over cortex, in the contralateral half
    field = _smooth(rng, cortex.xyz, 2, 15.0)
    eccentricity[moving] = MAX_ECCENTRICITY * 0.7 * (0.5 + 0.5 * np.tanh(field[moving, 0]))
    angle[moving] = 80 * np.tanh(field[moving, 1])
    size = base + slope * eccentricity
    side, radians = np.where(cortex.left, 1, -1), np.deg2rad(angle)
    x, y = side * eccentricity * np.cos(radians), eccentricity * np.sin(radians)
    scatter = 0.2 * size * rng.standard_normal((2, N_CORTEX))
    return {"eccentricity": eccentricity, "angle": angle, "x": x + scatter[0], "y": y + scatter[1], "size": size}


def _seen(fields_: dict[str, np.ndarray]) -> np.ndarray:
    """The share of each receptive field inside the frame; 1 where there is none."""
    edge = SCREEN / 2
    spans = [
        norm.cdf((edge - fields_[k]) / fields_["size"]) - norm.cdf((-edge - fields_[k]) / fields_["size"]) for k in "xy"
    ]
    return np.nan_to_num(spans[0] * spans[1], nan=1.0)


def _tuning(rng: np.random.Generator, eccentricity: np.ndarray) -> dict[str, np.ndarray]:
    area = load_cortex().area
    mapped, moving = np.isin(area, [*EARLY, *MOTION]), np.isin(area, list(MOTION))
    octaves = rng.normal(0, 0.5, N_CORTEX)
    drawn = {
        "orientation": rng.uniform(0, 180, N_CORTEX),
        "spatial_frequency": 2 ** np.clip(2.6 - 0.15 * eccentricity + octaves, 0.5, 3),
        "temporal_frequency": 2 ** rng.uniform(-1, 1.3, N_CORTEX),
        "direction": rng.uniform(0, 360, N_CORTEX),
    }
    drawn["speed"] = drawn["temporal_frequency"] / drawn["spatial_frequency"]
    return {k: np.where(moving if k in ("direction", "speed") else mapped, v, np.nan) for k, v in drawn.items()}


def _smooth(rng: np.random.Generator, xyz: np.ndarray, n: int, length: float) -> np.ndarray:
    """`n` smooth fields over cortex (len(xyz), n) of unit variance: random Fourier features (Rahimi and Recht 2007)."""
    waves, phase = rng.normal(0, 1 / length, (3, 24)), rng.uniform(0, 2 * np.pi, 24)
    return np.cos(xyz @ waves + phase) @ rng.normal(0, 1, (24, n)) / np.sqrt(12)


def _semantic_weights(rng: np.random.Generator) -> np.ndarray:
    """Smooth tuning that favours the axes of each area: (n_names, 59412), zero outside semantic areas."""
    cortex = load_cortex()
    where = np.flatnonzero(np.isin(cortex.area, list(SEMANTIC)))
    smooth = _smooth(rng, cortex.xyz[where], len(SEMANTIC_NAMES), 12.0)
    tuned = smooth + 0.5 * rng.standard_normal(smooth.shape)
    for name, axes in SEMANTIC.items():
        here, favoured = cortex.area[where] == name, np.isin(SEMANTIC_NAMES, axes)
        tuned[here] = np.where(favoured, tuned[here], 0.25 * tuned[here])
        if axes is not OBJECT:  # an area for faces likes them all over
            tuned[here] = np.where(favoured, 1 + 0.35 * tuned[here], tuned[here])
    weights = np.zeros((len(SEMANTIC_NAMES), N_CORTEX), np.float32)
    weights[:, where] = tuned.T
    return weights


def kept_vertices(subject: int, density: str, seed: int = 0) -> np.ndarray:
    """Rows among the 59,412 that a density keeps: all, or every fourth of the same brain. Raises InputError."""
    if density not in DENSITY:
        raise InputError(f"got density {density!r}, expected one of: {', '.join(DENSITY)}")
    step = DENSITY[density]
    return np.arange((SUBJECTS[subject].seed + seed) % step, N_CORTEX, step)


def responsive() -> np.ndarray:
    """(59412,) bool: vertices of the areas that see something in the simulated brains."""
    return np.isin(load_cortex().area, RESPONSIVE)
