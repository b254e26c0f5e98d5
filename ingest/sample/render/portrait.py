"""Portraits: one or two sitters, bust length, in a modern, simplified manner."""

# ruff: noqa: PLR0917 (painters share one call: canvas, chance, place, size, colour, light)

from __future__ import annotations

import random

import numpy as np

from ingest.sample.scenes import Scene

from .canvas import Canvas, mesh, oval, smooth
from .palette import NAMED, RGB, darker, lighter, mix, named, vary

SKINS: tuple[RGB, ...] = (
    (236, 196, 166),
    (222, 174, 138),
    (190, 136, 100),
    (142, 94, 66),
    (104, 68, 50),
)
HAIR: tuple[RGB, ...] = ((46, 34, 32), (92, 58, 38), (140, 88, 46), (196, 150, 84), (30, 28, 32))
GROUNDS: tuple[RGB, ...] = (
    (120, 132, 126),
    (164, 142, 112),
    (98, 112, 134),
    (148, 110, 96),
    (188, 172, 140),
)


def draw(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    """Draw the ground, then the sitters from left to right."""
    _ground(canvas, scene, rng)
    colour = (
        named(scene.colour, rng) if scene.colour else rng.choice(((70, 68, 70), (196, 190, 182)))
    )
    fit = min(1.0, canvas.aspect * 0.92)
    if scene.count == "two":
        for x in (0.3, 0.7):
            _sitter(canvas, scene, rng, x, fit * 0.72, vary(colour, rng, 8))
    else:
        _sitter(canvas, scene, rng, 0.5 + rng.uniform(-0.03, 0.03), fit, colour)


def _ground(canvas: Canvas, scene: Scene, rng: random.Random) -> None:
    ground = vary(rng.choice(GROUNDS), rng, 10)
    if scene.colour in ("white", "yellow", "pink", "orange"):
        ground = darker(ground, 0.3)
    y, x = mesh(24, 24)
    light = 1.2 - 0.55 * np.hypot(x - 0.35, y - 0.35)
    canvas.background(np.array(ground)[None, None, :] * light[..., None])
    aspect = canvas.aspect
    if scene.setting == "window":
        left = rng.choice((0.05, 0.7))
        canvas.solid(
            [
                (left, 0.08),
                (left + 0.25, 0.08),
                (left + 0.25, 0.62 * aspect),
                (left, 0.62 * aspect),
            ],
            (226, 216, 196),
        )
        for k in range(2):
            for j in range(2):
                x0, y0 = left + 0.02 + k * 0.11, 0.1 + j * (0.3 * aspect - 0.02)
                canvas.solid(
                    [
                        (x0, y0),
                        (x0 + 0.1, y0),
                        (x0 + 0.1, y0 + 0.27 * aspect),
                        (x0, y0 + 0.27 * aspect),
                    ],
                    (156, 194, 222),
                    outlined=False,
                )
    elif scene.setting == "garden":
        canvas.solid(
            [(-0.02, -0.02), (1.02, -0.02), (1.02, 0.3 * aspect), (-0.02, 0.3 * aspect)],
            (176, 208, 226),
            outlined=False,
        )
        canvas.flat(
            [
                (-0.02, 0.28 * aspect),
                (1.02, 0.28 * aspect),
                (1.02, aspect + 0.02),
                (-0.02, aspect + 0.02),
            ],
            (84, 122, 72),
        )
        for _ in range(60):
            cx, cy = rng.random(), rng.uniform(0.27, 0.95) * aspect
            canvas.ball(
                cx,
                cy,
                rng.uniform(0.04, 0.08),
                rng.uniform(0.03, 0.06),
                vary((92, 134, 78), rng, 28),
                0.8,
            )
        for _ in range(40):
            canvas.dot(
                rng.random(),
                rng.uniform(0.3, 1) * aspect,
                0.011,
                rng.choice(((240, 226, 220), (236, 170, 180), (240, 214, 120))),
            )
    elif scene.setting == "curtain":
        cloth = vary(rng.choice(((118, 48, 50), (62, 84, 78), (84, 72, 104))), rng, 8)
        for k in range(9):
            x0 = -0.02 + k * 0.12
            canvas.solid(
                [
                    (x0, -0.02),
                    (x0 + 0.125, -0.02),
                    (x0 + 0.125 + rng.uniform(-0.02, 0.02), aspect + 0.02),
                    (x0, aspect + 0.02),
                ],
                vary(cloth, rng, 6),
                "column",
                0.5,
                False,
            )


class _Face:
    """The measures of one sitter: maps face units (x, y in about -1…1) to the canvas."""

    def __init__(self, x: float, y: float, size: float) -> None:
        self.x, self.y, self.size = x, y, size

    def __call__(self, *points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(self.x + px * self.size, self.y + py * self.size) for px, py in points]

    def one(self, px: float, py: float) -> tuple[float, float]:
        """One point."""
        return self((px, py))[0]


def _sitter(
    canvas: Canvas, scene: Scene, rng: random.Random, x: float, fit: float, colour: RGB
) -> None:
    child = scene.subject == "child"
    size = (0.17 if child else 0.19) * fit
    face = _Face(x, canvas.aspect - (1.02 if child else 1.05) * fit * 0.6, size)
    if canvas.aspect > 1:
        face.y = canvas.aspect * 0.42 if scene.count == "one" else canvas.aspect * 0.5
    skin, hair = vary(rng.choice(SKINS), rng, 6), vary(rng.choice(HAIR), rng, 6)
    if scene.is_monochrome():
        skin, hair = (220, 196, 176), (52, 44, 42)
    long_hair = scene.subject == "woman" or (child and rng.random() < 0.5)
    if long_hair:
        _back_hair(canvas, rng, face, hair, child)
    _body(canvas, scene, rng, face, colour, skin)
    _head(canvas, face, skin, child)
    _features(canvas, scene, rng, face, skin, hair)
    _front_hair(canvas, scene, rng, face, hair, long_hair)
    _details(canvas, scene, rng, face, colour, hair)


def _back_hair(canvas: Canvas, rng: random.Random, face: _Face, hair: RGB, child: bool) -> None:
    low = rng.choice((0.9, 1.5, 1.9))
    shape = [
        (-0.5, -1.32),
        (0.5, -1.32),
        (0.98, -0.7),
        (1.0, 0.1),
        (0.98, low),
        (0.5, low + 0.1),
        (-0.5, low + 0.1),
        (-0.98, low),
        (-1.0, 0.1),
        (-0.98, -0.7),
    ]
    canvas.solid(smooth(face(*shape)), darker(hair, 0.12), "side", 0.9)


def _body(
    canvas: Canvas, scene: Scene, rng: random.Random, face: _Face, colour: RGB, skin: RGB
) -> None:
    low = (canvas.aspect - face.y) / face.size + 0.2
    wide = {"man": 2.25, "woman": 1.85, "child": 1.6}[scene.subject]
    canvas.solid(
        face((-0.42, 0.6), (0.42, 0.6), (0.5, 1.7), (-0.5, 1.7)), darker(skin, 0.14), "column", 0.8
    )
    shoulder = [
        (-0.42, 1.42),
        (0, 1.66),
        (0.42, 1.42),
        (wide * 0.62, 1.7),
        (wide, 2.15),
        (wide * 1.12, low),
        (-wide * 1.12, low),
        (-wide, 2.15),
        (-wide * 0.62, 1.7),
    ]
    canvas.solid(smooth(face(*shoulder)), colour, "side", 1.0)
    dark = darker(colour, 0.34) if sum(colour) > 180 else lighter(colour, 0.2)
    for side in (-1, 1):
        canvas.line(
            face((side * wide * 0.62, 2.5), (side * wide * 0.7, low)), dark, face.size * 0.05
        )
    if scene.subject == "man":
        canvas.flat(face((-0.4, 1.42), (0, 2.6), (0.4, 1.42), (0, 1.6)), (240, 234, 222))
        for side in (-1, 1):
            canvas.solid(
                face((side * 0.42, 1.38), (side * 0.74, 1.75), (side * 0.3, 2.3), (0, 2.7)),
                darker(colour, 0.14) if sum(colour) > 180 else lighter(colour, 0.12),
            )
    elif rng.random() < 0.5:
        canvas.solid(
            face(
                (-0.46, 1.36),
                (0, 1.72),
                (0.46, 1.36),
                (0.72, 1.62),
                (0.1, 2.06),
                (-0.1, 2.06),
                (-0.72, 1.62),
            ),
            (242, 236, 224),
        )
    else:
        for k in range(4):
            canvas.dot(*face.one(0, 2.0 + 0.42 * k), face.size * 0.055, dark)


def _head(canvas: Canvas, face: _Face, skin: RGB, child: bool) -> None:
    for side in (-1, 1):
        canvas.ball(
            *face.one(side * 0.8, 0.04), face.size * 0.14, face.size * 0.24, darker(skin, 0.12), 0.7
        )
    jaw = 0.66 if child else 0.56
    shape = [
        (0, -1.18),
        (0.5, -1.04),
        (0.8, -0.5),
        (0.79, 0.1),
        (jaw, 0.66),
        (0.24, 0.98),
        (0, 1.04),
        (-0.24, 0.98),
        (-jaw, 0.66),
        (-0.79, 0.1),
        (-0.8, -0.5),
        (-0.5, -1.04),
    ]
    canvas.solid(smooth(face(*shape)), skin, "ball", 0.75)
    for side in (-1, 1):
        canvas.veil(
            oval(*face.one(side * 0.48, 0.36), face.size * 0.24, face.size * 0.2),
            (214, 96, 84),
            0.28,
            blur=face.size * 0.1,
        )


def _features(
    canvas: Canvas, scene: Scene, rng: random.Random, face: _Face, skin: RGB, hair: RGB
) -> None:
    s, dark = face.size, darker(skin, 0.55)
    look = rng.choice((-0.05, 0.0, 0.05))
    iris = rng.choice(((70, 50, 36), (72, 100, 120), (78, 96, 66)))
    for side in (-1, 1):
        ex, ey = side * 0.34, -0.1
        almond = [(ex - 0.19, ey), (ex, ey - 0.1), (ex + 0.19, ey), (ex, ey + 0.09)]
        canvas.flat(smooth(face(*almond)), (246, 240, 230))
        canvas.dot(*face.one(ex + look, ey), s * 0.085, iris)
        canvas.dot(*face.one(ex + look, ey), s * 0.045, (20, 16, 18))
        canvas.dot(*face.one(ex + look + 0.03, ey - 0.03), s * 0.018, (255, 255, 250))
        canvas.line(
            face(
                (ex - 0.2, ey + 0.01),
                (ex - 0.08, ey - 0.1),
                (ex + 0.08, ey - 0.1),
                (ex + 0.2, ey + 0.01),
            ),
            darker(hair, 0.2),
            s * 0.035,
        )
        canvas.line(
            face((ex - 0.2, ey - 0.24), (ex, ey - 0.32), (ex + 0.2, ey - 0.25)),
            hair,
            s * (0.075 if scene.subject == "man" else 0.05),
        )
    canvas.line(
        face((0.06, -0.16), (0.1, 0.26), (0.02, 0.34), (-0.1, 0.31)), darker(skin, 0.3), s * 0.04
    )
    canvas.veil(face((0.05, -0.1), (0.15, 0.3), (0.0, 0.34)), dark, 0.22)
    lip = mix((184, 66, 66), skin, 0.3 if scene.subject == "woman" else 0.55)
    smile = rng.choice((0.0, 0.04))
    canvas.flat(
        smooth(
            face(
                (-0.25, 0.6 - smile),
                (-0.08, 0.54),
                (0, 0.57),
                (0.08, 0.54),
                (0.25, 0.6 - smile),
                (0, 0.73),
            )
        ),
        lip,
    )
    canvas.line(
        face((-0.25, 0.6 - smile), (0, 0.63), (0.25, 0.6 - smile)), darker(lip, 0.5), s * 0.026
    )


def _front_hair(
    canvas: Canvas, scene: Scene, rng: random.Random, face: _Face, hair: RGB, long_hair: bool
) -> None:
    if long_hair:
        part = rng.choice((-0.2, 0.0, 0.2))
        for side in (-1, 1):
            lock = [
                (part, -1.3),
                (side * 0.5, -1.28),
                (side * 0.92, -0.7),
                (side * 0.95, 0.2),
                (side * 0.8, 0.2),
                (side * 0.72, -0.4),
                (part + side * 0.2, -0.86),
            ]
            canvas.solid(smooth(face(*lock)), hair, "side", 0.8)
        return
    top = rng.uniform(1.26, 1.4)
    cap = [
        (-0.86, -0.1),
        (-0.88, -0.7),
        (-0.5, -top + 0.06),
        (0.1, -top),
        (0.62, -top + 0.14),
        (0.9, -0.66),
        (0.86, -0.1),
        (0.74, -0.5),
        (0.4, -0.82),
        (-0.1, -0.74),
        (-0.6, -0.82),
        (-0.74, -0.5),
    ]
    canvas.solid(smooth(face(*cap)), hair, "side", 0.8)


def _glasses(canvas: Canvas, face: _Face) -> None:
    for side in (-1, 1):
        rim = oval(*face.one(side * 0.36, -0.08), face.size * 0.3, face.size * 0.28)
        canvas.veil(rim, (236, 244, 250), 0.22)
        canvas.line([*rim, rim[0], rim[1]], (34, 28, 30), face.size * 0.06)
    canvas.line(face((-0.08, -0.12), (0, -0.17), (0.08, -0.12)), (34, 28, 30), face.size * 0.055)
    for side in (-1, 1):
        canvas.line(
            face((side * 0.66, -0.12), (side * 0.84, -0.08)), (34, 28, 30), face.size * 0.05
        )


def _details(
    canvas: Canvas, scene: Scene, rng: random.Random, face: _Face, colour: RGB, hair: RGB
) -> None:
    if "beard" in scene.details:
        shape = [
            (-0.82, -0.02),
            (-0.6, 0.4),
            (-0.3, 0.44),
            (0, 0.42),
            (0.3, 0.44),
            (0.6, 0.4),
            (0.82, -0.02),
            (0.74, 0.8),
            (0.36, 1.42),
            (0, 1.56),
            (-0.36, 1.42),
            (-0.74, 0.8),
        ]
        canvas.solid(smooth(face(*shape)), hair, "side", 0.9)
        canvas.flat(smooth(face((-0.22, 0.62), (0, 0.58), (0.22, 0.62), (0, 0.72))), (170, 84, 78))
    if "moustache" in scene.details:
        for side in (-1, 1):
            canvas.solid(
                smooth(
                    face(
                        (0, 0.4),
                        (side * 0.2, 0.4),
                        (side * 0.5, 0.48),
                        (side * 0.26, 0.56),
                        (0, 0.54),
                    )
                ),
                hair,
            )
    if "earrings" in scene.details:
        for side in (-1, 1):
            canvas.ball(
                *face.one(side * 0.86, 0.46), face.size * 0.13, face.size * 0.15, (246, 206, 96)
            )
    if "glasses" in scene.details:
        _glasses(canvas, face)
    trim = rng.choice(
        [NAMED[name] for name in ("red", "blue", "yellow", "white") if name != scene.colour]
    )
    if "scarf" in scene.details:
        loop = [
            (-0.66, 0.98),
            (0, 1.24),
            (0.66, 0.98),
            (0.86, 1.5),
            (0.3, 1.86),
            (-0.3, 1.86),
            (-0.86, 1.5),
        ]
        canvas.solid(smooth(face(*loop)), trim, "column", 1.1)
        canvas.solid(
            face((0.2, 1.6), (0.62, 1.5), (0.86, 3.0), (0.36, 3.1)), darker(trim, 0.12), "column"
        )
        for k in range(3):
            canvas.line(
                face((-0.6 + 0.2 * k, 1.22 + 0.1 * k), (0.1 + 0.2 * k, 1.5 + 0.06 * k)),
                darker(trim, 0.3),
                face.size * 0.04,
            )
    if "hat" in scene.details:
        _hat(canvas, scene, rng, face, trim)
    if "flower" in scene.details:
        fx, fy = face.one(0.72, -0.82 if "hat" not in scene.details else -1.2)
        for k in range(6):
            canvas.ball(
                fx + face.size * 0.16 * np.cos(k * 1.047),
                fy + face.size * 0.16 * np.sin(k * 1.047),
                face.size * 0.14,
                face.size * 0.14,
                (242, 130, 156),
                0.6,
            )
        canvas.dot(fx, fy, face.size * 0.09, (246, 208, 90))


def _hat(canvas: Canvas, scene: Scene, rng: random.Random, face: _Face, band: RGB) -> None:
    felt = rng.choice(((64, 54, 52), (204, 172, 112), (92, 76, 66)))
    brim = 1.75 if scene.subject == "woman" else 1.35
    crown = [
        (-0.82, -0.78),
        (-0.74, -1.5),
        (-0.3, -1.78),
        (0.1, -1.7),
        (0.4, -1.78),
        (0.76, -1.48),
        (0.82, -0.78),
    ]
    canvas.solid(smooth(face(*crown)), felt, "column")
    canvas.solid(
        face((-0.83, -1.12), (0.83, -1.12), (0.84, -0.84), (-0.84, -0.84)),
        band,
        "column",
        1.0,
        False,
    )
    canvas.solid(
        smooth(
            face(
                (-brim, -0.72),
                (-0.8, -0.92),
                (0, -0.84),
                (0.8, -0.92),
                (brim, -0.72),
                (0.8, -0.6),
                (0, -0.54),
                (-0.8, -0.6),
            )
        ),
        darker(felt, 0.08),
        "column",
    )
