"""Films that visitors handed in for the closed loop, and examples: in memory alone, a few, and gone after an hour.

Of a file only the frames that are shown are held, at the size of our films.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING

from neuroclips.ui import encoded
from neuroclips.ui.expiry import LOOK, Expiry
from neuroclips.ui.uploads import KEPT, MOST_VISITS

if TYPE_CHECKING:
    from neuroclips.loop.film import Film

RESULTS = 6  # of one film that are held
# Shots of the endless web film that nothing is trained on, four seconds each, one after the other.
EXAMPLES = {"example-0": (90_011,), "example-1": (90_002, 90_005), "example-2": (90_003,)}


@dataclass
class Held:
    """A film, and the files of what was decoded of it by key and name."""

    film: Film
    results: OrderedDict[str, dict[str, bytes]] = field(default_factory=OrderedDict)
    used: float = 0.0

    @cached_property
    def shown(self) -> bytes:
        """The film as it is shown, as an MP4."""
        from neuroclips.media import write_frames
        from neuroclips.simulation.features import FPS

        return encoded.written("shown.mp4", lambda path: write_frames(path, self.film.frames, FPS))


class Films:
    """Films by a word that nobody can guess; the longest unused ones give way, and all go after an hour.

    A timer looks for these, every `look` seconds, while there is anything.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_VISITS, look: float = LOOK):
        self._clock, self._most, self._lock = clock, most, threading.Lock()
        self._films: OrderedDict[str, Held] = OrderedDict()
        self._expiry = Expiry(self._lock, self._forget_old, look)

    def add(self, film: Film) -> str:
        word = token_hex(16)
        with self._lock:
            self._films[word] = Held(film, used=self._clock())
            self._forget_old()
            self._expiry.watch()
        return word

    def of(self, word: str) -> Held | None:
        """What is held under a word, None where nothing is any more."""
        if word in EXAMPLES:
            return example(word)
        with self._lock:
            self._forget_old()
            if (held := self._films.get(word)) is not None:
                held.used = self._clock()
                self._films.move_to_end(word)
            return held

    def put(self, word: str, key: str, files: dict[str, bytes]) -> None:
        """Keep what was decoded of a film, unless the film was deleted meanwhile."""
        if (held := self.of(word)) is None:
            return
        with self._lock:
            held.results[key] = files
            while len(held.results) > RESULTS:
                held.results.popitem(last=False)

    def forget(self, word: str) -> None:
        with self._lock:
            self._films.pop(word, None)

    def _forget_old(self) -> bool:
        """Whether any is left."""
        while self._films:
            first = next(iter(self._films.values()))
            if len(self._films) <= self._most and self._clock() - first.used < KEPT:
                return True
            self._films.popitem(last=False)
        return False


def example_about(word: str) -> tuple[str, int]:
    """What an example shows, and of how many clips of 2 s it is."""
    from neuroclips.simulation.shots import TR, web_shot

    shots = [web_shot(index) for index in EXAMPLES[word]]
    return ", then ".join(shot.caption for shot in shots), int(sum(shot.duration for shot in shots) / TR)


@lru_cache(maxsize=len(EXAMPLES))
def example(word: str) -> Held:
    """One of EXAMPLES, drawn when it is first asked for."""
    import numpy as np

    from neuroclips.film_size import film_pixels
    from neuroclips.loop.film import Film
    from neuroclips.simulation.features import FPS
    from neuroclips.simulation.render import render
    from neuroclips.simulation.shots import web_shot

    shots = [web_shot(index) for index in EXAMPLES[word]]
    frames = [render(s, i / FPS, film_pixels()) for s in shots for i in range(int(s.duration * FPS))]
    return Held(Film(example_about(word)[0], np.stack(frames)))


FILMS = Films()
