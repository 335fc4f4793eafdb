"""Samples to long films: all keyframes of a batch first, then which of them join, then the films."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from neuroclips.clips import in_batches
from neuroclips.errors import InputError
from neuroclips.guides import Guides
from neuroclips.longfilms.decide import same_class
from neuroclips.longfilms.join import Joining
from neuroclips.longfilms.plan import Boundary, boundaries, groups
from neuroclips.parts import FUSING
from neuroclips.pipeline import NeuroClips
from neuroclips.progress import OnProgress
from neuroclips.ranges import Checked, Together
from neuroclips.types import FmriSample, Reconstruction, Settings


@dataclass(frozen=True)
class LongFilm:
    """Reconstructions of clips that join, one or more, and the boundaries between them and to the next film."""

    samples: tuple[FmriSample, ...]
    parts: tuple[Reconstruction, ...]
    boundaries: tuple[Boundary, ...]


@dataclass(frozen=True)
class Maker(Checked):
    """Makes long films; no true frame, caption, class or cut reaches it.

    follows : whether the second of two clips was seen right after the first, in the same run. batch_size : clips that
    are computed together.
    """

    pipeline: NeuroClips
    settings: Settings
    how: Joining
    follows: Callable[[int, int], bool]
    batch_size: Together = 1
    on_progress: OnProgress | None = None

    def __call__(self, samples: Sequence[FmriSample]) -> Iterator[LongFilm]:
        """The films of samples of one subject, in order, each as soon as it is known to be complete.

        Raises InputError without keyframes, which are what is compared.
        """
        if not self.settings.guidance.beta:
            raise InputError("got films without keyframes to fuse, expected beta guidance: leave --no-beta out")
        for role in FUSING:  # where one is lacking, that is told before anything is decoded
            self.pipeline.part(role)
        waiting, probabilities = list[Guides](), list[float]()  # of a film that may go on
        for part in in_batches(samples, self.batch_size):
            new = self.pipeline.guides(part, self.settings, self.on_progress)
            probabilities += self._same_class([*waiting[-1:], *new])
            waiting += new
            clips = [one.sample.clip for one in waiting]
            decided = boundaries(clips, probabilities, self.follows, self.how.longest)
            films = groups(len(waiting), decided)
            begun = films[-1].start
            yield from self._films(waiting, films[:-1], decided)
            waiting, probabilities = waiting[begun:], probabilities[begun:]
        decided = boundaries([g.sample.clip for g in waiting], probabilities, self.follows, self.how.longest)
        yield from self._films(waiting, groups(len(waiting), decided), decided)

    def _same_class(self, guides: Sequence[Guides]) -> list[float]:
        keyframes = torch.stack([one.keyframe for one in guides if one.keyframe is not None])
        return same_class(keyframes, self.pipeline.part("clip"), self.pipeline.part("fusion"))

    def _films(self, guides: list[Guides], films: list[range], decided: list[Boundary]) -> Iterator[LongFilm]:
        made = self._made(guides, films)
        for film in films:
            parts, samples = tuple(made[i] for i in film), tuple(guides[i].sample for i in film)
            yield LongFilm(samples, parts, tuple(decided[film.start : film.stop]))

    def _made(self, guides: list[Guides], films: list[range]) -> dict[int, Reconstruction]:
        """The film of every place: first those that begin a long film, then those that follow them, and so on."""
        made: dict[int, Reconstruction] = {}
        for depth in range(max(map(len, films), default=0)):
            wave = {film[depth]: film for film in films if depth < len(film)}
            guided = {i: self._guided(guides, i, film, made) for i, film in wave.items()}
            for has_tail in (True, False):
                alike = [i for i in wave if (guided[i].tail is not None) == has_tail]
                for part in in_batches(alike, self.batch_size):
                    rows = self.pipeline.films([guided[i] for i in part], self.on_progress)
                    made |= {i: _own(row, guides[i]) for i, row in zip(part, rows, strict=True)}
        return made

    def _guided(self, guides: list[Guides], i: int, film: range, made: dict[int, Reconstruction]) -> Guides:
        former = made[i - 1].video if i > film.start else None
        return self.how.guided(guides[i], former, guides[i + 1] if i + 1 < film.stop else None)


def _own(made: Reconstruction, own: Guides) -> Reconstruction:
    """A film beside what was decoded of its own clip."""
    return replace(made, keyframe=own.keyframe, blurry_video=own.blurry_video)
