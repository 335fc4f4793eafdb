"""The simulated dataset: 300 shipped test clips in assets/, training samples in the cache (made by `simulate`).

The page opens it to know what is in it: torch and the simulated brains are imported when they are needed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuroclips.data.base import DatasetInfo, as_voxels, check, checked_vertex_index
from neuroclips.data.samples import as_samples
from neuroclips.errors import MissingError
from neuroclips.files import whole_file
from neuroclips.film_size import film_pixels
from neuroclips.paths import ASSETS, cache_dir
from neuroclips.preprocessing.layout import FILMS, N_SAMPLES
from neuroclips.preprocessing.meta import is_whole, read_meta
from neuroclips.reading import read_array, read_arrays
from neuroclips.simulation import films, shots
from neuroclips.types import FmriSample

if TYPE_CHECKING:
    from torch import Tensor

THUMBNAILS = ASSETS / "simulated" / "thumbnails"
N_SHIPPED = 300  # test clips: film test1 and the first two minutes of test2, the paper's retrieval pool
SHIPPED_FILMS = (("test", 0), ("test", 1))
N_VOXELS = {1: 3286, 2: 3706, 3: 2417}  # of the shipped subjects
STANDARD = {"dataset": "simulated", "films": list(FILMS), "density": "quarter", "seed": 0}  # what the cache holds


def file_of(subject: int) -> str:
    """The shipped clips of a subject; 0 is the null subject."""
    return f"subject{subject}.npz" if subject else "null.npz"


class SimulatedDataset:
    """The 300 shipped test clips of the three simulated subjects; `n_voxels` are the counts to expect of others."""

    def __init__(self, folder: Path | None = None, n_voxels: dict[int, int] | None = None, name: str = "simulated"):
        self.folder = Path(folder or ASSETS / "simulated")
        counts = n_voxels or N_VOXELS
        missing = [file_of(s) for s in counts if not (self.folder / file_of(s)).exists()]
        if missing:
            raise MissingError(
                f"no {', '.join(missing)} in {self.folder}, expected the shipped clips; "
                "what simulate --out wrote is read by the dataset preprocessed"
            )
        self.info = DatasetInfo(name, counts, n_clips=N_SHIPPED, scripted=SHIPPED_FILMS)
        self._subjects = {s: self._read(self.folder / file_of(s), n_voxels) for s, n_voxels in counts.items()}

    def _read(self, path: Path, n_voxels: int) -> dict[str, np.ndarray]:
        stored = read_arrays(path, ("test_fmri", "vertex_index"))
        self.info.expect(str(path), stored["test_fmri"].shape, (N_SHIPPED, n_voxels))
        index = checked_vertex_index(path, stored["vertex_index"], n_voxels)
        return {"test_fmri": as_samples(path, stored["test_fmri"]), "vertex_index": index}

    def sample(self, subject: int, clip: int) -> FmriSample:
        """The mean over ten repeats of one test clip."""
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self._subjects[subject]["test_fmri"][clip]), subject, clip)

    def test_samples(self, subject: int) -> np.ndarray:
        """(n_clips, n_voxels) float32: the samples of all test clips, without torch."""
        check(self.info, subject)
        return self._subjects[subject]["test_fmri"].astype(np.float32)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """The true frames (n_frames, 3, H, W) in [0, 1] of a test clip, for comparison only."""
        check(self.info, next(iter(self.info.n_voxels)), clip)
        return _stimulus(clip, n_frames)

    def caption(self, clip: int) -> str:
        """The true caption of a test clip, for comparison only."""
        return shots.clip_caption("test", *divmod(clip, N_SAMPLES))

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical grayordinates."""
        check(self.info, subject)
        return self._subjects[subject]["vertex_index"]


@lru_cache(maxsize=32)
def _stimulus(clip: int, n_frames: int) -> Tensor:
    return frames("test", *divmod(clip, N_SAMPLES), n_frames)


def frames(kind: str, film: int, tr: int, n_frames: int) -> Tensor:
    """Frames (n_frames, 3, H, W) in [0, 1] of one TR of a film."""
    import torch

    drawn = films.clip_frames(kind, film, tr, n_frames, film_pixels()).transpose(0, 3, 1, 2)  # (n_frames, 3, H, W)
    return torch.from_numpy(drawn.copy()).float() / 255


def is_made(subject: int) -> bool:
    """Whether `simulate` has put a subject into the cache, with all films, at the shipped density and seed."""
    home = _home(subject)
    return is_whole(home) and STANDARD.items() <= read_meta(home).items()


def _home(subject: int) -> Path:
    from neuroclips.simulation.subjects import subject_name

    return cache_dir("simulated") / subject_name(subject)


def _made(subject: int) -> Path:
    home = _home(subject)
    if not is_made(subject):
        raise MissingError(f"no subject{subject} in the cache: run python -m neuroclips simulate --subjects {subject}")
    return home


def ship(subject: int, folder: Path | None = None) -> Path:
    """Write the shipped part of a subject: test repeats averaged, 300 clips, float16."""
    home, folder = _made(subject), Path(folder or ASSETS / "simulated")
    folder.mkdir(parents=True, exist_ok=True)
    mean = read_array(home / "test_fmri.npy", mapped=True)[:N_SHIPPED].mean(1)
    index = read_array(home / "vertex_index.npy")
    with whole_file(folder / file_of(subject)) as partial, partial.open("wb") as file:
        np.savez_compressed(file, test_fmri=mean.astype(np.float16), vertex_index=index)
    return folder / file_of(subject)


def ship_thumbnails() -> Path:
    """Render the middle frame of every shipped clip for the app's gallery."""
    from neuroclips.media import write_image

    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    for clip in range(N_SHIPPED):
        write_image(THUMBNAILS / f"{clip:03d}.webp", _stimulus(clip, 6)[3])
    return THUMBNAILS
