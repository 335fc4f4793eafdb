"""What a sentence says a film shows: object, action and scene, in the words of the simulated films."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from neuroclips.preprocessing.layout import N_SAMPLES, TR
from neuroclips.simulation.shots import FILM_COUNT, Shot, shot_at
from neuroclips.simulation.vocabulary import OBJECTS, SCENES, noun, verb

KINDS = ("object", "scene", "action")


@dataclass(frozen=True)
class Labels:
    """Words for the main object, where it is and what it does; None where a sentence says nothing of the kind."""

    object: str | None
    scene: str | None
    action: str | None


def of_shot(shot: Shot) -> Labels:
    """The truth about a shot."""
    return Labels(noun(shot.name), SCENES[shot.scene], verb(shot.name, shot.motion))


def of_clip(kind: str, clip: int) -> Labels:
    """The truth about a clip of the "train" or "test" films: that of the shot in its middle."""
    film, tr = divmod(clip, N_SAMPLES)
    return of_shot(shot_at(kind, film, (tr + 0.5) * TR))


def said(sentence: str) -> Labels:
    """What a sentence such as "a dog walking with a cat in a green field" says; other words are None."""
    rest = sentence.lower().strip().rstrip(".")
    scene = next((words for words in SCENES.values() if rest.endswith(f" {words}")), None)
    rest = rest.removesuffix(scene or "").strip().split(" with ")[0]
    rest = rest.removeprefix("an ").removeprefix("a ")
    thing = next((word for word in _nouns() if rest == word or rest.startswith(f"{word} ")), None)
    doing = rest.removeprefix(thing or "").strip()
    return Labels(thing, scene, doing if doing in _verbs() else None)


@cache
def _nouns() -> list[str]:
    """Longest first, so that none is taken for the beginning of another."""
    return sorted({noun(name) for name in OBJECTS}, key=len, reverse=True)


@cache
def _verbs() -> set[str]:
    return {verb(thing.name, motion) for thing in OBJECTS.values() for motion in thing.motions}


def n_words(kind: str) -> int:
    """How many different words there are for objects, scenes or actions."""
    return {"object": len(_nouns()), "scene": len(SCENES), "action": len(_verbs())}[kind]


@cache
def most_frequent(kind: str) -> str:
    """The word for most clips of the training films, which is the best guess without looking."""
    every = (getattr(of_clip("train", clip), kind) for clip in range(FILM_COUNT["train"] * N_SAMPLES))
    return Counter(every).most_common(1)[0][0]
