"""What a new subject gives: fMRI, and which clips it is for, or the arrays that should be decoded from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from neuroclips.calibration.codes import n_films
from neuroclips.data.file import FileDataset
from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.reading import array_names, read_array, read_arrays

FEWEST = 50  # different clips
TARGETS = {"semantic": "tokens", "perception": "latents"}  # of a visitor's own films, by the role that decodes them


@dataclass(frozen=True)
class Given:
    """fmri : (n, n_voxels); places : (n,) of each sample's clip in time, film after film.

    targets : none where the clips are training clips, of which codes are shipped; else arrays (n, ...) by role.
    """

    fmri: np.ndarray
    places: np.ndarray
    targets: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def n_clips(self) -> int:
        """Different ones."""
        return len(np.unique(self.places))


def read_given(source: Path, clips: Path | None = None, vertex_index: Path | None = None, mask: Path | None = None):
    """What is in a file of fMRI, as `FileDataset` reads it, with `clips` in it or in a .npy beside it.

    Raises InputError that names the file.
    """
    data = FileDataset(source, vertex_index, mask)
    inside = array_names(data.path) if data.path.suffix.lower() == ".npz" else []
    if clips is not None:
        return of_clips(data.samples(), read_array(Path(clips)), clips)
    if "clips" in inside:
        return of_clips(data.samples(), read_arrays(data.path, ["clips"])["clips"], data.path)
    if set(TARGETS.values()) <= set(inside):
        return of_targets(data.samples(), read_arrays(data.path, list(TARGETS.values())), data.path)
    raise InputError(
        f"{source}: got fMRI alone, expected to know what each sample is for: an array clips (n, 2) of film and TR, or "
        f"{' and '.join(TARGETS.values())}, in the .npz beside fmri, or clips in a .npy of its own"
    )


def of_clips(fmri: np.ndarray, clips: np.ndarray, where: Path | str = "clips") -> Given:
    """Samples of training clips of the simulated films.

    clips : (n, 2), number of the film, 1 for seg1, and TR, from 0. Raises InputError for others.
    """
    if clips.shape != (len(fmri), 2) or clips.dtype.kind not in "iu":
        raise InputError(
            f"{where}: got clips of shape {clips.shape} and type {clips.dtype}, expected ({len(fmri)}, 2) whole "
            "numbers: film and TR of every sample"
        )
    films, trs = clips.astype(np.int64).T
    if films.min() < 1 or films.max() > n_films():
        raise InputError(
            f"{where}: got films {films.min()} to {films.max()}, expected 1 to {n_films()}, as seg1 to seg{n_films()}"
        )
    if trs.min() < 0 or trs.max() >= N_SAMPLES:
        raise InputError(f"{where}: got TRs {trs.min()} to {trs.max()}, expected 0 to {N_SAMPLES - 1}")
    return _enough(Given(fmri, (films - 1) * N_SAMPLES + trs), where)


def of_targets(fmri: np.ndarray, targets: Mapping[str, np.ndarray], where: Path | str = "targets") -> Given:
    """Samples of films of one's own in the order of time; targets : arrays (n, ...) called tokens and latents."""
    for name in TARGETS.values():
        array = targets[name]
        if len(array) != len(fmri) or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise InputError(
                f"{where}: got {name} of shape {array.shape} and type {array.dtype}, expected finite numbers "
                f"({len(fmri)}, ...), one row for each sample"
            )
    by_role = {role: np.asarray(targets[name], np.float32) for role, name in TARGETS.items()}
    return _enough(Given(fmri, np.arange(len(fmri)), by_role), where)


def _enough(given: Given, where: Path | str) -> Given:
    if given.n_clips < FEWEST:
        raise InputError(f"{where}: got {given.n_clips} different clips, expected at least {FEWEST} to calibrate with")
    return given
