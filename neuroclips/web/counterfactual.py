"""Films that could have been: the script of a shot with another object, or with its object in another place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuroclips.simulation.shots import Shot
from neuroclips.simulation.vocabulary import OBJECTS


def other_classes(shot: Shot) -> list[str]:
    """Classes of objects that are seen in the scene of a shot, without that of its main object."""
    return [o.name for o in OBJECTS.values() if shot.scene in o.scenes and o.name != shot.name]


def another_object(shot: Shot, rng: np.random.Generator) -> Shot:
    """The scene painted anew, with an object of another class that moves alike, about there, and no companion."""
    main, (x, y, size, phase) = shot.things[0], rng.normal(0, (0.05, 0.03, 0.06, 0.03))
    main = replace(
        main,
        name=str(rng.choice(other_classes(shot))),
        x=main.x + x,
        y=main.y + y,
        phase=main.phase + phase,
        size=float(np.clip(main.size + size, 0.35, 0.85)),
    )
    return replace(shot, things=(main,), seed=int(rng.integers(2**31)))


def another_place(shot: Shot, rng: np.random.Generator) -> Shot:
    """The same object at a place, of a size and at a phase of its motion drawn anew, facing either way.

    The scene is any that the object is seen in, its own twice as likely. A companion stays where it is.
    """
    scenes = (*OBJECTS[shot.name].scenes, shot.scene)
    size, x, y, phase = rng.uniform((0.4, 0.2, 0.4, 0), (0.85, 0.8, 0.65, 1))
    main = replace(
        shot.things[0],
        x=float(x),
        y=float(y),
        size=float(size),
        phase=float(phase),
        speed=shot.things[0].speed * float(rng.choice((-1, 1))),
    )
    return replace(shot, things=(main, *shot.things[1:]), scene=str(rng.choice(scenes)))
