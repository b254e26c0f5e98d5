"""Skies, sun and moon, and the weather that falls in front of everything."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from ingest.sample.scenes import Scene

from .canvas import Canvas, mesh, oval
from .noise import field
from .palette import NAMED, RGB, SKIES, lighter, mix, vary

SKY_COLUMNS = 72


@dataclass(frozen=True)
class Air:
    """What the sky decides for everything below it."""

    horizon: float
    sun_x: float
    haze: RGB
    top: RGB
    light: str


def sky(canvas: Canvas, scene: Scene, rng: random.Random, horizon: float) -> Air:
    """Paint the whole background as sky down to `horizon` and return its air."""
    stops = [_weathered(vary(stop, rng, 10), scene) for stop in SKIES[scene.light or "day"]]
    sun_x = rng.uniform(0.18, 0.82)
    rows = max(8, round(SKY_COLUMNS * canvas.aspect))
    y = np.linspace(0, canvas.aspect / horizon, rows)
    ramp = np.stack([np.interp(y, (0, 0.55, 1), [s[k] for s in stops]) for k in range(3)], 1)
    picture = np.repeat(ramp[:, None, :], SKY_COLUMNS, 1)
    picture = _glow(picture, scene, sun_x, horizon, canvas.aspect)
    picture = _clouds(picture, scene, rng, stops)
    canvas.background(picture)
    _lights(canvas, scene, rng, sun_x, horizon)
    return Air(horizon, sun_x, stops[2], stops[0], scene.light)


def _weathered(colour: RGB, scene: Scene) -> RGB:
    grey = round(sum(colour) / 3)
    greyed = (grey, grey, min(255, grey + 6))
    if scene.weather == "storm":
        return mix(mix(colour, greyed, 0.75), (38, 42, 54), 0.5)
    if scene.weather == "rain":
        return mix(mix(colour, greyed, 0.6), (120, 130, 142), 0.35)
    if scene.weather in ("snow", "mist"):
        return mix(
            mix(colour, greyed, 0.35), (226, 230, 234), 0.12 if scene.light == "night" else 0.4
        )
    return colour


def _glow(
    picture: np.ndarray, scene: Scene, sun_x: float, horizon: float, aspect: float
) -> np.ndarray:
    if scene.light not in ("sunset", "dawn", "dusk") or scene.weather in ("storm", "rain"):
        return picture
    rows = picture.shape[0]
    y, x = mesh(rows, SKY_COLUMNS)
    near = np.exp(-(((x - sun_x) / 0.34) ** 2 + ((y * aspect - horizon * 0.86) / 0.2) ** 2))[
        ..., None
    ]
    warm = {"sunset": (255, 206, 96), "dawn": (255, 236, 200), "dusk": (240, 160, 120)}[scene.light]
    return picture + (np.array(warm) - picture) * near * 0.75


def _clouds(picture: np.ndarray, scene: Scene, rng: random.Random, stops: list[RGB]) -> np.ndarray:
    rows = picture.shape[0]
    noise = field("sky", (SKY_COLUMNS, rows), rng, 0.7)
    start = {"storm": 0.25, "rain": 0.35, "": rng.uniform(0.5, 0.66)}.get(scene.weather, 0.5)
    cover = np.clip((noise - start) * 4, 0, 1)[..., None]
    cover *= np.linspace(1, 0.35, rows)[:, None, None]
    tint = {
        "sunset": (250, 150, 118), "dawn": (255, 224, 214), "dusk": (150, 110, 150),
        "night": (54, 66, 100), "day": (252, 250, 244),
    }[scene.light or "day"]  # fmt: skip
    cloud = _weathered(tint, scene)
    if scene.weather in ("storm", "rain"):
        cloud = mix(stops[0], (24, 26, 36), 0.45)
    return picture + (np.array(cloud) - picture) * cover * 0.8


def _lights(canvas: Canvas, scene: Scene, rng: random.Random, sun_x: float, horizon: float) -> None:
    if scene.light == "night":
        if scene.weather not in ("storm", "rain", "mist"):
            for _ in range(46):
                size = rng.choice((0.0022, 0.003, 0.0045))
                canvas.dot(rng.random(), rng.uniform(0, horizon * 0.85), size, (250, 244, 214))
        y = rng.uniform(0.16, 0.34) * horizon + 0.04
        for spread, strength in ((0.15, 0.14), (0.095, 0.22)):
            canvas.veil(oval(sun_x, y, spread, spread), (226, 226, 210), strength, blur=0.035)
        if rng.random() < 0.6:
            canvas.ball(sun_x, y, 0.052, 0.052, (252, 244, 208), 0.25)
        else:
            canvas.flat(_crescent(sun_x, y, 0.054), (252, 244, 208))
    elif scene.light in ("sunset", "dawn") and scene.weather not in ("storm", "rain"):
        lift = 0.12 if scene.light == "sunset" else 0.3
        colour = (255, 226, 120) if scene.light == "sunset" else (255, 246, 214)
        if scene.light == "sunset" and rng.random() < 0.5:
            colour = (250, 96, 48)
        canvas.dot(sun_x, horizon * (1 - lift), 0.058, colour)


def _crescent(x: float, y: float, r: float) -> list[tuple[float, float]]:
    """A waning moon: an outer half circle and a shallower inner one, tilted."""
    outer = [(math.cos(k * math.pi / 16), math.sin(k * math.pi / 16)) for k in range(17)]
    inner = [(px, py * 0.45) for px, py in reversed(outer)]
    turned = [(px * 0.5 - py * 0.87, px * 0.87 + py * 0.5) for px, py in outer + inner]
    return [(x + px * r, y + py * r) for px, py in turned]


def precipitation(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Rain, snow, lightning, mist or petals in front of the finished view."""
    aspect = canvas.aspect
    if scene.weather == "mist":
        for _ in range(3):
            y, x = rng.uniform(0.35, 0.85) * aspect, rng.random()
            colour = (70, 80, 108) if scene.light == "night" else (232, 232, 228)
            canvas.veil(oval(x, y, rng.uniform(0.4, 0.8), 0.05), colour, 0.5, blur=0.035)
    elif scene.weather == "snow":
        for _ in range(110):
            size = rng.choice((0.0035, 0.005, 0.0075))
            canvas.dot(rng.random(), rng.random() * aspect, size, (252, 252, 250))
    elif scene.weather in ("rain", "storm"):
        slant = 0.035 if scene.weather == "storm" else 0.014
        colour = (206, 214, 224) if scene.light != "night" else (138, 150, 178)
        for _ in range(90):
            x, y, long = rng.random(), rng.random() * aspect, rng.uniform(0.03, 0.075)
            canvas.line([(x, y), (x - slant, y + long)], colour, 0.0022)
    elif scene.weather in ("blossom", "autumn"):
        names = ("pink", "white") if scene.weather == "blossom" else ("orange", "yellow", "brown")
        for _ in range(40):
            colour = lighter(NAMED[rng.choice(names)], 0.2)
            canvas.dot(rng.random(), rng.uniform(0.2, 1) * aspect, 0.006, colour, 0.004)


def lightning(canvas: Canvas, rng: random.Random, horizon: float) -> None:
    """One forked stroke from the clouds to the horizon."""
    x = rng.uniform(0.12, 0.88)
    points = [(x, 0.0)]
    for step in range(1, 8):
        points.append((points[-1][0] + rng.uniform(-0.045, 0.05), horizon * step / 7))
    canvas.line(points, (250, 246, 224), 0.006)
    fork = points[4]
    canvas.line(
        [fork, (fork[0] + 0.06, fork[1] + 0.06), (fork[0] + 0.07, fork[1] + 0.12)],
        (250, 246, 224),
        0.003,
    )
