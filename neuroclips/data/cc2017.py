"""The authors' preprocessed cc2017 files (hub dataset gongzx/cc2017_dataset), from a folder or from the hub.

Wen et al. (2018), CC0; preprocessed by Gong et al. (2024). Files are read as tensors and strings: no code that may be
pickled in them is ever run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuroclips.data.base import DatasetInfo, as_voxels, check, pick_frames
from neuroclips.data.samples import refuse_not_finite
from neuroclips.errors import InputError, MissingError
from neuroclips.hub import fetching
from neuroclips.preprocessing.layout import N_VOXELS
from neuroclips.tensors import oddity, read_saved
from neuroclips.types import FmriSample

OVERSHOOT = 0.25  # of frames beyond [0, 1], as resizing by bicubic splines gives it
NUMBERS = (torch.float32, torch.float16, torch.float64)
REPOSITORY, REVISION = "gongzx/cc2017_dataset", "a82b9e20e98710f18913a10c0a5bf5f19a6e4000"


@dataclass(frozen=True)
class Cc2017Layout:
    """What the files hold."""

    n_voxels: dict[int, int] = field(default_factory=lambda: dict(N_VOXELS))
    n_train: int = 4320
    n_test: int = 1200
    n_frames: int = 6  # 3 Hz
    pixels: int = 224

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that a file must have."""
        n = self.n_train if "train" in name else self.n_test
        if name.endswith("_fmri.pt"):
            return (n, 2 if "train" in name else 10, self.n_voxels[int(name[4:6])])
        return (n, self.n_frames, 3, self.pixels, self.pixels) if "3fps" in name else (n,)


class _Cc2017Files:
    """Files of the hub dataset; each is opened when it is asked for, checked, and mapped."""

    def __init__(self, folder: Path | None = None, layout: Cc2017Layout | None = None):
        self.folder, self.layout = (Path(folder) if folder else None), layout or Cc2017Layout()
        self.info = DatasetInfo(
            "cc2017",
            dict(self.layout.n_voxels),
            self.layout.n_test,
            self.layout.n_train,
            frames_per_clip=self.layout.n_frames,
        )
        self._open = lru_cache(maxsize=8)(self._read)

    def _path(self, name: str) -> Path:
        if self.folder is None:
            return _download(name)
        if not (self.folder / name).exists():
            raise MissingError(
                f"no {name} in {self.folder}: copy the files of huggingface.co/datasets/{REPOSITORY} there"
            )
        return self.folder / name

    def _where(self, name: str) -> str:
        return str(self.folder / name) if self.folder else name

    def _read(self, name: str):
        path = self._path(name)
        value = _load(path)
        self.info.expect(str(path), tuple(value.shape), self.layout.shape(name))
        if isinstance(value, Tensor) == ("caption" in name):
            expected = "strings" if "caption" in name else "numbers"
            raise InputError(f"{path}: got values of type {value.dtype}, expected {expected}")
        if isinstance(value, Tensor) and "train_fmri" in name:  # of test clips, those that are asked for are looked at
            refuse_not_finite(path, value.numpy())
        return value

    def _frames(self, name: str, clip: int) -> Tensor:
        """The frames (6, 3, 224, 224) in [0, 1] of a clip. Raises InputError where they have another scale."""
        frames = self._open(name)[clip].float()
        low, high = (float(x) for x in frames.aminmax())
        if not -OVERSHOOT <= low <= high <= 1 + OVERSHOOT:  # NaN is not, either
            where = f"{self._where(name)}: clip {clip}"
            raise InputError(f"{where}: got frames from {low:g} to {high:g}, expected 0 to 1: is this the right file?")
        return frames.clamp(0, 1)


class Cc2017TrainingFiles(_Cc2017Files):
    """The training half: what may be learnt from."""

    def fmri(self, subject: int) -> np.ndarray:
        """(4320, 2, n_voxels), mapped from disk. Raises InputError where a value is not finite."""
        check(self.info, subject)
        return self._open(f"subj{subject:02d}_train_fmri.pt").numpy()

    def frames(self, clip: int) -> Tensor:
        """The frames (6, 3, 224, 224) in [0, 1] of a training clip."""
        return self._frames("GT_train_3fps.pt", clip)

    def caption(self, clip: int) -> str:
        """The authors' BLIP-2 caption of a training clip."""
        return str(self._open("GT_train_caption.pt")[clip])


class Cc2017Dataset(_Cc2017Files):
    """The test half: fMRI of three subjects, and the frames and captions it is compared with."""

    def sample(self, subject: int, clip: int) -> FmriSample:
        """The mean over ten repeats of one test clip."""
        check(self.info, subject, clip)
        name = f"subj{subject:02d}_test_fmri.pt"
        repeats = self._open(name)[clip].float().numpy()  # (10, n_voxels)
        refuse_not_finite(f"{self._where(name)}: clip {clip}", repeats)
        return FmriSample(as_voxels(repeats.mean(0)), subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """The true frames (n_frames, 3, 224, 224) in [0, 1] of a test clip, for comparison only.

        There are 6: asked for these, all come as they are; of more, some are shown more than once.
        """
        check(self.info, next(iter(self.info.n_voxels)), clip)
        return pick_frames(self._frames("GT_test_3fps.pt", clip), n_frames)

    def caption(self, clip: int) -> str:
        """The authors' BLIP-2 caption of a test clip, for comparison only."""
        check(self.info, next(iter(self.info.n_voxels)), clip)
        return str(self._open("GT_test_caption.pt")[clip])

    def vertex_index(self, subject: int) -> np.ndarray:
        """The hub files do not say which vertices they hold: always raises ValueError."""
        raise InputError("the cc2017 hub files do not say which vertices they hold; for maps, preprocess the raw runs")


def _download(name: str) -> Path:
    from huggingface_hub import hf_hub_download

    with fetching(f"{name} of {REPOSITORY}", "pass the folder of a copy (--source)"):
        return Path(hf_hub_download(REPOSITORY, name, repo_type="dataset", revision=REVISION))


def _load(path: Path) -> Tensor | np.ndarray:
    """A tensor of numbers, mapped from disk, or a numpy array of strings. Raises InputError for anything else."""
    strings: list[Any] = [np.ndarray, np.dtype, np.dtypes.StrDType]
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):  # numpy 1 and numpy 2 wrote different names
        strings.append((np.zeros(0).__reduce__()[0], f"{module}._reconstruct"))
    value = read_saved(path, strings)
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return value
    if not isinstance(value, Tensor):
        kind = f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
        raise InputError(f"{path}: got a {kind}, expected a tensor or an array of strings")
    if odd := oddity(value):
        raise InputError(f"{path}: got a tensor that is {odd}, expected every number to lie in the file")
    if value.dtype not in NUMBERS:
        raise InputError(f"{path}: got values of type {value.dtype}, expected one of: {', '.join(map(str, NUMBERS))}")
    return value.detach()
