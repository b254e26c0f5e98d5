"""`manage.py bench_map`: how long a frame of the map takes, with synthetic works in a browser."""

import json
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.browser.chromium import NoBrowser, chromium, open_page
from search.collection_map.storage import Atlas

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLUSTERS = 400
SLOWDOWN = 4  # of the processor, for the second figure: a phone
MOVES = 40
# Milliseconds between frames, from the browser's own clock.
WATCH = """() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now;
    requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


class Command(BaseCommand):
    """Drag and enlarge the map of a running site, with synthetic works in place of its own."""

    help = "Measure the frames of /map on a running site, with synthetic works in place of its own."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the site runs and how many works there are to be."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--works", type=int, default=131_000)

    def handle(self, *args: Any, url: str, works: int, **options: Any) -> None:
        """Print what was measured as one line of JSON."""
        data = synthetic(works).encode()
        try:
            with chromium() as browser:
                said = {
                    name: _measured(browser, url.rstrip("/"), data, rate)
                    for name, rate in (("desktop", 1), ("phone", SLOWDOWN))
                }
        except NoBrowser as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"works": works, "bytes": len(data), **said}))


def synthetic(number: int) -> Atlas:
    """Return works in clusters of many sizes, as embeddings of pictures lie."""
    chance = np.random.default_rng(0)
    middles, widths = chance.random((CLUSTERS, 2)), chance.gamma(2, 0.01, (CLUSTERS, 1))
    belongs = chance.integers(0, CLUSTERS, number)
    points = middles[belongs] + chance.normal(size=(number, 2)) * widths[belongs]
    colours = chance.integers(60, 255, (number, 3))
    return Atlas(np.arange(number), points.clip(0, 1), colours, np.zeros(number), ())


def _measured(browser: "Browser", url: str, data: bytes, rate: int) -> dict[str, float]:
    phone = rate > 1
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, device_scale_factor=2 if phone else 1)  # type: ignore[arg-type]
    page = context.new_page()
    page.route("**/map/points/*", lambda route: route.fulfill(body=data))
    page.route("**/map/works*", lambda route: route.fulfill(json={"works": []}))
    open_page(page, f"{url}/map")
    if not page.locator(".map canvas").count():
        raise CommandError(f"{url}/map shows no map: run manage.py map there")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    frames = np.array(_move(page))
    context.close()
    return {
        "frames": len(frames),
        "p50_ms": round(float(np.median(frames)), 1),
        "p95_ms": round(float(np.percentile(frames, 95)), 1),
    }


def _move(page: "Page") -> list[float]:
    """Enlarge the map and drag it about; returns milliseconds between frames."""
    box = page.locator(".map canvas").bounding_box()
    if box is None:
        raise CommandError("the map cannot be seen")
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 300)
    page.mouse.move(x, y)
    page.evaluate(WATCH)
    for _ in range(8):
        page.mouse.wheel(0, -60)
    page.mouse.down()
    for step in range(MOVES):
        page.mouse.move(x + 2 * step, y + step)
    page.mouse.up()
    for _ in range(12):
        page.mouse.wheel(0, 60)
    page.wait_for_timeout(100)
    found: list[float] = page.evaluate("window.frames_.slice(2)")
    return found
