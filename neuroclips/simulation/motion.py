"""Where every object is at a moment of a shot, and where the camera looks."""

from __future__ import annotations

from dataclasses import dataclass

from neuroclips.simulation.exact import sine
from neuroclips.simulation.shots import Shot, Thing
from neuroclips.simulation.sprites import proportions
from neuroclips.simulation.vocabulary import OBJECTS

GROUND = ("beach", "field", "forest", "desert", "snow", "city", "room")  # scenes to stand on
FLOOR = 0.9  # where feet of the main object touch the ground, in frame heights
BACK_FLOOR = 0.78  # the same for a companion farther away


@dataclass(frozen=True)
class Pose:
    """An object's place in the frame; all lengths in frames, x and y of its centre."""

    x: float
    y: float
    width: float
    height: float
    flip: bool  # looks to the right
    shadow_y: float | None  # height of its shadow on the ground


def _swing(u: float) -> float:
    """Triangle wave of period 4 between -1 and 1, so that nothing leaves the frame."""
    return 1 - abs((u - 1) % 4 - 2)


def _path(thing: Thing, motion: str, time: float, duration: float):
    """x, y, size, rise over its resting height, stretch of its height, and the way it looks."""
    x, y, size, rise, stretch = thing.x, thing.y, thing.size, 0.0, 1.0
    u = 4 * thing.phase + 4 * thing.speed * time
    right = ((u - 1) % 4 < 2) == (thing.speed > 0)
    if motion in ("drift", "swim", "walk"):
        x = 0.5 + 0.26 * _swing(u)
        beat = {"drift": 0.5, "swim": 0.6, "walk": 1.5}[motion] * time
        rise = {"drift": 0.02, "swim": 0.06, "walk": 0.02}[motion] * sine(beat)
        stretch = 1 + {"drift": 0.0, "swim": 0.03, "walk": 0.02}[motion] * sine(beat + 0.25)
    elif motion == "bounce":
        share = (0.95 * time + thing.phase) % 1
        high = min(1.1, 4 * (0.97 - size))  # a parabola of at most 0.275 that stays in the frame
        x, y, rise = 0.5 + 0.2 * _swing(u), 0.62, high * share * (1 - share)
        stretch = 1 - 0.14 * max(0.0, 1 - 12 * min(share, 1 - share))
    elif motion in ("approach", "recede"):
        share = time / duration
        size, right = 0.4 + 0.5 * (share if motion == "approach" else 1 - share), thing.speed > 0
    elif motion == "circle":
        angle = thing.phase + thing.speed * time
        x, y = 0.5 + 0.2 * sine(angle + 0.25), 0.5 + 0.16 * sine(angle)
    elif motion == "pan":
        x, right = x - 0.08 * _swing(u), thing.speed > 0
    return x, y, size, rise, stretch, right


def pose(shot: Shot, time: float, which: int = 0) -> Pose:
    """Object `which` of the shot, `time` [s] into it. A companion always drifts gently in its place."""
    thing = shot.things[which]
    if which == 0:
        x, y, size, rise, stretch, right = _path(thing, shot.motion, time, shot.duration)
    else:
        x, y, size, stretch = thing.x + 0.04 * sine(thing.phase + thing.speed * time), thing.y, thing.size, 1.0
        rise, right = 0.01 * sine(0.4 * time + thing.phase), thing.x < 0.5
    wide, tall = proportions(thing.name)
    width, height, shadow = size * wide / stretch, size * tall * stretch, None
    if shot.scene in GROUND:
        shadow = FLOOR if which == 0 else BACK_FLOOR
        shadow += 0.12 * (size - 0.65) if which == 0 else 0.0  # what is nearer stands lower
        if not OBJECTS[thing.name].flies:
            y = shadow - height / 2 - max(0.0, rise)
            return Pose(float(x), float(y), width, height, bool(right), shadow)
    return Pose(float(x), float(y - rise), width, height, bool(right), shadow)


def box(shot: Shot, time: float, which: int = 0) -> tuple[float, float, float, float]:
    """The object's box (left, top, right, bottom) in frame fractions, `time` [s] into the shot."""
    p = pose(shot, time, which)
    return p.x - p.width / 2, p.y - p.height / 2, p.x + p.width / 2, p.y + p.height / 2


def camera(shot: Shot, time: float) -> tuple[float, float]:
    """Where the camera looks, `time` [s] into the shot: pan in [0, 1] and zoom from 1."""
    main, share = shot.things[0], time / shot.duration
    if shot.motion == "pan":
        return 0.5 + 0.5 * _swing(4 * main.phase + 4 * main.speed * time), 1.0
    if shot.camera == "glide":  # follows the main object
        return 0.5 + 0.3 * _swing(4 * main.phase + 2 * main.speed * time), 1.0
    return 0.5, {"push": 1 + 0.16 * share, "pull": 1.16 - 0.16 * share}.get(shot.camera, 1.0)
