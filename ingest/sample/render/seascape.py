"""Seascapes: water under the sky, boats, lighthouses, waves, shores and people on them."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random

from ingest.sample.scenes import Scene

from . import boats, buildings, nature
from .canvas import Canvas, smooth
from .landscape import NUMBER, person
from .noise import ridge
from .palette import NAMED, RGB, darker, lighter, lit, mix, named, vary
from .sky import Air, lightning, precipitation, sky

SLOTS = {
    1: ((0.5, 0.42, 1.0),),
    2: ((0.29, 0.30, 0.72), (0.66, 0.52, 0.92)),
    3: ((0.2, 0.2, 0.56), (0.8, 0.26, 0.62), (0.47, 0.54, 0.9)),
    6: ((0.12, 0.12, 0.4), (0.42, 0.1, 0.36), (0.72, 0.14, 0.42), (0.92, 0.3, 0.5),
        (0.26, 0.42, 0.62), (0.64, 0.5, 0.68)),
}  # fmt: skip


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the whole seascape."""
    aspect = canvas.aspect
    horizon = aspect * rng.uniform(0.46, 0.56)
    air = sky(canvas, scene, rng, horizon)
    if scene.weather == "storm":
        lightning(canvas, rng, horizon)
    if scene.second == "birds":
        ink = (232, 232, 226) if scene.light == "night" else (44, 40, 52)
        nature.birds(canvas, rng, horizon, ink)
    sea = _sea(canvas, scene, rng, air)
    _shores(canvas, scene, rng, air)
    if scene.subject == "wave":
        _great_wave(canvas, scene, rng, air)
    elif scene.subject == "lighthouse":
        _lighthouse(canvas, scene, rng, air, rng.uniform(0.32, 0.68), 1.0)
    else:
        _fleet(canvas, scene, rng, air, sea)
    _near(canvas, scene, rng, air)
    precipitation(canvas, scene, rng)


def _sea(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> RGB:
    aspect, horizon = canvas.aspect, air.horizon
    hue = rng.choice(((44, 108, 150), (38, 120, 136), (60, 100, 158)))
    colour = mix(lit(vary(hue, rng, 8), scene.light), mix(air.top, air.haze, 0.4), 0.3)
    if scene.weather in ("storm", "rain", "mist", "snow"):
        grey = round(sum(colour) / 3)
        colour = mix(colour, (grey, grey + 4, grey + 8), 0.5)
    bands = 12
    for k in range(bands):
        top = horizon + (aspect - horizon) * (k / bands) ** 1.3
        tone = mix(mix(colour, air.haze, 0.5), darker(colour, 0.3), (k / bands) ** 0.7)
        canvas.flat(
            [(-0.01, top), (1.01, top), (1.01, aspect + 0.01), (-0.01, aspect + 0.01)], tone
        )
    _ripples(canvas, scene, rng, air, colour)
    if scene.light in ("sunset", "dawn", "night", "dusk") and scene.weather in ("", "snow"):
        _path_of_light(canvas, scene, rng, air)
    return colour


def _ripples(canvas: Canvas, scene: Scene, rng: random.Random, air: Air, colour: RGB) -> None:
    rough = 2.4 if scene.weather == "storm" else 1.0
    for _ in range(90):
        depth = rng.random()
        y = air.horizon + (canvas.aspect - air.horizon) * (0.03 + 0.97 * depth**1.4)
        long, x = 0.015 + 0.09 * depth, rng.random()
        tone = (
            lighter(mix(colour, air.haze, 0.3), 0.3)
            if rng.random() < 0.55
            else darker(colour, 0.25)
        )
        lift = 0.006 * rough * depth
        canvas.line(
            [(x - long, y), (x - long / 3, y - lift), (x + long / 3, y), (x + long, y + lift / 2)],
            tone,
            0.0025 + 0.004 * depth,
        )
        if rough > 1 and depth > 0.5:
            canvas.line(
                [(x - long / 2, y - lift), (x + long / 3, y - lift * 0.6)],
                lit((236, 240, 242), scene.light, 0.7),
                0.006,
            )


def _path_of_light(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    colour = {
        "sunset": (255, 206, 110),
        "dawn": (255, 238, 204),
        "dusk": (240, 176, 150),
        "night": (224, 226, 206),
    }[scene.light]
    for k in range(30):
        depth = k / 30
        y = air.horizon + (canvas.aspect - air.horizon) * (0.015 + 0.9 * depth)
        half = (0.02 + 0.07 * depth) * rng.uniform(0.4, 1.1)
        x = air.sun_x + rng.uniform(-0.03, 0.03)
        canvas.line(
            [(x - half, y), (x + half, y)], mix(colour, air.haze, 0.15), 0.004 + 0.004 * depth
        )


def _shores(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    horizon = air.horizon
    if scene.second == "island":
        x = rng.choice((rng.uniform(0.12, 0.3), rng.uniform(0.7, 0.88)))
        line = ridge(rng, x - 0.13, x + 0.13, horizon + 0.004, 0.075, 0.35)
        line[0], line[-1] = (x - 0.15, horizon + 0.006), (x + 0.15, horizon + 0.006)
        canvas.solid(line, mix(lit((76, 104, 88), scene.light), air.haze, 0.3))
    if scene.setting == "cliffs":
        side = rng.choice((0, 1))
        stone = mix(lit((168, 148, 124), scene.light), air.haze, 0.1)
        for reach, high, fade in ((0.42, 0.16, 0.35), (0.26, 0.3, 0.0)):
            points = [
                (-0.02, horizon - high * 1.05),
                (reach * 0.5, horizon - high),
                (reach * 0.8, horizon - high * 0.86),
                (reach * 0.86, horizon - high * 0.3),
                (reach, horizon + 0.05 * (1 - fade)),
                (-0.02, horizon + 0.1),
            ]
            turned = [(1 - x if side else x, y) for x, y in points]
            canvas.solid(turned, mix(stone, air.haze, fade), "side")
            grass = [
                (-0.02, horizon - high * 1.1),
                (reach * 0.5, horizon - high * 1.04),
                (reach * 0.82, horizon - high * 0.86),
                (reach * 0.5, horizon - high * 0.94),
                (-0.02, horizon - high * 0.95),
            ]
            canvas.flat(
                [(1 - x if side else x, y) for x, y in grass],
                mix(
                    lit((96, 132, 76) if scene.weather != "snow" else (236, 240, 244), scene.light),
                    air.haze,
                    fade,
                ),
            )
            for _ in range(9):
                x = rng.uniform(0.02, reach * 0.8)
                top = horizon - high * rng.uniform(0.3, 0.85)
                x = 1 - x if side else x
                canvas.line(
                    [(x, top), (x + rng.uniform(-0.01, 0.01), top + high * 0.3)],
                    darker(stone, 0.25 - fade * 0.4),
                    0.003,
                )
    if scene.setting == "harbour":
        _harbour(canvas, scene, rng, air)
    if scene.second == "lighthouse":
        _lighthouse(canvas, scene, rng, air, rng.choice((0.12, 0.88)), 0.42)


def _harbour(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    quay = lit((128, 116, 106), scene.light)
    base = air.horizon + 0.012
    x, snowy = -0.02, scene.weather == "snow"
    while x < 1.02:
        size = rng.uniform(0.055, 0.08)
        wall = lit(
            rng.choice(((226, 208, 176), (206, 186, 160), (190, 176, 164), (222, 196, 170))),
            scene.light,
        )
        buildings.house(canvas, rng, x, base, size, mix(wall, air.haze, 0.18), scene.light, snowy)
        x += size * 1.75
    canvas.solid(
        [(-0.02, base), (1.02, base), (1.02, base + 0.03), (-0.02, base + 0.03)],
        quay,
        outlined=False,
    )


def _lighthouse(
    canvas: Canvas, scene: Scene, rng: random.Random, air: Air, x: float, share: float
) -> None:
    base = air.horizon + 0.09 * share
    size = min(0.5, (base - 0.06) / 1.32) * share
    rock = lit((92, 84, 84), scene.light)
    main = scene.subject == "lighthouse"
    colour = lit(named(scene.colour if main else "white", rng), scene.light, 0.5)
    if scene.is_monochrome():
        colour = lit(NAMED["white"], scene.light, 0.5)
    nature.rocks(canvas, rng, x, base + 0.05 * share, 0.2 * share, 0.12 * share, rock)
    buildings.lighthouse(canvas, rng, x, base, size, colour, scene.light, scene.weather == "snow")
    nature.rocks(
        canvas,
        rng,
        x + 0.05 * share,
        base + 0.08 * share,
        0.22 * share,
        0.09 * share,
        darker(rock, 0.15),
    )
    for _ in range(12):
        dx = rng.uniform(-0.36, 0.4) * share
        canvas.line(
            [(x + dx, base + 0.085 * share), (x + dx + 0.05 * share, base + 0.082 * share)],
            lit((236, 240, 240), scene.light, 0.6),
            0.006,
        )


def _fleet(canvas: Canvas, scene: Scene, rng: random.Random, air: Air, sea: RGB) -> None:
    colour = (
        named(scene.colour, rng) if scene.colour else rng.choice(((60, 56, 58), (226, 222, 212)))
    )
    colour = lit(colour, scene.light, 0.5)
    painter = {
        "sailboat": boats.sailboat, "rowboat": boats.rowboat,
        "steamship": boats.steamship, "tall ship": boats.tall_ship,
    }[scene.subject]  # fmt: skip
    size = {"sailboat": 0.3, "rowboat": 0.34, "steamship": 0.46, "tall ship": 0.36}[scene.subject]
    depth = canvas.aspect - air.horizon
    number = NUMBER[scene.count]
    for place, share, scale in SLOTS[number]:
        reach = 0.12 if number == 1 else 0.03
        x = place + rng.uniform(-reach, reach)
        base = air.horizon + depth * share + 0.02
        boats.reflection(canvas, rng, x, base, size * scale, colour, sea)
        aboard = scene.has_people and (scale > 0.6 or scene.subject == "rowboat")
        flip = rng.choice((-1, 1))
        painter(
            canvas,
            rng,
            x,
            base,
            size * scale * min(1, canvas.aspect * 1.3),
            vary(colour, rng, 5),
            scene.light,
            flip,
            aboard,
        )


def _great_wave(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    colour = lit(named(scene.colour or "", rng), scene.light, 0.55)
    if scene.is_monochrome():
        colour = (96, 96, 96)
    flip, aspect = rng.choice((-1, 1)), canvas.aspect
    base, high = aspect + 0.02, aspect * rng.uniform(0.62, 0.76)
    top = base - high
    place = lambda x, y: (x if flip > 0 else 1 - x, y)  # noqa: E731
    back = [
        (-0.1, base),
        (-0.08, base - high * 0.5),
        (0.1, base - high * 0.8),
        (0.32, top),
        (0.52, top + high * 0.04),
        (0.66, top + high * 0.2),
        (0.7, top + high * 0.36),
        (0.6, top + high * 0.27),
        (0.47, top + high * 0.25),
        (0.38, top + high * 0.4),
        (0.42, top + high * 0.66),
        (0.62, base - high * 0.16),
        (1.1, base - high * 0.12),
        (1.1, base + 0.1),
        (-0.1, base + 0.1),
    ]
    canvas.solid(smooth([place(*p) for p in back]), colour, contrast=0.9)
    foam = lit((246, 248, 246), scene.light, 0.6)
    for k in range(7):
        s = 0.1 + 0.1 * k
        curve = [
            (0.02 + 0.05 * k, base - 0.02),
            (0.05 + 0.035 * k, base - high * (0.3 + 0.05 * k)),
            (0.16 + 0.035 * k, base - high * (0.56 + 0.05 * k)),
            (0.34 + 0.03 * k, top + high * (0.12 - 0.005 * k) + 0.02 * s),
        ]
        canvas.line(
            [place(*p) for p in smooth(curve)[6:-6]],
            lighter(colour, 0.5) if k % 2 else darker(colour, 0.3),
            0.007,
        )
    crest = [
        (0.3, 0.0),
        (0.4, -0.01),
        (0.5, 0.03),
        (0.58, 0.09),
        (0.64, 0.17),
        (0.69, 0.27),
        (0.7, 0.36),
        (0.63, 0.3),
        (0.55, 0.25),
        (0.47, 0.25),
        (0.41, 0.32),
    ]
    for x, y in crest:
        for k in range(11):
            size = rng.uniform(0.005, 0.02) * (1.2 if k < 4 else 0.7)
            spray = place(
                x + rng.uniform(-0.03, 0.045), top + high * y + rng.uniform(-0.025, 0.035)
            )
            canvas.ball(*spray, size, size, foam, 0.35)
    for _ in range(40):
        size = rng.uniform(0.003, 0.007)
        canvas.dot(*place(rng.uniform(0.42, 0.84), top + high * rng.uniform(0.02, 0.6)), size, foam)
    for k in range(9):
        canvas.ball(
            k * 0.125 + rng.uniform(0, 0.05),
            aspect - rng.uniform(0, 0.02),
            0.08,
            0.02 + 0.012 * math.sin(k * 2),
            foam,
            0.4,
        )


def _near(canvas: Canvas, scene: Scene, rng: random.Random, air: Air) -> None:
    aspect = canvas.aspect
    if scene.setting == "beach":
        sand = lit((226, 200, 152) if scene.weather != "snow" else (236, 238, 242), scene.light)
        top = aspect - (aspect - air.horizon) * 0.3
        line = [
            (-0.02, top + 0.05),
            (0.25, top + 0.02),
            (0.5, top + 0.045),
            (0.78, top - 0.005),
            (1.02, top + 0.02),
        ]
        canvas.line(
            [(x, y - 0.006) for x, y in smooth(line)[:24]],
            lit((246, 248, 246), scene.light, 0.6),
            0.016,
        )
        canvas.solid(
            [*smooth(line)[:24], (1.02, top + 0.02), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)],
            sand,
            contrast=0.4,
            outlined=False,
        )
        for _ in range(40):
            canvas.dot(
                rng.random(), rng.uniform(top + 0.06, aspect), 0.0035, darker(sand, 0.2), 0.002
            )
    if scene.has_people and scene.setting in ("beach", "harbour"):
        x = rng.uniform(0.12, 0.8)
        for k in range(rng.choice((2, 3))):
            person(
                canvas,
                rng,
                x + 0.06 * k,
                aspect - rng.uniform(0.03, 0.05),
                rng.uniform(0.13, 0.16),
                scene,
            )
        return
    if scene.has_people and scene.subject in ("lighthouse", "wave", "steamship", "tall ship"):
        boats.rowboat(
            canvas,
            rng,
            rng.choice((0.2, 0.8)),
            aspect - 0.06,
            0.24,
            lit((150, 116, 84), scene.light),
            scene.light,
            1,
            True,
        )
