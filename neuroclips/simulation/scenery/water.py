"""Scenes with water: ocean, underwater, beach, sunset."""

from __future__ import annotations

import numpy as np

from neuroclips.simulation.exact import falloff, sine
from neuroclips.simulation.scenery.brush import Brush, Layer, Scene, rgb


def ocean(b: Brush) -> Scene:
    horizon = b.rng.uniform(0.3, 0.42)
    sky = b.gradient([120, 180, 240], [232, 242, 250], 0, horizon)
    sky += 70 * b.glow(b.rng.uniform(0.2, 1.4), horizon - 0.2, 0.22)
    cloud = b.cut(
        b.gradient([255, 255, 255], [225, 232, 242], 0, horizon), 0.9 * b.clouds(0.46) * (1 - b.below(horizon))
    )
    island = b.cut(
        b.gradient([120, 150, 160], [95, 130, 135]) + 30 * b.noise(6),
        b.below(b.ridge(horizon - 0.005, 0.09, 1.2)) * (1 - b.below(horizon + 0.004)),
    )
    swell = b.noise(5, 4, 5) * np.clip((b.y - horizon) * 110, 0, 60)
    sea = b.gradient([92, 172, 208], [10, 72, 132], horizon, 1) + swell + 12 * b.noise(2, 3, 3)
    crest = b.ridge(0.93, 0.05, 4, 3)
    foam = falloff((b.y - crest) * (b.y - crest) / 0.00016) * np.clip(b.noise(12, 3, 2) + 0.75, 0, 1)
    near = b.gradient([20, 96, 152], [8, 58, 112], 0.88, 1) + 30 * b.noise(6, 3, 4)
    return Scene(
        back=(
            Layer(b.picture(sky), 0),
            Layer(cloud, 0.08, 0.012),
            Layer(island, 0.15),
            Layer(b.cut(sea, b.below(horizon)), 0.7),
        ),
        front=(Layer(b.cut(near + (250 - near) * foam, np.maximum(b.below(crest), foam)), 1.3, 0.01, 0.012),),
        water=horizon,
        glints=b.ripples(horizon),
        weather=("spray",) if b.rng.random() < 0.3 else (),
    )


def underwater(b: Brush) -> Scene:
    open_water = (
        b.gradient([58, 168, 214], [5, 40, 98]) + 18 * b.noise(2, 3) + 55 * b.glow(b.rng.uniform(0.3, 1.3), -0.1, 0.4)
    )
    far = b.cut(b.gradient([28, 110, 160], [14, 62, 116], 0.5, 1) + 26 * b.noise(7), b.below(b.ridge(0.74, 0.3, 2)))
    sand_line = b.ridge(0.87, 0.08, 1.5)
    sand = b.gradient([122, 148, 150], [74, 98, 112], 0.82, 1) + 34 * b.noise(9, 3, 3)
    coral = b.ridge(0.95, 0.22, 6, 3)
    colour = np.asarray([[190, 90, 110], [120, 90, 160], [200, 130, 80]][b.rng.integers(3)], np.float32)
    reef = 0.55 * colour + b.gradient([30, 60, 80], [0, 10, 20], 0.8, 1) + 60 * b.noise(12, 3)
    weed = b.cut(b.gradient([40, 120, 80], [16, 62, 56], 0.6, 1), b.blades(0.98, 0.34, 16, 0.016))
    slant = b.x + 0.45 * b.y
    beam = np.clip(sine(slant * 2.2 + b.rng.uniform(0, 1)) * sine(slant * 5.1 + b.rng.uniform(0, 1)), 0, 1)
    rays = b.cut(rgb(190, 235, 250), 0.5 * beam * np.clip(1 - 1.1 * b.y, 0, 1))
    return Scene(
        back=(
            Layer(b.picture(open_water), 0),
            Layer(far, 0.35),
            Layer(rays, 0.2, 0.014),
            Layer(b.cut(sand, b.below(sand_line)), 0.8),
            Layer(b.cut(reef, b.below(coral)), 0.9),
        ),
        front=(Layer(weed, 1.3, 0.004, 0.006),),
        light=(0.82, 0.95, 1.04),
        weather=("bubbles",),
    )


def beach(b: Brush) -> Scene:
    horizon = b.rng.uniform(0.26, 0.34)
    sky = b.gradient([104, 184, 248], [222, 241, 252], 0, horizon)
    cloud = b.cut(rgb(255, 255, 255), 0.85 * b.clouds(0.4) * (1 - b.below(horizon)))
    sea = b.gradient([44, 146, 190], [110, 206, 212], horizon, 0.56) + 24 * b.noise(6, 3, 6)
    shore = b.ridge(b.rng.uniform(0.54, 0.6), 0.06, 1)
    sand = b.gradient([236, 214, 166], [222, 190, 136], 0.5, 1) + 26 * b.noise(10, 3, 2) + 18 * b.noise(2, 3)
    wet = falloff(np.clip(b.y - shore, 0, 1) / 0.06 * np.clip(b.y - shore, 0, 1) / 0.06)
    sand = sand * (1 - 0.28 * wet)
    surf = b.ridge(0, 0.05, 5, 3) + shore
    lace = np.clip(b.noise(14, 3, 2) + 0.8, 0, 1)
    foam = falloff((b.y - surf) * (b.y - surf) / 0.0003) * lace
    foam = np.maximum(foam, 0.5 * falloff((b.y - surf + 0.05) * (b.y - surf + 0.05) / 0.0001) * lace)
    tuft = b.cut(b.gradient([150, 160, 86], [92, 112, 56], 0.75, 1), b.blades(1.0, 0.2, 7, 0.008))
    return Scene(
        back=(
            Layer(b.picture(sky), 0),
            Layer(cloud, 0.08, 0.012),
            Layer(b.cut(sea, b.below(horizon)), 0.5),
            Layer(b.cut(sand, b.below(shore)), 0.95),
            Layer(b.cut(rgb(252, 253, 252), 0.95 * foam), 0.95, 0.0, 0.016),
        ),
        front=(Layer(tuft, 1.3),),
        water=horizon,
        glints=_only_above(b.ripples(horizon), shore, b),
        shadow=0.34,
    )


def _only_above(sheets, line, b: Brush):
    mask = 1 - b.below(line - 0.02)[..., 0]
    return tuple((s * mask).astype(np.uint8) for s in sheets)


def sunset(b: Brush) -> Scene:
    horizon, cx = 0.66, b.rng.uniform(0.35, 1.1)
    sky = b.gradient([84, 62, 138], [255, 158, 84], 0, horizon)
    sky += (rgb(255, 214, 140) - sky) * 0.8 * b.glow(cx, horizon - 0.1, 0.22)
    sun = b.disc(cx, horizon - 0.1, 0.085)
    sky = sky * (1 - sun) + rgb(255, 244, 196) * sun
    bands = b.clouds(0.46, 2.5, 5) * (1 - b.below(horizon - 0.04))
    cloud = b.cut(b.gradient([150, 80, 130], [255, 190, 120], 0, horizon), 0.8 * bands)
    hills = b.cut(
        rgb(96, 56, 92) + 16 * b.noise(5), b.below(b.ridge(horizon - 0.01, 0.1, 1.4)) * (1 - b.below(horizon))
    )
    column = falloff((b.x - cx) * (b.x - cx) / 0.02)
    sea = b.gradient([206, 112, 92], [58, 34, 82], horizon, 1) + 34 * b.noise(7, 3, 6) + 80 * column * (1.2 - b.y)
    return Scene(
        back=(
            Layer(b.picture(sky), 0),
            Layer(cloud, 0.05, 0.01),
            Layer(hills, 0.12),
            Layer(b.cut(sea, b.below(horizon)), 0.4),
        ),
        water=horizon,
        glints=b.ripples(horizon),
        sparkle=(255, 222, 170),
        light=(0.98, 0.82, 0.78),
    )


WATER = {"ocean": ocean, "underwater": underwater, "beach": beach, "sunset": sunset}
