"""`manage.py bench_map`: the duration of the map's frames in a browser, with synthetic works."""

import json
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.browser.chromium import BrowserMissingError, chromium, open_page
from search.collection_map.storage import Atlas

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLUSTERS = 400
CPU_SLOWDOWN = 4  # of the processor, as a phone's
DRAG_STEPS = 40
# Milliseconds between frames, from the browser's own clock.
FRAME_TIMER_SCRIPT = """() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now;
    requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


class Command(BaseCommand):
    """Zoom and drag the map of a running site, with synthetic works instead of its own."""

    help = "Measure the frames of /map on a running site, with synthetic works instead of its own."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the site runs and how many works there are to be."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--works", type=int, default=131_000)

    def handle(self, *args: Any, url: str, works: int, **options: Any) -> None:
        """Print the figures as one line of JSON."""
        data = synthetic(works).encode()
        try:
            with chromium() as browser:
                figures = {
                    name: _measure(browser, url.rstrip("/"), data, rate)
                    for name, rate in (("desktop", 1), ("phone", CPU_SLOWDOWN))
                }
        except BrowserMissingError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"works": works, "bytes": len(data), **figures}))


def synthetic(number: int) -> Atlas:
    """Return works in clusters of many sizes, like the embeddings of pictures."""
    chance = np.random.default_rng(0)
    middles, widths = chance.random((CLUSTERS, 2)), chance.gamma(2, 0.01, (CLUSTERS, 1))
    clusters = chance.integers(0, CLUSTERS, number)
    points = middles[clusters] + chance.normal(size=(number, 2)) * widths[clusters]
    colours = chance.integers(60, 255, (number, 3))
    return Atlas(np.arange(number), points.clip(0, 1), colours, np.zeros(number), ())


def _measure(browser: "Browser", url: str, data: bytes, rate: int) -> dict[str, float]:
    phone = rate > 1
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, device_scale_factor=2 if phone else 1)  # type: ignore[arg-type]
    page = context.new_page()
    page.route("**/map/points/*", lambda route: route.fulfill(body=data))
    page.route("**/map/works*", lambda route: route.fulfill(json={"works": []}))
    open_page(page, f"{url}/map")
    if not page.locator(".chart canvas").count():
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
    """Zoom and drag the map; return the milliseconds between frames."""
    box = page.locator(".chart canvas").bounding_box()
    if box is None:
        raise CommandError("the map cannot be seen")
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 300)
    page.mouse.move(x, y)
    page.evaluate(FRAME_TIMER_SCRIPT)
    for _ in range(8):
        page.mouse.wheel(0, -60)
    page.mouse.down()
    for step in range(DRAG_STEPS):
        page.mouse.move(x + 2 * step, y + step)
    page.mouse.up()
    for _ in range(12):
        page.mouse.wheel(0, 60)
    page.wait_for_timeout(100)
    frames: list[float] = page.evaluate("window.frames_.slice(2)")
    return frames
