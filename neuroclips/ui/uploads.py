"""What visitors handed in, in memory alone: by session, bounded in number and bytes, gone when a session ends."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuroclips.errors import InputError
from neuroclips.ui.expiry import LOOK, Expiry
from neuroclips.ui.permission import is_public

MB = 10**6
OWN, PUBLIC = 200 * MB, 60 * MB  # [bytes] of one file: on a machine of one's own, where the public comes
FILES_TOGETHER = 5  # times the limit of one file that all visitors may take together
MOST_VISITS = 40
KEPT = 3600.0  # [s] without use


def limit() -> int:
    """The largest file [bytes] that is taken."""
    return PUBLIC if is_public() else OWN


@dataclass
class Visit:
    """One session: its files by what they are, (name, bytes), what was read of them, and decoders made from them."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    read: Any = None  # an OwnFile
    made: Any = None  # a Calibrated
    rows: list = field(default_factory=list)  # of decoded samples
    used: float = field(default_factory=time.monotonic)

    @property
    def n_bytes(self) -> int:
        """Of the files, of the samples that were read of them, and of the decoders that were made of these."""
        files = sum(len(data) for _, data in self.files.values())
        models = (self.made.models.perception, self.made.models.semantic) if self.made else ()
        weights = sum(weight.nbytes for model in models for weight in model.parameters())
        return files + (self.read.fmri.nbytes if self.read else 0) + weights


class Visits:
    """The sessions that hold something; the longest unused ones give way to others, and go after an hour.

    A timer looks for these, every `look` seconds, while there is anything.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, look: float = LOOK):
        self._clock, self._lock, self._visits = clock, threading.Lock(), OrderedDict[str, Visit]()
        self._expiry = Expiry(self._lock, self._expire, look)

    def __contains__(self, session: object) -> bool:
        return session in self._visits

    def __len__(self) -> int:
        return len(self._visits)

    def of(self, session: str) -> Visit:
        """The session's own, new when it holds nothing, or nothing any more."""
        with self._lock:
            self._expire()
            visit = self._visits.setdefault(session, Visit())
            visit.used = self._clock()
            self._visits.move_to_end(session)
            self._make_room()
            self._expiry.watch()
            return visit

    def now(self, session: str | None) -> Visit:
        """What the session holds, not counted as use; an empty one of nobody's where it holds nothing."""
        return self._visits.get(session or "") or Visit()

    def drop(self, session: str | None) -> None:
        """Forget all that a session handed in."""
        with self._lock:
            self._visits.pop(session or "", None)

    def _make_room(self) -> None:
        """The last one, which is in use, stays."""
        while len(self._visits) > 1:
            held = sum(visit.n_bytes for visit in self._visits.values())
            if held <= FILES_TOGETHER * limit() and len(self._visits) <= MOST_VISITS:
                return
            self._visits.popitem(last=False)

    def _expire(self) -> bool:
        """The longest unused ones come first. Whether any is left."""
        while self._visits and self._clock() - next(iter(self._visits.values())).used >= KEPT:
            self._visits.popitem(last=False)
        return bool(self._visits)


def take_in(path: str | Path) -> tuple[str, bytes]:
    """Name and bytes of an uploaded file, which is deleted from the disk, with its folder, whatever happens.

    Raises InputError for a file that is not there any more, and for one that is larger than `limit`.
    """
    path = uploaded(path)
    try:
        size = path.stat().st_size if path.is_file() else 0
        if not size:
            raise InputError(f"{path.name}: got an empty file, expected fMRI: upload it again")
        if size > limit():
            raise InputError(f"{path.name}: got {size / MB:,.0f} MB, expected at most {limit() // MB} MB here")
        return path.name, path.read_bytes()
    finally:
        discard(path)


def uploaded(path: str | Path) -> Path:
    """`path`, if it lies where gradio keeps uploads: nothing else is read or deleted."""
    from gradio.utils import get_upload_folder

    found, home = Path(path).resolve(), Path(get_upload_folder()).resolve()
    if home not in found.parents:
        raise InputError("got a file that was not uploaded, expected one that was: choose it again")
    return found


def discard(path: Path) -> None:
    """Delete an uploaded file and the folder that it has to itself."""
    path.unlink(missing_ok=True)
    folder = path.parent
    if folder.is_dir() and not os.listdir(folder):
        shutil.rmtree(folder, ignore_errors=True)
