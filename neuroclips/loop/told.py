"""What the semantic areas of a simulated brain are told that a film shows: a file has no script, so somebody must say.

Unless the visitor does, it is the demo captioner of the pictures: a BLIP-2 with eyes of its own. It is neither the
CLIP whose tokens are decoded nor one of the judges that score; but it also words the decoded keyframe, and records say
so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from neuroclips.errors import InputError
from neuroclips.simulation.features import semantic_axes
from neuroclips.simulation.vocabulary import CLASS_NAMES, SCENES, noun

VISITOR, CAPTIONER = "the visitor", "the demo captioner"
NOTHING = "nothing"
MOST_THINGS = 2  # classes of a shot, the main one first
RUNS = re.compile(r"\b(running|bouncing|moving along)\b")  # a man of whom that is said is the class "runner"


@dataclass(frozen=True)
class Told:
    """Classes and scene of one clip of 2 s, by whom, and in which words."""

    things: tuple[str, ...]
    scene: str | None
    by: str
    words: str

    def axes(self, sizes: np.ndarray, seen: float) -> np.ndarray:
        """(n_names,) semantic axes; sizes : (2,) of the main thing and of another, seen : how much of the scene is."""
        things = zip(self.things, map(float, sizes), strict=False)
        return semantic_axes({self.scene: seen} if self.scene else {}, *things)

    def __str__(self) -> str:
        return ", ".join((*self.things, *([self.scene] if self.scene else []))) or NOTHING


def parse_shows(text: str, n_clips: int = 1) -> list[Told]:
    """What a visitor says of each clip: "jellyfish, ocean", "nothing", or several by semicolons, the last one kept.

    Raises InputError for words that name no class and no scene, with the nearest names.
    """
    clips = [_shown(part) for part in text.split(";")]
    if len(clips) > n_clips:
        raise InputError(f"got {len(clips)} descriptions, expected at most {n_clips}, one for each 2 s of the film")
    return [clips[min(clip, len(clips) - 1)] for clip in range(n_clips)]


def _shown(text: str) -> Told:
    words = [word for part in text.split(",") if (word := " ".join(part.lower().split()))]
    things, scenes = ([w for w in words if w in table] for table in (CLASS_NAMES, SCENES))
    for word in words:
        if word not in (*CLASS_NAMES, *SCENES, NOTHING):
            near = get_close_matches(word, (*CLASS_NAMES, *SCENES), 4, 0.4) or ["jellyfish", "dog", "ocean", "city"]
            raise InputError(f"got {word!r} as what is shown, expected a class or a scene, such as: {', '.join(near)}")
    if len(things) > MOST_THINGS or len(scenes) > 1 or (NOTHING in words and len(words) > 1) or not words:
        raise InputError(
            f"got {text.strip()!r} as what is shown, expected up to {MOST_THINGS} classes and a scene, such as "
            '"dog, cat, field", or "nothing"'
        )
    return Told(tuple(dict.fromkeys(things)), scenes[0] if scenes else None, VISITOR, text.strip())


def read_caption(text: str) -> Told:
    """Classes and scene that a sentence of the demo captioner names; it may name none."""
    scene = next((name for name, words in SCENES.items() if text.endswith(words)), None)
    found = {name: match.start() for name in CLASS_NAMES if (match := re.search(rf"\b{noun(name)}\b", text))}
    if {"man", "runner"} <= found.keys():  # one word for both
        found.pop("man" if RUNS.search(text) else "runner")
    things = sorted(found, key=lambda name: found[name])[:MOST_THINGS]
    return Told(tuple(things), scene, CAPTIONER, text)


def told_by_captioner(frames: np.ndarray, captioner: Callable, per_clip: int) -> list[Told]:
    """One for each clip, of its middle frame; frames : (n_clips * per_clip, H, W, 3) uint8."""
    import torch

    middle = torch.from_numpy(frames[per_clip // 2 :: per_clip].transpose(0, 3, 1, 2).copy()).float() / 255
    return [read_caption(sentence) for sentence in captioner(middle)]  # (n_clips, 3, H, W)
