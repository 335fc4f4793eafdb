"""Films as a protocol and its judges see them. What is slow, what judges said, is kept beside the films.

Films are files: what is scored is what the file has, compression included, so that scores differ a little from those
of the frames before they were written. The truth is met here, and by nothing that makes films.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from torch import Tensor

from neuroclips.clips import in_batches
from neuroclips.data.base import FmriDataset
from neuroclips.data.simulated import SHIPPED_FILMS
from neuroclips.files import save_arrays, sha256_of
from neuroclips.kept import kept_file
from neuroclips.media import read_image, read_video, to_uint8
from neuroclips.metrics.features import METRICS_VERSION, Features
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.see import moments_of, see
from neuroclips.parts import JUDGES, Zoo
from neuroclips.paths import CACHE_VERSION
from neuroclips.reading import read_arrays

LARGE = ("frames", "flow")  # features that are not kept, but made again for a few films at a time
N_TRUE = 16  # frames of the truth, those of a film: k / 8 s
AT_ONCE = 12  # films whose frames are in memory together
MOST_TRUE = 600  # true films that stay in memory: they take longer to draw than all else
PICTURES = (".png", ".webp")


@dataclass(frozen=True)
class Shown:
    """Films of clips, opened when they are looked at: uint8 (n_frames, 3, H, W).

    key : what they depend on, so that what was said of them is known again. true : whether they are the true films.
    """

    clips: tuple[int, ...]
    film: Callable[[int], np.ndarray]
    key: str
    true: bool = False

    def of(self, clips: Sequence[int]) -> Shown:
        return replace(self, clips=tuple(clips))


def of_files(files: Mapping[int, Path]) -> Shown:
    """Films that lie in files: videos, or pictures that stand still."""
    hashes = "".join(sha256_of(path) for path in files.values())
    return Shown(tuple(files), lambda clip: _opened(files[clip]), hashes)


def of_truth(data: FmriDataset, clips: Sequence[int]) -> Shown:
    """The true films of a dataset, as many frames a clip as a reconstruction has."""
    film = partial(_true_film, data)  # type: ignore[arg-type]  # datasets are hashable
    which = _which(data, tuple(clips))  # type: ignore[arg-type]
    return Shown(tuple(clips), film, f"{CACHE_VERSION} {data.info.name}{which}", true=True)


@lru_cache(4)
def _which(data: FmriDataset, clips: tuple[int, ...]) -> str:
    """Which films a dataset has: of simulated ones their script, where they are not those that ship, of others a
    checksum of their frames."""
    if data.info.scripted:
        return "" if data.info.scripted == SHIPPED_FILMS else f" {data.info.scripted}"
    sums = hashlib.sha256()
    for clip in clips:
        sums.update(bytes_of(data.stimulus(clip, data.info.frames_per_clip or N_TRUE)).tobytes())
    return f" {sums.hexdigest()}"


@lru_cache(MOST_TRUE)
def _true_film(data: FmriDataset, clip: int) -> np.ndarray:
    return bytes_of(data.stimulus(clip, data.info.frames_per_clip or N_TRUE))


def _opened(path: Path) -> np.ndarray:
    return bytes_of(read_image(path)[None] if path.suffix in PICTURES else read_video(path))


def bytes_of(film: Tensor) -> np.ndarray:
    """A film (n_frames, 3, H, W) in [0, 1] as uint8."""
    return np.moveaxis(to_uint8(film), -1, 1)


class Eyes:
    """How films are looked at: a protocol, its judges, the size of the truth, and a folder for what was said."""

    def __init__(self, protocol: Protocol, judges: Judges, judged_by: str, size: tuple[int, int], home: Path):
        self.judges, self.judged_by, self.size, self.home = judges, judged_by, size, home
        self.protocol, self.small, self.large = protocol, _only(protocol, large=False), _only(protocol, large=True)

    def small_features(self, shown: Shown) -> Features:
        """Everything of films that metrics read but frames and flow; of frames there is only how many."""
        wanted = {METRICS[name].needs for name in self.small.metrics}
        names = [field.name for field in fields(Features) if field.name in wanted]
        n_moments = len(moments_of(N_TRUE, self.protocol))
        empty = np.zeros((len(shown.clips), n_moments, 3, 0, 0), np.uint8)
        if not names:
            return Features(empty)
        path = self.home / f"{self.key(shown.key, shown.clips, self.small)}.npz"
        kept = kept_file(path, lambda: save_arrays(path, **self._said(shown, names)), partial(read_arrays, names=names))
        return Features(empty, **kept)

    def large_features(self, shown: Shown) -> Features:
        """Frames and flow of a few films."""
        return see([shown.film(clip) for clip in shown.clips], self.large, None, self.size, true=shown.true)

    def key(self, *of: object) -> str:
        """What scores depend on, as a name of a file; version 1 of the metrics is not named."""
        version = () if METRICS_VERSION == 1 else (METRICS_VERSION,)
        return hashlib.sha256(repr((self.judged_by, self.size, *of, *version)).encode()).hexdigest()[:24]

    def _said(self, shown: Shown, names: Sequence[str]) -> dict[str, np.ndarray]:
        parts = [
            see([shown.film(clip) for clip in few], self.small, self.judges, self.size, true=shown.true)
            for few in in_batches(shown.clips, AT_ONCE)
        ]
        return {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}


def _only(protocol: Protocol, large: bool) -> Protocol:
    """A protocol with those of its metrics that read large features, or the others."""
    return replace(protocol, metrics=tuple(m for m in protocol.metrics if (METRICS[m].needs in LARGE) == large))


def weights_of(zoo: Zoo) -> dict[str, str]:
    """What each judge of a zoo is: the start of the checksum of its weights, or its name and commit on the hub."""
    return {role: _weights(zoo, role) for role in JUDGES}


def _weights(zoo: Zoo, role: str) -> str:
    part = zoo.part(role)
    if not part.is_local:
        return f"{part.repository} {part.revision or ''}".strip()
    sums = "".join(sha256_of(path) for path in sorted(part.folder.glob("*.safetensors")))
    return hashlib.sha256(sums.encode()).hexdigest()[:12]
