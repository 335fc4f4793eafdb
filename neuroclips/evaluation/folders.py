"""Two folders of films to pairs of the same name, and everything that keeps them from being paired, in one message."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError, MissingError
from neuroclips.evaluation.foreign import ANIMATIONS, PICTURES, VIDEOS, natural, pictures_in

MOST_NAMED = 20  # problems, and names in one of them
LEAST = 10  # clips of a name before they are taken for a film of their own


@dataclass(frozen=True)
class Pair:
    """Two films of one name."""

    name: str
    target: Path
    prediction: Path


@dataclass
class Films:
    """Films of a folder by name; what is wrong with others, and which files are no films."""

    named: dict[str, Path] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)


def films_in(folder: Path) -> Films:
    """A film is a file, or a folder of pictures; its name is that of the file without the suffix.

    Hidden files are passed over, links are followed. Raises InputError where there is no folder.
    """
    if not folder.exists():
        raise MissingError(f"no folder {folder}, expected one of films")
    if not folder.is_dir():
        raise InputError(f"{folder}: got a file, expected a folder of films")
    found = Films()
    for path in sorted(folder.iterdir(), key=lambda path: natural(path.name)):
        if not path.name.startswith("."):
            _take(path, found)
    if not found.named and not found.problems:
        found.problems.append(f"{folder}: got no film, expected GIF, WebP, MP4, WebM or folders of PNG")
    return found


def pairs_in(target: Path, prediction: Path) -> tuple[list[Pair], list[str], list[str]]:
    """Pairs in the natural order of their names; what is wrong; and names of files that are no films."""
    true, made = films_in(target), films_in(prediction)
    pairs = [Pair(name, path, made.named[name]) for name, path in true.named.items() if name in made.named]
    problems = true.problems + made.problems
    if true.named and made.named:
        problems += _unpaired(target, [name for name in made.named if name not in true.named])
        problems += _unpaired(prediction, [name for name in true.named if name not in made.named])
    return pairs, problems, true.aside + made.aside


def expect_no_problems(problems: Sequence[str]) -> None:
    """Raises InputError with all of them, or the first MOST_NAMED, in one line."""
    if problems:
        more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
        said = "; ".join(" ".join(problem.split()) for problem in problems[:MOST_NAMED])
        raise InputError(
            f"got {len(problems)} problem{'s' * (len(problems) > 1)}, expected two folders of films that read, of the "
            f"same names: {said}{more}"
        )


def films_by_name(names: Sequence[str]) -> np.ndarray:
    """Numbers (n,) of the films that clips are of: what comes before the last number of a name tells them apart.

    All are of one film where that leaves one of them with fewer than LEAST clips.
    """
    begins = [re.sub(r"\d+\D*$", "", name) for name in names]
    if min(Counter(begins).values()) < LEAST:
        return np.zeros(len(names), int)
    return np.unique(begins, return_inverse=True)[1]


def _take(path: Path, found: Films) -> None:
    kind = path.suffix.lower()
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError:  # a link to itself
        is_folder, is_there = False, False
    if not is_there:
        found.problems.append(f"{path}: got a link to nothing, expected a film")
    elif is_folder:
        _take_folder(path, found)
    elif kind in ANIMATIONS | VIDEOS:
        _name(path.stem, path, found)
    elif kind in PICTURES:
        found.problems.append(f"{path}: got a picture, expected a film: put the pictures of each film into a folder")
    else:
        found.aside.append(path.name)


def _take_folder(path: Path, found: Films) -> None:
    films = [inner.name for inner in path.iterdir() if inner.suffix.lower() in VIDEOS | {".gif"}]
    if films:
        found.problems.append(f"{path}: got a folder of films, expected one of the pictures of a film")
    elif not pictures_in(path):
        found.problems.append(f"{path}: got a folder without pictures, expected those of a film")
    else:
        _name(path.name, path, found)


def _name(name: str, path: Path, found: Films) -> None:
    name = unicodedata.normalize("NFC", name)  # file systems differ in how they write accents
    if name in found.named:
        found.problems.append(f"{path}: got a second film of the name {name}, beside {found.named[name].name}")
    else:
        found.named[name] = path


def _unpaired(folder: Path, names: Sequence[str]) -> Iterable[str]:
    if names:
        more = ", ..." if len(names) > MOST_NAMED else ""
        listed = ", ".join(names[:MOST_NAMED])
        yield f"{folder}: no film for {len(names)} of the other folder: {listed}{more}"
