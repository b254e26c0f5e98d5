"""Textiles: repeating patterns of two colours, laid out flat, with a border or a fringe."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import math
import random

from ingest.sample.scenes import Scene

from .canvas import Canvas, oval
from .palette import NAMED, RGB, darker, lighter, vary

MARGIN = 0.05


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the cloth on a pale ground, pattern clipped to its rectangle."""
    main, ground = vary(NAMED[scene.colour], rng, 6), vary(NAMED[scene.second_colour], rng, 6)
    a = canvas.aspect
    canvas.flat([(0, 0), (1.01, 0), (1.01, a + 0.01), (0, a + 0.01)], (222, 216, 204))
    canvas.veil(
        [
            (MARGIN + 0.012, MARGIN + 0.014),
            (1.012 - MARGIN, MARGIN + 0.014),
            (1.012 - MARGIN, a - MARGIN + 0.014),
            (MARGIN + 0.012, a - MARGIN + 0.014),
        ],
        (60, 52, 48),
        0.4,
        blur=0.02,
    )
    canvas.flat(_rect(MARGIN, MARGIN, 1 - MARGIN, a - MARGIN), ground)
    inset = MARGIN + (0.085 if scene.setting == "border" else 0.0)
    pitch = rng.uniform(0.09, 0.16)
    PATTERNS[scene.subject](canvas, rng, inset, pitch, main, ground)
    _trim(canvas, main, ground, inset)
    if scene.setting == "border":
        _border(canvas, main, ground, inset)
    elif scene.setting == "fringe":
        _fringe(canvas, rng, main, ground)


def _rect(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _cells(
    canvas: Canvas, inset: float, pitch: float
) -> list[tuple[int, int, float, float, float]]:
    """Cells (column, row, centre x, centre y, half size) that fill the inner rectangle."""
    wide, high = 1 - 2 * inset, canvas.aspect - 2 * inset
    columns, rows = max(3, round(wide / pitch)), max(3, round(high / pitch))
    dx, dy = wide / columns, high / rows
    return [
        (c, r, inset + (c + 0.5) * dx, inset + (r + 0.5) * dy, min(dx, dy) / 2)
        for r in range(rows)
        for c in range(columns)
    ]


def _stripes(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    low, upright = canvas.aspect - inset, rng.random() < 0.5
    span = 1 - 2 * inset if upright else canvas.aspect - 2 * inset
    number = max(4, round(span / pitch))
    step = span / number
    for k in range(number):
        at = inset + k * step
        for start, wide, tone in ((0.1, 0.5, main), (0.75, 0.08, lighter(main, 0.3))):
            lo, hi = at + start * step, at + (start + wide) * step
            canvas.flat(
                _rect(lo, inset, hi, low) if upright else _rect(inset, lo, 1 - inset, hi), tone
            )


def _checks(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    cells = _cells(canvas, inset, pitch)
    wide = (1 - 2 * inset) / (cells[-1][0] + 1) / 2
    high = (canvas.aspect - 2 * inset) / (cells[-1][1] + 1) / 2
    for c, r, x, y, _ in cells:
        if (c + r) % 2 == 0:
            canvas.flat(_rect(x - wide, y - high, x + wide, y + high), vary(main, rng, 4))


def _diamonds(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    for _, _, x, y, half in _cells(canvas, inset, pitch * 1.25):
        for share, tone in ((0.96, main), (0.55, ground), (0.28, main)):
            h = half * share
            canvas.flat([(x, y - h), (x + h, y), (x, y + h), (x - h, y)], tone)


def _floral(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    leaf = (
        (84, 122, 70)
        if max(abs(a - b) for a, b in zip(ground, (84, 122, 70), strict=True)) > 60
        else lighter(ground, 0.45)
    )
    for c, r, x, y, half in _cells(canvas, inset, pitch * 1.35):
        if (c + r) % 2:
            canvas.flat(oval(x, y, half * 0.36, half * 0.16, 12), leaf)
            canvas.flat(oval(x, y, half * 0.16, half * 0.36, 12), leaf)
            continue
        for k in range(6):
            angle = k * math.pi / 3
            px, py = x + half * 0.5 * math.cos(angle), y + half * 0.5 * math.sin(angle)
            canvas.flat(
                oval(px, py, half * 0.32, half * 0.32, 14), main if k % 2 else lighter(main, 0.16)
            )
        canvas.flat(
            oval(x, y, half * 0.24, half * 0.24, 14),
            darker(main, 0.35) if sum(main) > 200 else lighter(main, 0.5),
        )


def _zigzag(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    high = canvas.aspect - 2 * inset
    teeth, bands = max(4, round((1 - 2 * inset) / pitch)), max(4, round(high / pitch))
    step, rise = (1 - 2 * inset) / teeth, high / bands
    for band in range(bands):
        y = inset + band * rise
        upper = [
            (inset + k * step / 2, y + (rise * 0.45 if k % 2 else 0.02 * rise))
            for k in range(2 * teeth + 1)
        ]
        canvas.flat(
            [*upper, *[(px, py + rise * 0.5) for px, py in reversed(upper)]], vary(main, rng, 5)
        )


def _stars(
    canvas: Canvas, rng: random.Random, inset: float, pitch: float, main: RGB, ground: RGB
) -> None:
    for c, r, x, y, half in _cells(canvas, inset, pitch * 1.2):
        if (c + r) % 2:
            canvas.flat(oval(x, y, half * 0.14, half * 0.14, 10), main)
            continue
        points = []
        for k in range(16):
            far = half * (0.95 if k % 2 == 0 else 0.42)
            points.append(
                (x + far * math.cos(k * math.pi / 8), y + far * math.sin(k * math.pi / 8))
            )
        canvas.flat(points, main)


def _trim(canvas: Canvas, main: RGB, ground: RGB, inset: float) -> None:
    """Cover what the pattern drew beyond the cloth."""
    a, pale = canvas.aspect, (222, 216, 204)
    if inset <= MARGIN:
        for rect in (_rect(0, 0, 1, MARGIN), _rect(0, a - MARGIN, 1, a + 0.01)):
            canvas.flat(rect, pale)


def _border(canvas: Canvas, main: RGB, ground: RGB, inset: float) -> None:
    a = canvas.aspect
    for share, tone in ((0.15, main), (0.75, main)):
        at = MARGIN + (inset - MARGIN) * share
        canvas.line([(at, at), (1 - at, at), (1 - at, a - at), (at, a - at), (at, at)], tone, 0.012)
    mid = (MARGIN + inset) / 2
    number = 14
    for k in range(number + 1):
        x = mid + (1 - 2 * mid) * k / number
        for y in (mid, a - mid):
            canvas.dot(x, y, 0.012, main)
    rows = round(number * a)
    for k in range(1, rows):
        y = mid + (a - 2 * mid) * k / rows
        for x in (mid, 1 - mid):
            canvas.dot(x, y, 0.012, main)


def _fringe(canvas: Canvas, rng: random.Random, main: RGB, ground: RGB) -> None:
    a = canvas.aspect
    for k in range(70):
        x = MARGIN + (1 - 2 * MARGIN) * (k + 0.5) / 70
        for y, way in ((MARGIN, -1), (a - MARGIN, 1)):
            sway = rng.uniform(-0.006, 0.006)
            canvas.line(
                [(x, y), (x + sway, y + way * rng.uniform(0.03, 0.042))],
                vary(main if k % 2 else ground, rng, 10),
                0.005,
            )


PATTERNS = {
    "stripes": _stripes, "checks": _checks, "diamonds": _diamonds,
    "floral": _floral, "zigzag": _zigzag, "stars": _stars,
}  # fmt: skip
