"""Interiors: a room with a window, a piece of furniture and perhaps a person or a pet."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

from ingest.sample.scenes import Scene

from . import furniture, objects
from .canvas import Canvas, oval, smooth
from .creatures import creature
from .landscape import NUMBER
from .palette import NAMED, RGB, SKIES, darker, lighter, mix, named, vary

WALLS: tuple[RGB, ...] = (
    (196, 186, 160), (150, 170, 168), (204, 172, 140), (168, 178, 150), (186, 160, 160), (140, 154,
        178),
)  # fmt: skip
GLOOM = {"day": 0.0, "sunset": 0.08, "night": 0.42}


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the room, then what stands in it."""
    aspect = canvas.aspect
    floor = aspect * rng.uniform(0.66, 0.72)
    gloom = GLOOM[scene.light]
    wall = _wall_colour(scene, rng)
    _shell(canvas, rng, floor, darker(wall, gloom), gloom)
    window_left = rng.random() < 0.5
    _window(canvas, scene, rng, 0.06 if window_left else 0.66, aspect * 0.12, floor * 0.74)
    other = 0.8 if window_left else 0.2
    if scene.setting == "pictures":
        _pictures(canvas, rng, other, aspect * 0.2, gloom)
    if scene.setting == "rug":
        _rug(canvas, rng, floor, gloom)
    if window_left or scene.light != "day":
        _light_pool(canvas, scene, floor, 0.24 if window_left else 0.78)
    if scene.setting == "plant":
        _plant(canvas, rng, 0.93 if window_left else 0.07, floor + 0.1 * aspect, gloom)
    _furnish(canvas, scene, rng, floor, gloom)
    _company(canvas, scene, rng, floor, gloom, 0.16 if other > 0.5 else 0.84)
    if scene.light == "night":
        _lamp_glow(canvas, scene, rng, floor, other)


def _wall_colour(scene: Scene, rng: random.Random) -> RGB:
    """A wall that the furniture stands out from."""
    wall = rng.choice(WALLS)
    if scene.colour in ("white", "yellow", "pink"):
        wall = rng.choice(((120, 142, 140), (132, 120, 132), (150, 118, 100)))
    elif scene.colour in ("blue", "green"):
        wall = rng.choice(((222, 204, 170), (214, 184, 158)))
    return vary(wall, rng, 8)


def _shell(canvas: Canvas, rng: random.Random, floor: float, wall: RGB, gloom: float) -> None:
    aspect = canvas.aspect
    side = rng.choice((-1, 1))
    corner = 0.5 - side * 0.42
    canvas.solid(
        [(-0.02, -0.02), (1.02, -0.02), (1.02, floor), (-0.02, floor)], wall, "side", 0.5, False
    )
    wood = darker(vary(rng.choice(((150, 108, 72), (124, 88, 62), (168, 132, 96))), rng, 8), gloom)
    canvas.solid(
        [(-0.02, floor), (1.02, floor), (1.02, aspect + 0.02), (-0.02, aspect + 0.02)],
        wood,
        contrast=0.6,
        outlined=False,
    )
    for k in range(-4, 15):
        far, near = 0.1 * k, 0.5 + (0.1 * k - 0.5) * 2.2
        canvas.line([(far, floor), (near, aspect + 0.02)], darker(wood, 0.22), 0.003)
    canvas.solid(
        [(-0.02, floor - 0.035), (1.02, floor - 0.035), (1.02, floor), (-0.02, floor)],
        lighter(wall, 0.4 - gloom * 0.6),
        outlined=False,
    )
    edge = -0.02 if side > 0 else 1.02
    canvas.solid(
        [(edge, -0.02), (corner, -0.02), (corner, floor), (edge, aspect * 0.95)],
        darker(wall, 0.2),
        "side",
        0.5,
    )


def _window(
    canvas: Canvas, scene: Scene, rng: random.Random, left: float, top: float, low: float
) -> None:
    right = left + 0.28
    sky = SKIES[scene.light]
    canvas.solid(
        [
            (left - 0.02, top - 0.02),
            (right + 0.02, top - 0.02),
            (right + 0.02, low + 0.02),
            (left - 0.02, low + 0.02),
        ],
        darker((238, 230, 212), GLOOM[scene.light] * 0.8),
    )
    steps = 10
    for k in range(steps):
        y0, y1 = top + (low - top) * k / steps, top + (low - top) * (k + 1) / steps
        tone = mix(sky[0], sky[1], k / 5) if k < 5 else mix(sky[1], sky[2], (k - 5) / 4)
        canvas.flat([(left, y0), (right, y0), (right, y1 + 0.002), (left, y1 + 0.002)], tone)
    x = rng.uniform(left + 0.07, right - 0.07)
    if scene.light == "night":
        canvas.dot(x, top + 0.08, 0.026, (252, 244, 208))
        for _ in range(7):
            canvas.dot(rng.uniform(left, right), rng.uniform(top, low), 0.003, (250, 246, 220))
    elif scene.light == "sunset":
        canvas.dot(x, low - 0.09, 0.034, (255, 150, 60))
    hill = [
        (left, low - 0.05),
        (left + 0.1, low - 0.08),
        (right - 0.06, low - 0.04),
        (right, low - 0.06),
        (right, low),
        (left, low),
    ]
    canvas.flat(hill, darker((96, 136, 88), {"day": 0, "sunset": 0.4, "night": 0.8}[scene.light]))
    bar = darker((238, 230, 212), GLOOM[scene.light] * 0.8)
    canvas.line([((left + right) / 2, top), ((left + right) / 2, low)], bar, 0.014)
    canvas.line([(left, (top + low) / 2), (right, (top + low) / 2)], bar, 0.012)
    canvas.solid(
        [
            (left - 0.035, low + 0.015),
            (right + 0.035, low + 0.015),
            (right + 0.035, low + 0.035),
            (left - 0.035, low + 0.035),
        ],
        bar,
    )
    if scene.setting == "curtains":
        cloth = darker(
            vary(rng.choice(((188, 168, 140), (170, 120, 112), (128, 146, 150))), rng, 8),
            GLOOM[scene.light],
        )
        for side, x in ((-1, left), (1, right)):
            drape = [
                (x - 0.055, top - 0.05),
                (x + 0.055, top - 0.05),
                (x + 0.02 * -side, (top + low) / 2),
                (x + 0.04 * side, low + 0.1),
                (x - 0.05, low + 0.1),
            ]
            canvas.solid(smooth(drape), cloth, "column", 1.2)
        canvas.line([(left - 0.08, top - 0.045), (right + 0.08, top - 0.045)], (92, 70, 50), 0.012)


def _light_pool(canvas: Canvas, scene: Scene, floor: float, x: float) -> None:
    if scene.light == "night":
        return
    colour = (255, 190, 110) if scene.light == "sunset" else (255, 240, 204)
    lean = 0.16 if x < 0.5 else -0.16
    pool = [
        (x - 0.12, floor + 0.03),
        (x + 0.12, floor + 0.03),
        (x + 0.18 + lean, canvas.aspect),
        (x - 0.14 + lean, canvas.aspect),
    ]
    canvas.veil(pool, colour, 0.34)


def _pictures(canvas: Canvas, rng: random.Random, x: float, y: float, gloom: float) -> None:
    for dx, dy, w, h in (
        (-0.07, 0.0, 0.065, 0.085),
        (0.085, -0.015, 0.055, 0.06),
        (0.085, 0.125, 0.05, 0.05),
    ):
        cx, cy = x + dx, y + dy + 0.06
        canvas.solid(
            [(cx - w, cy - h), (cx + w, cy - h), (cx + w, cy + h), (cx - w, cy + h)],
            darker((172, 130, 62), gloom),
        )
        inner = [
            (cx - w * 0.8, cy - h * 0.84),
            (cx + w * 0.8, cy - h * 0.84),
            (cx + w * 0.8, cy + h * 0.84),
            (cx - w * 0.8, cy + h * 0.84),
        ]
        canvas.flat(inner, darker((206, 216, 216), gloom))
        hill = [
            (cx - w * 0.8, cy + h * 0.3),
            (cx - w * 0.2, cy - h * 0.2),
            (cx + w * 0.8, cy + h * 0.4),
            (cx + w * 0.8, cy + h * 0.84),
            (cx - w * 0.8, cy + h * 0.84),
        ]
        canvas.flat(
            hill, darker(rng.choice(((104, 126, 96), (132, 112, 96), (98, 116, 140))), gloom)
        )


def _rug(canvas: Canvas, rng: random.Random, floor: float, gloom: float) -> None:
    span = canvas.aspect - floor
    tone = darker(
        vary(rng.choice(((150, 70, 62), (84, 98, 130), (110, 120, 92), (160, 132, 92))), rng, 8),
        gloom,
    )
    for inset, colour in ((0.0, tone), (0.035, lighter(tone, 0.5)), (0.055, darker(tone, 0.15))):
        y0, y1 = floor + span * 0.3 + inset * 0.5, canvas.aspect - span * 0.06 - inset * 0.5
        canvas.solid(
            [
                (0.24 + inset, y0),
                (0.76 - inset, y0),
                (0.9 - inset * 1.2, y1),
                (0.1 + inset * 1.2, y1),
            ],
            colour,
            contrast=0.3,
        )
    y = floor + span * 0.64
    for k in range(5):
        cx = 0.28 + k * 0.11
        canvas.flat(
            [(cx, y - 0.02), (cx + 0.035, y), (cx, y + 0.02), (cx - 0.035, y)], lighter(tone, 0.45)
        )


def _plant(canvas: Canvas, rng: random.Random, x: float, base: float, gloom: float) -> None:
    pot = darker((178, 104, 72), gloom)
    for k in range(11):
        lean = (k - 5) / 5 * 0.13
        high = rng.uniform(0.2, 0.34) * (1.1 - abs(lean) * 2)
        leaf = [
            (x, base - 0.1),
            (x + lean * 0.4 - 0.016, base - high * 0.65),
            (x + lean, base - high - 0.06),
            (x + lean * 0.55 + 0.02, base - high * 0.6),
        ]
        canvas.solid(smooth(leaf), darker(vary((70, 122, 70), rng, 18), gloom))
    canvas.solid(
        [(x - 0.07, base - 0.13), (x + 0.07, base - 0.13), (x + 0.05, base), (x - 0.05, base)],
        pot,
        "column",
    )


def _furnish(canvas: Canvas, scene: Scene, rng: random.Random, floor: float, gloom: float) -> None:
    colour = darker(named(scene.colour or "brown", rng), gloom * 0.45)
    number = NUMBER[scene.count]
    span = canvas.aspect - floor
    painter = furniture.PAINTERS[scene.subject]
    fit = min(1.0, canvas.aspect * 1.25)
    for k in range(number):
        x = 0.5 + (k - (number - 1) / 2) * (0.32 if number > 1 else 0) + rng.uniform(-0.04, 0.04)
        base = floor + span * (0.5 + (0.12 if k % 2 else 0.0))
        size = (0.5 if number == 1 else 0.36) * fit
        objects.contact(canvas, x, base, size * 0.4)
        painter(canvas, rng, x, base, size, vary(colour, rng, 6), scene.light)


def _company(
    canvas: Canvas, scene: Scene, rng: random.Random, floor: float, gloom: float, x: float
) -> None:
    span = canvas.aspect - floor
    if scene.second in ("cat", "dog"):
        tone = {"cat": (70, 62, 62), "dog": (176, 128, 84)}[scene.second]
        creature(
            canvas,
            rng,
            scene.second,
            1 - x,
            canvas.aspect - span * 0.12,
            0.2,
            darker(tone, gloom * 0.5),
            1 if x > 0.5 else -1,
        )
    if scene.has_people:
        furniture.sitter(canvas, rng, x, floor + span * 0.72, 0.62 * min(1, canvas.aspect), gloom)
    if scene.second == "flowers":
        stand = (1 - x, floor + span * 0.42)
        wood = darker((112, 80, 58), gloom)
        canvas.solid(
            [
                (stand[0] - 0.018, stand[1] - 0.22),
                (stand[0] + 0.018, stand[1] - 0.22),
                (stand[0] + 0.018, stand[1]),
                (stand[0] - 0.018, stand[1]),
            ],
            wood,
            "column",
        )
        canvas.ball(stand[0], stand[1] - 0.22, 0.09, 0.018, lighter(wood, 0.1), 0.5)
        objects.flowers(
            canvas,
            rng,
            stand[0],
            stand[1] - 0.22,
            0.17,
            darker(rng.choice((NAMED["pink"], NAMED["white"], (238, 208, 92))), gloom * 0.4),
        )


def _lamp_glow(canvas: Canvas, scene: Scene, rng: random.Random, floor: float, x: float) -> None:
    y = canvas.aspect * 0.3
    if scene.subject not in ("lamp", "fireplace"):
        canvas.line([(x, -0.01), (x, y - 0.05)], (40, 34, 34), 0.005)
        canvas.veil(oval(x, y, 0.3, 0.3), (255, 204, 120), 0.4, blur=0.1)
        canvas.solid(
            [(x - 0.025, y - 0.05), (x + 0.025, y - 0.05), (x + 0.075, y), (x - 0.075, y)],
            (214, 150, 70),
            "column",
        )
        canvas.dot(x, y + 0.006, 0.03, (255, 244, 200), 0.012)
