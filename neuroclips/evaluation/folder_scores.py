"""Any two folders of films of the same names to scores, each with its interval, between floors that know little.

Films are read a few at a time and forgotten, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import cpu_count
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError
from neuroclips.evaluation.folder_table import FolderTable, metric_scores
from neuroclips.evaluation.folders import MOST_NAMED, Pair, expect_no_problems, films_by_name, pairs_in
from neuroclips.evaluation.foreign import read_moments, size_of
from neuroclips.evaluation.intervals import stretches
from neuroclips.evaluation.part import Part, score_part, sized
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.protocols import Protocol

LARGEST = 512  # [pixels], the longer side at which films are scored whose protocol has no size of its own
COMPARED = 5e9  # pixels of frames of shuffled pairs, about: some ten seconds of SSIM
HELD = 2e6  # pixels of one frame of each film of a part: 0.15 GB of the four kinds of films of six frames
FEWEST, MOST = 10, 30  # clips of a part: fewer shifts than ten tell little, thirty are a minute of film
STRETCHED = 1.02  # ratio of width to height, over that of the truth

OnProgress = Callable[[int, int], None]  # pairs that are done, of how many
Problems = dict[object, str]  # by what they are about


def score_folders(
    target: Path,
    prediction: Path,
    protocol: Protocol,
    judges: Judges | None = None,
    judge: str = "none",
    block: int | None = None,
    on_progress: OnProgress = lambda done, of: None,
) -> FolderTable:
    """Scores of the films of `prediction` against those of the same names in `target`.

    judge : what the judges are called. block : clips, in the natural order of their names, that are resampled together;
    None: the third root of their number, for series whose neighbours are alike for a short while.
    Raises InputError with all that is wrong in both folders: films without a pair, and those that do not read.
    """
    pairs, told, aside = pairs_in(target, prediction)
    problems: Problems = {line: line for line in told}
    if not pairs:
        expect_no_problems(told)
    size, notes = _common_size(pairs, protocol, problems)
    films = films_by_name([pair.name for pair in pairs])
    parts = stretches(films, _part_size(len(pairs), len(protocol.moments), size))
    run = _Run(pairs, protocol, judges, size, problems, on_progress)
    members = [np.flatnonzero(parts == part) for part in np.unique(parts)]
    scored = run.all_of(members)
    expect_no_problems(list(problems.values()))
    blocks = stretches(films, block or int(len(pairs) ** (1 / 3) + 1e-9))
    notes += run.notes()
    notes += [f"left aside, no films: {_listed(aside)}"] if aside else []
    return FolderTable(
        protocol,
        judge,
        len(pairs),
        size,
        n_films=int(films.max()) + 1,
        n_blocks=int(blocks.max()) + 1,
        part=max(map(len, members)),
        notes=notes,
        metrics=metric_scores(scored, members, blocks, protocol),
    )


@dataclass(frozen=True)
class _Run:
    """All parts, several at once. As soon as a film does not read, others are only read, to name all that do not."""

    pairs: Sequence[Pair]
    protocol: Protocol
    judges: Judges | None
    size: tuple[int, int]
    problems: Problems
    on_progress: OnProgress
    still: list[str] = field(default_factory=list)  # names of predictions that do not move
    stretched: list[str] = field(default_factory=list)  # of another shape than their truth

    def all_of(self, members: Sequence[np.ndarray]) -> list[Part]:
        scored, done = [], 0
        pool = ThreadPoolExecutor(min(8, cpu_count() or 1))
        try:
            for rows, part in zip(members, pool.map(self._part, members), strict=True):
                done += len(rows)
                scored += [part] if part is not None else []
                if not self.problems:
                    self.on_progress(done, len(self.pairs))
        finally:  # also when it is stopped
            pool.shutdown(cancel_futures=True)
        return scored

    def notes(self) -> list[str]:
        kinds = {"do not move": self.still, "are stretched to the shape of their truth": self.stretched}
        return [f"{len(names)} predictions {what}: {_listed(names)}" for what, names in kinds.items() if names]

    def _part(self, rows: np.ndarray) -> Part | None:
        read = [self._pair(self.pairs[row]) for row in rows]
        films, truths = [film for film, _ in read], [truth for _, truth in read]
        return None if self.problems else score_part(films, truths, self.protocol, self.judges)

    def _pair(self, pair: Pair) -> tuple[np.ndarray, np.ndarray]:
        """The film and its truth, sized; empty where one does not read."""
        truth = self._read(pair.target, None)
        film = self._read(pair.prediction, self.protocol.film_frames)
        if not (film.size and truth.size):
            return film, truth
        if (film == film[:1]).all():
            self.still.append(pair.name)
        wider = film.shape[-1] * truth.shape[-2] / (film.shape[-2] * truth.shape[-1])
        if max(wider, 1 / wider) > STRETCHED:
            self.stretched.append(pair.name)
        return sized(film, self.protocol, self.size), sized(truth, self.protocol, self.size)

    def _read(self, path: Path, of_sixteen: Sequence[int] | None) -> np.ndarray:
        if path in self.problems:
            return np.empty(0)
        try:
            return read_moments(path, of_sixteen)
        except (InputError, OSError) as error:
            self.problems[path] = _said(path, error)
            return np.empty(0)


def _common_size(pairs: Sequence[Pair], protocol: Protocol, problems: Problems) -> tuple[tuple[int, int], list[str]]:
    """Height and width at which all are scored, that of most true films, and what is to be said of it."""
    if protocol.pixels:
        return (protocol.pixels, protocol.pixels), []
    sizes: Counter[tuple[int, int]] = Counter()
    for pair in pairs:
        try:
            sizes[size_of(pair.target)] += 1
        except (InputError, OSError) as error:
            problems[pair.target] = _said(pair.target, error)
    if not sizes:
        return (LARGEST, LARGEST), []
    (height, width), _ = sizes.most_common(1)[0]
    shrunk = min(1.0, LARGEST / max(height, width))
    size = max(1, round(height * shrunk)), max(1, round(width * shrunk))
    notes = [f"{len(sizes)} sizes of true films: all are scored at {size[1]} x {size[0]}"] if len(sizes) > 1 else []
    if shrunk < 1:
        notes.append(f"true films are of {width} x {height} pixels and scored at {size[1]} x {size[0]}")
    return size, notes


def _part_size(n: int, n_frames: int, size: tuple[int, int]) -> int:
    """How many neighbouring clips, at least, are scored against each other; thirty if time and memory allow it."""
    pixels = size[0] * size[1]
    return int(max(FEWEST, min(MOST, COMPARED / (max(n, 1) * n_frames * pixels), HELD / pixels)))


def _said(path: Path, error: Exception) -> str:
    return str(error) if isinstance(error, InputError) else f"{path}: {getattr(error, 'strerror', None) or error}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
