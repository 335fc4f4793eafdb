"""What a finished dataset says of itself: meta.json, which is written last and checked when it is read."""

from __future__ import annotations

from pathlib import Path
from types import NoneType

from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import kind_of
from neuroclips.reading import read_array, read_json

Types = dict[str, tuple[type, ...]]
READ: Types = {"subject": (str, int), "films": (list,), "n_voxels": (int,), "tr": (int, float)}  # to give samples
REPORTED: Types = {
    "dataset": (str,),
    "n_tested": (int,),
    "n_passed": (int, NoneType),
    "alpha": (int, float),
    "one_sided": (bool,),
    "delay": (int, float),
    "missing_runs": (list,),
}


def is_complete(folder: Path) -> bool:
    """Whether a folder holds a dataset that was written to its end."""
    return (Path(folder) / "meta.json").exists()


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a dataset that was written to its end, and of which no file was damaged since."""
    try:
        for name in ("train_fmri", "test_fmri", "vertex_index"):
            read_array(Path(folder) / f"{name}.npy", mapped=True)
        return bool(read_meta(folder, reported=True))
    except InputError:
        return False


def read_meta(folder: Path, reported: bool = False) -> dict:
    """What is in meta.json. Raises InputError when it lacks what a dataset (or its report) is read by."""
    path = Path(folder) / "meta.json"
    meta = read_json(path)
    for name, types in (READ | REPORTED if reported else READ).items():
        if name not in meta:
            there = ", ".join(meta) or "nothing"
            raise InputError(f"{path}: got {there}, expected {name} with it: build it again")
        _expect(path, name, meta[name], types)
    for film in meta["films"]:
        if not isinstance(film, str):
            raise InputError(f"{path}: got film {film!r}, expected names such as seg1")
        kind_of(film, where=f"{path}: ")
    if len(set(meta["films"])) < len(meta["films"]):
        raise InputError(f"{path}: got films {', '.join(meta['films'])}, expected each once: build it again")
    if meta["n_voxels"] < 1:
        raise InputError(f"{path}: got n_voxels {meta['n_voxels']}, expected at least 1: build it again")
    return meta


def _expect(path: Path, name: str, value: object, types: tuple[type, ...]) -> None:
    if type(value) not in types:
        expected = " or ".join("null" if kind is NoneType else kind.__name__ for kind in types)
        raise InputError(f"{path}: got {name} {str(value)[:60]}, expected a value of type {expected}: build it again")
