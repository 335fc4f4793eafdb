"""One ZIP with all that is shown of a clip."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from PIL import Image

from neuroclips import precomputed
from neuroclips.export import FILES, RECORD, TRUTH
from neuroclips.files import to_json
from neuroclips.precomputed import FILMS
from neuroclips.types import Guidance, Step
from neuroclips.ui import films
from neuroclips.ui.shelf import SHELF, SHOWN

READ_ME = "Simulated films and fMRI, decoded by demo models (NeuroClips). Scores are those of demo judges.\n"


def of_run(run: str) -> bytes | None:
    """The files of a live run, None where there are none any more."""
    found = {name: body for name, body in SHELF.files(run).items() if name != SHOWN}
    return packed(found) if RECORD in found else None


def _summary(subject: int, clip: int, name: str) -> tuple[dict, tuple[Guidance, str]] | None:
    """What is told of a stored film, its guidance and captioner; None where there is none of that name."""
    kind = FILMS.get(name)
    found = precomputed.load(subject, clip, *kind) if kind else None
    return (found | {"precomputed": True}, kind) if found and kind else None


def stored_json(subject: int, clip: int, name: str) -> bytes | None:
    """The record of a stored film."""
    found = _summary(subject, clip, name)
    return to_json(found[0], indent=1).encode() if found else None


def stored_png(subject: int, clip: int, name: str) -> bytes | None:
    """The keyframe of a stored film as PNG, None without one."""
    found = _summary(subject, clip, name)
    path = precomputed.files(subject, clip, *found[1]).get(Step.KEYFRAME) if found else None
    return _as_png(path) if path else None


def stored_zip(subject: int, clip: int, name: str) -> bytes | None:
    """All files of a stored film."""
    found = _summary(subject, clip, name)
    if found is None:
        return None
    kept = {FILES[step]: path for step, path in precomputed.files(subject, clip, *found[1]).items()}
    files = {name: _as_png(path) if path.suffix == ".webp" else path.read_bytes() for name, path in kept.items()}
    return packed(files | {TRUTH: films.ground_truth(clip).read_bytes(), RECORD: to_json(found[0], indent=1).encode()})


STORED = {".json": stored_json, ".png": stored_png, ".zip": stored_zip}


def _as_png(path: Path) -> bytes:
    buffer = BytesIO()
    Image.open(path).save(buffer, "PNG")
    return buffer.getvalue()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files by name, and what they are."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, body in {**files, "README.txt": READ_ME.encode()}.items():
            archive.writestr(name, body)
    return buffer.getvalue()
