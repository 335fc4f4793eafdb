"""One frame of a shot: layers of the scene, glitter on water, shadows, objects, weather, at any even size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from neuroclips.errors import InputError
from neuroclips.simulation import sprites, weather
from neuroclips.simulation.exact import falloff, sine
from neuroclips.simulation.motion import Pose, camera, pose
from neuroclips.simulation.scenery.brush import Brush, Layer, Scene
from neuroclips.simulation.scenery.nature import NATURE
from neuroclips.simulation.scenery.places import PLACES
from neuroclips.simulation.scenery.water import WATER
from neuroclips.simulation.shots import Shot
from neuroclips.simulation.vocabulary import SCENES

PAINTERS = {**WATER, **NATURE, **PLACES}
SIZES = range(64, 257, 2)  # frame edges that can be rendered [pixels]
PAN = 0.5  # frames from one end of a pan to the other, for what is as near as the object
_BILINEAR = Image.Resampling.BILINEAR

assert set(SCENES) == set(PAINTERS), "every scene needs a painter"


def render(shot: Shot, time: float, pixels: int) -> np.ndarray:
    """One frame, uint8 of shape (pixels, pixels, 3), `time` [s] into the shot. Raises InputError for an odd size."""
    if pixels not in SIZES:
        raise InputError(f"got frames of {pixels} pixels, expected an even number from {SIZES[0]} to {SIZES[-1]}")
    scene, (pan, zoom) = _scene(shot, pixels), camera(shot, time)
    canvas = Image.new("RGB", (pixels, pixels))
    for layer in scene.back:
        _lay(canvas, layer, pan, zoom, time)
    _glitter(canvas, scene, pan, time)
    for which in range(len(shot.things) - 1, -1, -1):  # the main object comes last
        _put(canvas, shot.things[which].name, pose(shot, time, which), scene, time)
    for layer in scene.front:
        _lay(canvas, layer, pan, zoom, time)
    for kind in scene.weather:
        weather.draw(canvas, kind, shot.seed, time)
    return np.asarray(canvas)


@lru_cache(maxsize=4)
def _scene(shot: Shot, pixels: int) -> Scene:
    return PAINTERS[shot.scene](Brush(np.random.default_rng(shot.seed), pixels))


def _lay(canvas: Image.Image, layer: Layer, pan: float, zoom: float, time: float) -> None:
    """Put the part of a layer on the canvas that the camera sees, to fractions of a pixel."""
    size = canvas.width
    zoom = 1 + (zoom - 1) * layer.depth
    left = min((PAN * pan * layer.depth + layer.drift * time) * size, layer.image.width - size)
    inset = size * (1 - 1 / zoom) / 2
    top = inset
    if layer.bob:  # swings up and down, and never shows its edge
        inset = max(inset, layer.bob * size)
        top = inset + layer.bob * size * sine(0.17 * time)
    part = (left + inset, top, left + size - inset, top + size - 2 * inset)
    seen = layer.image.resize((size, size), _BILINEAR, box=part)
    canvas.paste(seen, (0, 0), seen if seen.mode == "RGBA" else None)


def _glitter(canvas: Image.Image, scene: Scene, pan: float, time: float) -> None:
    """Two sheets of ripples slide over each other; where both are high, water sparkles."""
    if scene.water is None or scene.glints is None:
        return
    size, first = canvas.width, round(scene.water * canvas.height)
    shifts = (0.03 * time + PAN * 0.7 * pan, 0.6 - 0.02 * time + PAN * 0.7 * pan)
    a, b = (
        sheet[first:, round(s * size) : round(s * size) + size].astype(np.uint16)
        for sheet, s in zip(scene.glints, (max(0, min(1, s)) for s in shifts), strict=True)
    )
    shine = np.minimum(np.maximum((a * b >> 8).astype(np.int16) - 84, 0) * 4, 170).astype(np.uint8)
    mask = Image.fromarray(shine)
    canvas.paste(Image.new("RGB", mask.size, scene.sparkle), (0, first), mask)


def _put(canvas: Image.Image, name: str, where: Pose, scene: Scene, time: float) -> None:
    size = canvas.width
    if where.shadow_y is not None and scene.shadow:
        _shadow(canvas, where, where.shadow_y, scene.shadow)
    elif scene.water is not None:
        _reflect(canvas, name, where, scene, time)
    left, top = (where.x - where.width / 2) * size, (where.y - where.height / 2) * size
    sprites.paste(canvas, name, where.flip, scene.light, left, top, where.width * size, where.height * size)


@lru_cache(maxsize=1)
def _soft_disc() -> Image.Image:
    place = (np.arange(64, dtype=np.float32) + 0.5) / 32 - 1
    hill = falloff(6 * (place[:, None] * place[:, None] + place * place))
    return Image.fromarray((255 * np.clip(hill * 1.06 - 0.06, 0, 1)).astype(np.uint8))


def _shadow(canvas: Image.Image, where: Pose, ground: float, darkness: float) -> None:
    """A soft dark ellipse on the ground, fainter and smaller under what is high above it."""
    size = canvas.width
    lift = max(0.0, ground - where.y - where.height / 2)
    fade = 1 / (1 + 3 * lift)
    wide, tall = max(4, round(1.3 * where.width * fade * size)), max(2, round(0.2 * where.width * fade * size))
    strength = darkness * fade * 2
    mask = _soft_disc().resize((wide, tall), _BILINEAR).point([min(255, int(v * strength)) for v in range(256)])
    at = (round(where.x * size) - wide // 2, round((ground - 0.012) * size) - tall // 2)
    canvas.paste(Image.new("RGB", mask.size, (24, 26, 40)), at, mask)


def _reflect(canvas: Image.Image, name: str, where: Pose, scene: Scene, time: float) -> None:
    """The object upside down in the water below it, broken into rows by ripples."""
    size = canvas.width
    foot = max(where.y + where.height / 2 - 0.06, scene.water or 0.0)
    wide, full, top = round(where.width * size), round(where.height * size * 0.5), round(foot * size)
    tall = min(full, size - top)
    if tall < 2:
        return
    rows, picture = np.arange(tall), np.asarray(sprites.mirrored(name, where.flip, scene.light, wide, full))[:tall]
    shift = np.round(0.02 * size * sine(rows * (9 / size) - 0.8 * time) * (0.3 + rows / tall)).astype(int)
    columns = np.clip(np.arange(wide)[None] + shift[:, None], 0, wide - 1)
    broken = picture[rows[:, None], columns].copy()
    broken[..., 3] = broken[..., 3] * (0.42 * (1 - rows / tall))[:, None]
    image = Image.fromarray(broken)
    canvas.paste(image, (round(where.x * size - wide / 2), top), image)
