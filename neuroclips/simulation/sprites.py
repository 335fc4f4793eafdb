"""Pictures of the objects, cut to what is opaque: Microsoft Fluent 3D emoji (MIT) in assets/sprites."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image

from neuroclips.paths import ASSETS
from neuroclips.simulation.vocabulary import OBJECTS

BILINEAR = Image.Resampling.BILINEAR


@lru_cache(maxsize=64)
def _picture(name: str) -> Image.Image:
    sprite = Image.open(ASSETS / "sprites" / f"{OBJECTS[name].sprite}.webp").convert("RGBA")
    return sprite.crop(sprite.getchannel("A").point(lambda alpha: 255 * (alpha > 64)).getbbox())


@lru_cache(maxsize=64)
def proportions(name: str) -> tuple[float, float]:
    """Width and height of an object whose longer side is 1."""
    picture = _picture(name)
    longer = max(picture.size)
    return picture.width / longer, picture.height / longer


@lru_cache(maxsize=256)
def _lit(name: str, flip: bool, light: tuple[float, float, float], edge: int) -> Image.Image:
    """The sprite under a coloured light, edge x edge pixels with a transparent border of edge / 8 around them."""
    sprite = _picture(name).resize((edge, edge), BILINEAR)
    sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else sprite
    table = [min(255, int(v * factor)) for factor in light for v in range(256)] + list(range(256))
    padded = Image.new("RGBA", (edge + edge // 4, edge + edge // 4))
    padded.paste(sprite.point(table), (edge // 8, edge // 8))
    return padded


def paste(canvas: Image.Image, name: str, flip: bool, light, left: float, top: float, wide: float, tall: float) -> None:
    """Put an object on the canvas so that it covers (left, top, wide, tall) [pixels], to fractions of a pixel."""
    edge = next(e for e in (64, 128, 256) if e >= 1.1 * max(wide, tall) or e == 256)
    x0, y0 = math.floor(left), math.floor(top)
    columns, rows = math.ceil(left + wide) - x0, math.ceil(top + tall) - y0
    kx, ky, pad = edge / wide, edge / tall, edge // 8
    x, y = pad + (x0 - left) * kx, pad + (y0 - top) * ky
    seen = _lit(name, flip, light, edge).resize((columns, rows), BILINEAR, box=(x, y, x + columns * kx, y + rows * ky))
    canvas.paste(seen, (x0, y0), seen)


def mirrored(name: str, flip: bool, light, wide: int, tall: int) -> Image.Image:
    """The object upside down, as water shows it: RGBA (wide, tall)."""
    sprite = _lit(name, flip, light, 64).crop((8, 8, 72, 72))
    return sprite.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((wide, tall), BILINEAR)
