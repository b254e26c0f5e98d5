"""Landscapes: sky, far ranges, the ground with its water or road, the subject, people, weather."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

from ingest.sample.scenes import Scene

from . import buildings, nature
from .canvas import Canvas, smooth
from .noise import ridge
from .palette import NAMED, RGB, darker, lighter, lit, mix, named, vary
from .sky import Air, lightning, precipitation, sky

SNOW: RGB = (236, 240, 246)
NUMBER = {"one": 1, "two": 2, "three": 3, "several": 6}
SLOTS = {
    1: ((0.5, 0.42, 1.0),),
    2: ((0.27, 0.40, 0.78), (0.70, 0.50, 0.92)),
    3: ((0.19, 0.40, 0.66), (0.80, 0.44, 0.72), (0.50, 0.56, 0.84)),
    6: ((0.10, 0.30, 0.46), (0.36, 0.34, 0.5), (0.64, 0.31, 0.46), (0.9, 0.38, 0.52),
        (0.25, 0.62, 0.6), (0.72, 0.66, 0.64)),
}  # fmt: skip


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the whole landscape."""
    aspect = canvas.aspect
    horizon = aspect * rng.uniform(0.5, 0.58)
    air = sky(canvas, scene, rng, horizon)
    if scene.weather == "storm":
        lightning(canvas, rng, horizon)
    if scene.second == "birds":
        ink = (232, 232, 226) if scene.light == "night" else (44, 40, 52)
        nature.birds(canvas, rng, horizon, ink)
    _far(canvas, scene, rng, air)
    if scene.subject == "mountain":
        _peaks(canvas, scene, rng, air)
    ground = _ground(canvas, scene, rng, air)
    if scene.subject == "waterfall":
        _waterfall(canvas, scene, rng, air)
    elif scene.subject != "mountain":
        _subjects(canvas, scene, rng, air)
    _company(canvas, scene, rng, air)
    if scene.setting != "lake":
        nature.tufts(canvas, rng, horizon + (aspect - horizon) * 0.45, ground)
    precipitation(canvas, scene, rng)


def _ground_colour(scene: Scene, rng: random.Random) -> RGB:
    colour = {
        "snow": SNOW, "autumn": (188, 132, 62), "blossom": (140, 180, 92),
    }.get(scene.weather) or rng.choice(((104, 142, 70), (122, 148, 76), (86, 130, 74)))  # fmt: skip
    if scene.setting == "field" and scene.weather != "snow":
        colour = rng.choice(((206, 172, 84), (152, 168, 76), (196, 178, 104)))
    if scene.weather in ("storm", "rain"):
        colour = darker(colour, 0.2)
    return lit(vary(colour, rng, 8), scene.light)


def _far(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    blue = lit((84, 108, 146), scene.light)
    if scene.setting == "mountains" or rng.random() < 0.5:
        rise = canvas.aspect * (0.26 if scene.setting == "mountains" else 0.13)
        nature.mountains(canvas, rng, air.horizon, rise, mix(blue, air.haze, 0.55), air.haze)
    near = lit((92, 122, 100) if scene.weather != "snow" else (176, 190, 206), scene.light)
    nature.mountains(
        canvas, rng, air.horizon + 0.02, canvas.aspect * 0.08, mix(near, air.haze, 0.35), air.haze
    )


def _peaks(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    colour = lit(named(scene.colour or "", rng), scene.light, 0.55)
    snow = lit(SNOW, scene.light, 0.7)
    high = min(air.horizon * 0.8, 0.5)
    layout = {
        "one": ((rng.uniform(0.4, 0.6), 0.46, 1.0),),
        "two": ((0.3, 0.34, 0.9), (0.74, 0.32, 0.7)),
        "three": ((0.18, 0.25, 0.68), (0.82, 0.25, 0.7), (0.5, 0.3, 0.98)),
    }[scene.count]
    for x, half, share in layout:
        nature.peak(
            canvas, rng, x, air.horizon + 0.02, half, high * share, vary(colour, rng, 4), snow
        )


def _ground(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> RGB:
    colour, aspect = _ground_colour(scene, rng), canvas.aspect
    horizon, depth = air.horizon, aspect - air.horizon
    canvas.solid(
        [(-0.02, horizon), (1.02, horizon), (1.02, aspect + 0.01), (-0.02, aspect + 0.01)],
        mix(colour, air.haze, 0.12),
        contrast=0.4,
        outlined=False,
    )
    rise = depth * (0.22 if scene.setting == "hills" else 0.1)
    for k in range(3):
        base = horizon + depth * (0.1 + 0.24 * k)
        line = ridge(rng, -0.02, 1.02, base + rise * 0.5, rise, 0.3)
        tone = mix(vary(colour, rng, 7), air.haze, 0.28 - 0.12 * k)
        canvas.solid([*line, (1.02, aspect + 0.02), (-0.02, aspect + 0.02)], tone, contrast=0.45)
    if scene.setting == "field":
        _furrows(canvas, rng, horizon + depth * 0.3, colour)
    elif scene.setting in ("river", "lake"):
        _water(canvas, scene, rng, air)
    elif scene.setting == "road":
        _road(canvas, scene, rng, air)
    return colour


def _furrows(canvas: Canvas, rng: random.Random, top: float, colour: RGB) -> None:
    vanish = rng.uniform(0.3, 0.7)
    for k in range(17):
        x = -0.9 + k * 0.18
        near = canvas.aspect + 0.02
        canvas.flat(
            [(vanish + (x - vanish) * 0.2, top), (x - 0.035, near), (x + 0.035, near)],
            darker(colour, 0.2) if k % 2 else lighter(colour, 0.16),
        )


def _river_side(air: Air) -> int:
    """1 when the river runs on the right, the sunny side; things stand on the other bank."""
    return 1 if air.sun_x > 0.5 else -1


def _water_colour(scene: Scene, air: Air) -> RGB:
    return mix(lit((92, 142, 176), scene.light), mix(air.haze, air.top, 0.5), 0.5)


def _water(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    aspect, depth, colour = canvas.aspect, canvas.aspect - air.horizon, _water_colour(scene, air)
    if scene.setting == "lake":
        top = air.horizon + depth * 0.52
        shore = [
            (-0.02, top + 0.03),
            (0.2, top),
            (0.5, top + 0.02),
            (0.8, top - 0.01),
            (1.02, top + 0.02),
        ]
        canvas.solid([*shore, (1.02, aspect + 0.02), (-0.02, aspect + 0.02)], colour)
        band = (top + 0.04, aspect)
    else:
        side = _river_side(air)
        mid = 0.5 + side * 0.16
        points = [(mid, air.horizon + depth * 0.08), (mid + side * 0.16, air.horizon + depth * 0.3),
                  (mid + side * 0.1, air.horizon + depth * 0.55), (0.5 + side * 0.56,
                      aspect + 0.03), (0.5 - side * 0.08, aspect + 0.03),
                  (mid - side * 0.16, air.horizon + depth * 0.56), (mid + side * 0.06,
                      air.horizon + depth * 0.3)]  # fmt: skip
        if scene.subject == "bridge":
            points[4] = (0.5 - side * 0.44, aspect + 0.03)
            points[5] = (mid - side * 0.36, air.horizon + depth * 0.5)
        canvas.solid(smooth(points), colour)
        band = (air.horizon + depth * 0.66, aspect)
    for _ in range(26):
        y = rng.uniform(*band)
        x, long = (
            0.5 + _river_side(air) * rng.uniform(-0.02, 0.42)
            if scene.setting == "river"
            else rng.random(),
            rng.uniform(0.03, 0.1),
        )
        tone = lighter(colour, 0.4) if rng.random() < 0.6 else darker(colour, 0.25)
        canvas.line([(x - long / 2, y), (x + long / 2, y)], tone, 0.004)


def _road(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    aspect, depth = canvas.aspect, canvas.aspect - air.horizon
    colour = lit((214, 196, 158) if scene.weather != "snow" else (196, 190, 184), scene.light)
    bend = rng.choice((-1, 1)) * 0.16
    left = [
        (0.52, air.horizon + depth * 0.1),
        (0.5 + bend, air.horizon + depth * 0.34),
        (0.42 - bend * 0.4, air.horizon + depth * 0.62),
        (0.22, aspect + 0.03),
    ]
    right = [
        (0.64, aspect + 0.03),
        (0.56 - bend * 0.4, air.horizon + depth * 0.62),
        (0.56 + bend, air.horizon + depth * 0.34),
        (0.535, air.horizon + depth * 0.1),
    ]
    canvas.solid([*smooth([*left, *right])], colour)


def _slots(
    scene: Scene, rng: random.Random, air: Air, aspect: float
) -> list[tuple[float, float, float]]:
    """Places (x, base, size) for the subjects, far ones first."""
    depth = aspect - air.horizon
    number = NUMBER[scene.count]
    places = []
    for place, share, size in SLOTS[number]:
        shift = rng.uniform(-0.16, 0.16) if number == 1 else rng.uniform(-0.03, 0.03)
        x = place + shift
        if scene.setting == "river":
            x = 0.66 * x + (0.02 if _river_side(air) > 0 else 0.32)
        shore = 0.72 if scene.setting == "lake" else 1.0
        places.append((x, air.horizon + depth * share * shore, size * min(1.0, aspect * 1.15)))
    return places


def _subjects(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    colour = lit(named(scene.colour, rng), scene.light, 0.6)
    snowy = scene.weather == "snow"
    if scene.subject == "forest":
        _forest(canvas, scene, rng, air, colour)
        return
    if scene.subject == "bridge":
        base = air.horizon + (canvas.aspect - air.horizon) * 0.62
        buildings.bridge(canvas, rng, 0.5, base, 0.44, colour, scene.light, snowy)
        return
    sizes = {
        "house": 0.24,
        "church": 0.2,
        "castle": 0.3,
        "windmill": 0.32,
        "haystack": 0.3,
        "tree": 0.56,
    }
    for x, base, share in _slots(scene, rng, air, canvas.aspect):
        size = share * sizes[scene.subject] * rng.uniform(0.92, 1.08)
        nature.shadow(
            canvas, x + size * 0.1, base, size * (0.35 if scene.subject == "tree" else 0.7)
        )
        if scene.subject == "tree":
            nature.broadleaf(canvas, rng, x, base, size, colour, scene.light, snowy)
        else:
            painter = getattr(buildings, scene.subject)
            painter(canvas, rng, x, base, size, vary(colour, rng, 5), scene.light, snowy)


def _forest(canvas: Canvas, scene: Scene, rng: random.Random, air: Air, colour: RGB) -> None:
    depth, snowy = canvas.aspect - air.horizon, scene.weather == "snow"
    firs = rng.random() < 0.6
    for row in range(3):
        for k in range(8 - row):
            x = (k + rng.uniform(0.1, 0.9)) / (8 - row)
            if row == 2 and 0.3 < x < 0.7:
                continue
            base = air.horizon + depth * (0.12 + 0.2 * row)
            high = (0.26 + 0.1 * row) * min(1, canvas.aspect * 1.2) * rng.uniform(0.8, 1.2)
            tone = mix(colour, air.haze, 0.4 - 0.18 * row)
            if firs:
                nature.conifer(canvas, rng, x, base, high, darker(tone, 0.15), snowy)
            else:
                nature.broadleaf(canvas, rng, x, base, high, tone, scene.light, snowy)


def _waterfall(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    aspect = canvas.aspect
    rock = lit((104, 96, 92) if scene.weather != "snow" else (150, 152, 160), scene.light)
    top, pool = air.horizon * rng.uniform(0.34, 0.5), air.horizon + (aspect - air.horizon) * 0.55
    x = rng.uniform(0.42, 0.58)
    left = ridge(rng, -0.02, x - 0.05, top + 0.1, 0.12, 0.6)
    canvas.solid([*left, (x - 0.06, pool), (-0.02, pool + 0.02)], rock)
    right = ridge(rng, x + 0.05, 1.02, top + 0.1, 0.14, 0.6)
    canvas.solid([*right, (1.02, pool + 0.02), (x + 0.08, pool)], darker(rock, 0.16))
    canvas.flat(
        [(x - 0.08, top + 0.03), (x + 0.08, top + 0.03), (x + 0.1, pool), (x - 0.1, pool)],
        darker(rock, 0.4),
    )
    white = lit((238, 244, 248), scene.light, 0.6)
    canvas.solid(
        [(x - 0.055, top + 0.03), (x + 0.055, top + 0.03), (x + 0.085, pool), (x - 0.085, pool)],
        white,
        "column",
        0.4,
    )
    for _ in range(16):
        dx = rng.uniform(-1, 1)
        start = rng.uniform(top + 0.04, pool - 0.1)
        canvas.line(
            [(x + dx * 0.055, start), (x + dx * 0.07, start + 0.12)],
            mix(white, _water_colour(scene, air), 0.6),
            0.004,
        )
    for _ in range(14):
        canvas.line(
            [(rng.uniform(0, x - 0.1), rng.uniform(top + 0.12, pool)) for _ in range(2)],
            darker(rock, 0.25),
            0.003,
        )
    canvas.solid(
        smooth(
            [
                (x - 0.4, pool + 0.03),
                (x, pool - 0.02),
                (x + 0.42, pool + 0.04),
                (x + 0.5, aspect + 0.05),
                (x - 0.5, aspect + 0.05),
            ]
        ),
        _water_colour(scene, air),
    )
    for _ in range(9):
        canvas.ball(
            x + rng.uniform(-0.12, 0.12), pool + rng.uniform(-0.005, 0.02), 0.03, 0.016, white, 0.3
        )
    nature.rocks(canvas, rng, 0.1, aspect, 0.13, 0.14, darker(rock, 0.2))
    nature.rocks(canvas, rng, 0.9, aspect, 0.12, 0.1, darker(rock, 0.2))


def _company(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    aspect = canvas.aspect
    depth = aspect - air.horizon
    if scene.second == "cow":
        for k in range(3):
            x, share = rng.uniform(0.08 + 0.3 * k, 0.3 + 0.3 * k), rng.uniform(0.52, 0.72)
            if scene.setting == "lake":
                share = rng.uniform(0.4, 0.5)
            elif scene.setting == "river":
                # On the dry bank, below whatever stands there.
                x = 0.06 + 0.13 * k if _river_side(air) > 0 else 0.94 - 0.13 * k
                share = rng.uniform(0.6, 0.78)
            base = air.horizon + depth * share
            cow = lit(
                rng.choice((NAMED["brown"], NAMED["black"], (214, 190, 160))), scene.light, 0.6
            )
            nature.cow_far(canvas, rng, x, base, 0.062, cow)
    elif scene.second == "fence":
        _fence(canvas, scene, air.horizon + depth * 0.86)
    if scene.has_people:
        walkers = rng.choice((1, 2, 2, 3))
        x = rng.choice((rng.uniform(0.12, 0.3), rng.uniform(0.66, 0.84)))
        if scene.setting == "river":
            x = rng.uniform(0.08, 0.2) if _river_side(air) > 0 else rng.uniform(0.72, 0.8)
        for k in range(walkers):
            base = air.horizon + depth * (
                0.5 if scene.setting == "lake" else rng.uniform(0.74, 0.82)
            )
            person(
                canvas,
                rng,
                x + 0.062 * k,
                base,
                rng.uniform(0.12, 0.15) * min(1, aspect * 1.3),
                scene,
            )


def person(
    canvas: Canvas, rng: random.Random, x: float, base: float, high: float, scene: Scene
) -> None:
    """A walker with a shadow, under an umbrella when it rains."""
    nature.shadow(canvas, x, base, high * 0.24)
    nature.person(canvas, rng, x, base, high, scene.light, scene.weather in ("rain", "storm"))


def _fence(canvas: Canvas, scene: Scene, y: float) -> None:
    wood = lit((112, 92, 76) if scene.weather != "snow" else (90, 78, 74), scene.light)
    for k in range(12):
        x = 0.02 + k * 0.088
        canvas.solid(
            [
                (x - 0.008, y),
                (x - 0.008, y - 0.1),
                (x, y - 0.112),
                (x + 0.008, y - 0.1),
                (x + 0.008, y),
            ],
            wood,
            "side",
        )
    for drop in (0.08, 0.04):
        canvas.line([(-0.01, y - drop), (1.01, y - drop + 0.004)], lighter(wood, 0.12), 0.011)
