"""Films of the oracle as files, so that every metric and protocol can score them: the ceiling of a reconstruction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from neuroclips import ceiling
from neuroclips.errors import InputError
from neuroclips.files import write_json
from neuroclips.media import write_video
from neuroclips.reading import read_json
from neuroclips.zoo import zoo_named

MADE = "made.json"  # the settings of all films in a folder


def write(clips: Sequence[int], folder: Path) -> dict[int, Path]:
    """The oracle's films of simulated clips in `folder`, CCC.mp4; those that are there are kept, so it can be stopped.

    Raises InputError where those were made with other settings.
    """
    _expect_same(folder)
    files = {clip: folder / f"{clip:03d}.mp4" for clip in clips}
    for clip in tqdm([clip for clip, path in files.items() if not path.exists()], desc="oracle films", unit="film"):
        write_video(files[clip], ceiling.oracle(clip), zoo_named().settings.fps)
    return files


def _expect_same(folder: Path) -> None:
    """Write down the settings of all films, or compare them with those of the films that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    path, now = folder / MADE, ceiling.made_with()
    if not path.exists():
        write_json(path, now)
    elif other := [name for name, value in now.items() if read_json(path).get(name) != value]:
        raise InputError(
            f"{folder}: got oracle films made with other {', '.join(other)} than now, expected the same: delete the "
            "folder to make them anew"
        )
