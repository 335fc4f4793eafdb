"""How cc2017 is laid out: films, runs, volumes, repeats, and where the files of a run lie (Wen et al. 2018)."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError

TR = 2.0  # [s]
N_SAMPLES = 240  # per film
FILMS = (*(f"seg{i}" for i in range(1, 19)), *(f"test{i}" for i in range(1, 6)))
REPEATS = {"train": 2, "test": 10}
DROPPED_FIRST = {245: 1, 246: 2}  # volumes of a run -> volumes before its film
LEAD, TRAIL = 2, 4  # most volumes before, and volumes after a film
N_VOLUMES = LEAD + N_SAMPLES + TRAIL
N_GRAYORDINATES = 91_282
N_VOXELS = {1: 13_447, 2: 14_828, 3: 9_114}  # what the paper's selection keeps (section 4.1)


def kind_of(film: str, where: str = "") -> tuple[str, int]:
    """("train", 0) for "seg1", ("test", 4) for "test5". Raises InputError, with `where`, for other names."""
    if film not in FILMS:
        raise InputError(f"{where}got film {film!r}, expected one of seg1 to seg18 and test1 to test5")
    return ("train", int(film[3:]) - 1) if film.startswith("seg") else ("test", int(film[4:]) - 1)


def n_validation(n_films: int) -> int:
    """How many training films, the last ones, choose settings and checkpoints: a ninth, two of 18, at least one."""
    return max(1, n_films // 9)


def parse_films(text: str) -> list[str]:
    """Films from "seg1,test2" or "all", each once, in the order of the dataset. Raises InputError."""
    names = FILMS if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError("got no film, expected some of seg1 to seg18 and test1 to test5, or all")
    for name in names:
        kind_of(name)
    return sorted(set(names), key=FILMS.index)


def run_length(film: str) -> int:
    """Volumes of a run: 246 for test2 to test5, 245 for the others."""
    return 246 if film in FILMS[19:] else 245


def run_path(root: Path, folder: str, film: str, repeat: int) -> Path:
    """The CIFTI file of one run; `folder` is that of the subject, such as "subject1"; repeats count from 1."""
    return Path(root) / folder / "fmri" / film / "cifti" / f"{film}_{repeat}_Atlas.dtseries.nii"
