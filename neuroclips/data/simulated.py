"""The simulated dataset: shipped test clips in assets/, training samples in the cache (made by `simulate`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from neuroclips.data.base import DatasetInfo, as_voxels, check
from neuroclips.media import write_image
from neuroclips.paths import ASSETS, cache_dir
from neuroclips.simulation import films
from neuroclips.types import FmriSample

THUMBNAILS = ASSETS / "simulated" / "thumbnails"
N_SHIPPED = 300  # test clips: film test1 and the first two minutes of test2, the paper's retrieval pool


class SimulatedDataset:
    """The 300 shipped test clips of the simulated subjects."""

    def __init__(self, folder: Path | None = None):
        self.folder = Path(folder or ASSETS / "simulated")
        files = sorted(self.folder.glob("subject*.npz"))
        if not files:
            raise FileNotFoundError(f"no subject*.npz in {self.folder}: run python -m neuroclips simulate --ship")
        self._subjects = {int(f.stem.removeprefix("subject")): dict(np.load(f)) for f in files}
        counts = {s: d["test_fmri"].shape[1] for s, d in self._subjects.items()}
        self.info = DatasetInfo("simulated", counts, N_SHIPPED)

    def sample(self, subject: int, clip: int) -> FmriSample:
        """The mean over ten repeats of one test clip."""
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self._subjects[subject]["test_fmri"][clip]), subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """The true frames (n_frames, 3, 96, 96) in [0, 1] of a test clip, for comparison only."""
        check(self.info, next(iter(self.info.n_voxels)), clip)
        return _stimulus(clip, n_frames)

    def caption(self, clip: int) -> str:
        """The true caption of a test clip, for comparison only."""
        return films.clip_caption("test", *divmod(clip, films.N_TR))

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical grayordinates."""
        check(self.info, subject)
        return self._subjects[subject]["vertex_index"]


@lru_cache(maxsize=32)
def _stimulus(clip: int, n_frames: int) -> Tensor:
    return frames("test", *divmod(clip, films.N_TR), n_frames)


def frames(kind: str, film: int, tr: int, n_frames: int) -> Tensor:
    """Frames (n_frames, 3, 96, 96) in [0, 1] of one TR of a film."""
    return torch.from_numpy(films.clip_frames(kind, film, tr, n_frames).transpose(0, 3, 1, 2).copy()).float() / 255


VALIDATION_FILMS = (16, 17)  # cut from the 18 training films; no test clip ever chooses anything


def training_fmri(subject: int) -> np.ndarray:
    """Both repeats of the 18 training films, (18, 240, 2, n_voxels) float16."""
    path = cache_dir("simulated") / f"subject{subject}.npz"
    if not path.exists():
        raise FileNotFoundError(f"no {path.name} in the cache: run python -m neuroclips simulate --subjects {subject}")
    with np.load(path) as stored:
        fmri = stored["train_fmri"]
    return fmri.reshape(films.FILM_COUNT["train"], films.N_TR, *fmri.shape[1:])


def ship(subject: int, folder: Path | None = None) -> Path:
    """Write the shipped part of a subject: test repeats averaged, 300 clips, float16."""
    folder = Path(folder or ASSETS / "simulated")
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(cache_dir("simulated") / f"subject{subject}.npz") as stored:
        mean = stored["test_fmri"][:N_SHIPPED].astype(np.float32).mean(1)
        path = folder / f"subject{subject}.npz"
        np.savez_compressed(path, test_fmri=mean.astype(np.float16), vertex_index=stored["vertex_index"])
    return path


def ship_thumbnails() -> Path:
    """Render the middle frame of every shipped clip for the app's gallery."""
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    for clip in range(N_SHIPPED):
        write_image(THUMBNAILS / f"{clip:03d}.webp", _stimulus(clip, 6)[3])
    return THUMBNAILS
