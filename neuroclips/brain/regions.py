"""Which cortex is meant by words: areas, groups of areas, hemispheres and discs on the flat map.

Areas are those of Glasser et al. (2016, Nature 536), both hemispheres unless one is named: "V1", "L_V1". A disc is what
a brush leaves: "disc:x:y:r", its middle and radius in 900ths of the width of the flat map.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

import numpy as np

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.brain.flat import DISC_WIDTH, disc_rows
from neuroclips.errors import InputError

# Twelve groups that hold every area the simulated brains see with; after the sections of Glasser et al. (2016,
# supplementary neuroanatomical results), their stream split where function parts it.
GROUPS: dict[str, tuple[str, ...]] = {
    "V1": ("V1",),
    "V2": ("V2",),
    "V3": ("V3",),
    "V4": ("V4",),
    "dorsal": ("V3A", "V3B", "V3CD", "V6", "V6A", "V7", "IPS1"),
    "MT complex": ("MT", "MST", "V4t", "FST"),
    "object": ("LO1", "LO2", "LO3", "PH", "TE1m", "TE1p", "TE2p", "TF"),
    "ventral": ("FFC", "PIT", "V8", "VVC"),
    "scene": ("VMV1", "VMV2", "VMV3", "PHA1", "PHA2", "PHA3"),
    "medial": ("DVT", "POS1", "ProS", "RSC"),
    "temporal": ("STSda", "STSdp", "STSva", "STSvp", "TPOJ1", "TPOJ2", "TPOJ3"),
    "parietal": ("IP0", "LIPv", "MIP", "VIP", "PFt", "PGp", "PGs"),
}
MORE: dict[str, tuple[str, ...]] = {
    "early visual": ("V1", "V2", "V3", "V4"),
    "V1 to V3": ("V1", "V2", "V3"),
    "category selective": ("FFC", "PHA1", "PHA2", "PHA3", "LO1", "LO2", "LO3"),
}
HALVES = {"L": True, "R": False}


def parcels(vertex_index: np.ndarray) -> np.ndarray:
    """The area of every voxel in its hemisphere, (n_voxels,), such as "L_V1"; "L_" where it has no name."""
    cortex = load_cortex()
    return np.char.add(np.where(cortex.left[vertex_index], "L_", "R_"), cortex.area[vertex_index])


def known_areas() -> tuple[str, ...]:
    """The 180 areas of a hemisphere, in alphabetical order."""
    return tuple(sorted(set(load_cortex().area.tolist()) - {""}))


def rows_of(words: str | Sequence[str]) -> np.ndarray:
    """(59412,) bool: the grayordinates that are meant by "V1,FFC" or ["early visual", "L_MT", "disc:412:180:20"].

    Raises InputError for words that name none, with the nearest names.
    """
    return _meant_by(words if isinstance(words, str) else ",".join(words)).copy()


@lru_cache(maxsize=64)
def _meant_by(words: str) -> np.ndarray:
    names = [word.strip() for word in words.split(",") if word.strip()]
    if not names:
        raise InputError("got no region, expected some, such as V1,FFC or early visual: name one")
    return np.any([_rows(name) for name in names], 0)


def _rows(name: str) -> np.ndarray:
    if name.lower().startswith("disc:"):
        return _disc(name)
    cortex, (areas, half) = load_cortex(), _meant(name)
    here = np.isin(cortex.area, areas)
    return here if half is None else here & (cortex.left == HALVES[half])


def _meant(name: str) -> tuple[tuple[str, ...], str | None]:
    """Areas of a name, whatever its case, and its hemisphere."""
    table = {group.lower(): areas for group, areas in (MORE | GROUPS).items()}
    table |= {area.lower(): (area,) for area in known_areas()}
    plain = name.lower()
    if plain in table:
        return table[plain], None
    half, _, rest = name.replace("-", "_").partition("_")
    if half.upper() in HALVES and rest.lower() in table:
        return table[rest.lower()], half.upper()
    near = get_close_matches(plain, table, 4, 0.4)
    spelt = {known.lower(): known for known in (*MORE, *GROUPS, *known_areas())}
    told = ", ".join(spelt[known] for known in near) or "V1, MT, FFC"
    raise InputError(f"got region {name!r}, expected an area of Glasser et al. or a group, such as: {told}")


def _disc(name: str) -> np.ndarray:
    try:
        x, y, radius = (float(part) for part in name.split(":")[1:])
        if not (abs(x) <= DISC_WIDTH and abs(y) <= DISC_WIDTH and 0 < radius <= DISC_WIDTH):
            raise ValueError
    except ValueError:
        raise InputError(
            f"got {name!r}, expected a disc such as disc:412:180:20: middle and radius on a map 900 wide"
        ) from None
    here = np.zeros(N_CORTEX, bool)
    here[disc_rows(x, y, radius)] = True
    return here
