"""What the page knows of the clips before anything is computed: their labels, which are alike, and the stored films."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from PIL import Image

from neuroclips import __version__, precomputed
from neuroclips.configure import configure
from neuroclips.data.registry import load_dataset
from neuroclips.data.simulated import THUMBNAILS
from neuroclips.errors import InputError
from neuroclips.files import whole_file
from neuroclips.kept import kept_file
from neuroclips.metrics.scores import ABOUT
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES, TR
from neuroclips.simulation import shots
from neuroclips.types import TABLE_2, AlphaMode, Settings
from neuroclips.ui import flatmap, from_brain, scored
from neuroclips.ui.choices import choices
from neuroclips.vocabulary import vocabulary
from neuroclips.zoo import zoo_named

TILE, IN_A_ROW = 64, 20  # [pixels] of a thumbnail on the sheet; thumbnails
KEPT = ("caption", "seed", "seconds", "scores")  # of a row of a table of films


@cache
def catalogue() -> dict[str, Any]:
    """Everything that does not depend on the subject, as JSON."""
    info, zoo = load_dataset().info, zoo_named()
    known = vocabulary(zoo)
    return {
        "clips": clips(info.n_clips),
        "subjects": {subject: {"n_voxels": n, "marks": marks(subject)} for subject, n in info.n_voxels.items()},
        "settings": zoo.settings.record(),
        "choices": [asdict(choice) | {"typed": choice.typed} for choice in choices(zoo)],
        "alpha_modes": {"of": zoo.alpha_modes, "all": get_args(AlphaMode)},
        "vocabulary": known and asdict(known),
        "table_2": table_2(zoo.settings),
        "scores": {name: asdict(about) | {"title": about.title} for name, about in ABOUT.items()},
        "ceilings": ceilings(),
        "brains": from_brain.about(),
        "made": made(info.n_voxels),
        "ranked_by": precomputed.BY,
        "map": flatmap.options(),
        "in_a_row": IN_A_ROW,
    }


def table_2(settings: Settings) -> dict[str, str]:
    """The name of the film of each row of the paper's table 2, by preset."""
    rows = {preset: configure(settings, changes) for preset, changes in TABLE_2.items()}
    return {preset: precomputed.name_of(row.guidance, row.captioner) for preset, row in rows.items()}


def made(subjects: Iterable[int]) -> str:
    """Changes with the stored films; part of their addresses, so that a browser may keep each for a while."""
    tables = [precomputed.folder(subject) / precomputed.TABLE for subject in subjects]
    known = b"".join(path.read_bytes() for path in tables if path.exists())
    return hashlib.sha256(__version__.encode() + known).hexdigest()[:8]


def clips(n_clips: int) -> list[dict[str, Any]]:
    """True labels of the test clips, for looking through them; no step of a reconstruction is given any.

    Clips with the same `group` show the same shot in their middle, so they look alike.
    """
    seen, rows = [], []
    for clip in range(n_clips):
        film, tr = divmod(clip, N_SAMPLES)
        shot = shots.shot_at("test", film, (tr + 0.5) * TR)
        seen.append((film, shot.start))
        rows.append(
            {
                "class": shot.name,
                "scene": shot.scene,
                "motion": shot.motion,
                "cut": shots.has_cut("test", film, tr),
                "caption": shot.caption,
            }
        )
    groups = [number for number, (_, same) in enumerate(groupby(seen)) for _ in same]
    return [row | {"group": group} for row, group in zip(rows, groups, strict=True)]


def ceilings() -> dict[int, dict[str, float]]:
    """The scores of a film of each clip, were it decoded perfectly; none where what was computed does not read."""
    try:
        return {clip: asdict(scores) for clip, scores in precomputed.ceilings().items()}
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return {}


def marks(subject: int) -> dict[str, int]:
    """The clips that are best, median and worst by score; none where what was precomputed does not read."""
    try:
        return precomputed.marks(subject)
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return {}


def films(subject: int) -> dict[str, Any]:
    """The stored films of a subject by clip, then by letters of the guidance; its clips from best to worst; their p."""
    return _films(subject) | {"p": scored.clip_p(subject)}


@cache
def _films(subject: int) -> dict[str, Any]:
    try:
        made, rows = precomputed.table(subject)
        ranked = precomputed.ranked(subject)
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return {"films": {}, "ranked": []}
    found: dict[int, dict[str, dict]] = {}
    for (clip, letters), row in rows.items():
        found.setdefault(clip, {})[letters] = {name: (made | row)[name] for name in KEPT}
    return {"films": found, "ranked": ranked}


@cache
def sheet() -> bytes:
    """All thumbnails on one WebP, which is one request instead of hundreds; the gallery cuts it by style."""
    paths = sorted(THUMBNAILS.glob("*.webp"))
    drawn = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]
    kept = cache_dir("shown") / f"sheet_{TILE}_{IN_A_ROW}_{drawn}.webp"
    return kept_file(kept, lambda: _draw(paths, kept), Path.read_bytes)


def _draw(paths: list[Path], kept: Path) -> None:
    canvas = Image.new("RGB", (TILE * IN_A_ROW, TILE * -(-len(paths) // IN_A_ROW)))
    for place, path in enumerate(paths):
        row, column = divmod(place, IN_A_ROW)
        canvas.paste(Image.open(path).resize((TILE, TILE), Image.Resampling.LANCZOS), (TILE * column, TILE * row))
    with whole_file(kept) as partial:
        canvas.save(partial, "WEBP", quality=70, method=2)
