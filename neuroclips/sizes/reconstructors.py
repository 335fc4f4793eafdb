"""The reconstructors of subjects 1 to 3 at paper size: those that `train --zoo paper` makes, and the released ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neuroclips.errors import InputError
from neuroclips.sizes.size import Size

N_VOXELS = {1: 13447, 2: 14828, 3: 9114}  # selected in cc2017 (paper, section 4.1)
OURS, RELEASED = "neuroclips.reconstructors", "neuroclips.reconstructors.released"
COUNTED = "counted here"  # nobody published how many ours have
OF_SHAPES = "shapes of the released code's networks"

# role -> class of its config, what differs from its defaults, and for subjects 1, 2 and 3: parameters, and in millions
ROLES: dict[str, tuple[str, Mapping[str, Any], tuple[int, int, int], tuple[float, float, float], str]] = {
    "perception": (
        f"{OURS}.perception:PerceptionConfig",
        {},
        (239_854_612, 247_994_226, 214_315_910),
        (239.9, 248.0, 214.3),
        COUNTED,
    ),
    "semantic": (
        f"{OURS}.semantic:SemanticConfig",
        {},
        (1_942_944_384, 1_948_600_960, 1_925_196_416),
        (1942.9, 1948.6, 1925.2),
        COUNTED,
    ),
    "prior": (f"{OURS}.prior:PriorConfig", {}, (203_285_888,) * 3, (203.3,) * 3, COUNTED),
    "released perception": (
        f"{RELEASED}:ReleasedPerceptionConfig",
        {},
        (229_184_945, 237_324_559, 203_646_243),
        (229.2, 237.3, 203.6),
        OF_SHAPES,
    ),
    "released semantic": (
        f"{RELEASED}:ReleasedSemanticConfig",
        {"text_dim": 1280},
        (1_945_074_328, 1_950_730_904, 1_927_326_360),
        (1945.1, 1950.7, 1927.3),  # of subject 1, 2,204.9 with the prior
        OF_SHAPES,
    ),
    "released prior": (f"{RELEASED}:ReleasedPriorConfig", {}, (259_865_200,) * 3, (259.9,) * 3, OF_SHAPES),
}


def reconstructor(role: str, subject: int = 1) -> Size:
    """The size of "perception", "semantic" or "prior", or of "released perception" and so on, for a subject.

    Raises InputError for a subject that is none of the paper's.
    """
    if subject not in N_VOXELS:
        raise InputError(f"got subject {subject}, expected one of: {', '.join(map(str, N_VOXELS))}")
    of, config, counts, millions, source = ROLES[role]
    build = {} if role.endswith("prior") else {"n_voxels": N_VOXELS[subject]}
    return Size(of, config, counts[subject - 1], millions[subject - 1], 1, source, build)
