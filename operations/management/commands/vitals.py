"""`manage.py vitals`: web vitals on a phone with a slow network, measured on a running site."""

import json
import statistics
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import requests
from django.core.management.base import BaseCommand, CommandError

from operations.benchmarks.browser.axe import AxeMissingError, violations
from operations.benchmarks.browser.chromium import BrowserMissingError, chromium, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUNS_A_PAGE = 3  # with an empty cache; the median counts
# Lighthouse's phone: 150 ms round trips, 1.6 Mbit/s, a processor four times slower.
NETWORK_CONDITIONS = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
CPU_SLOWDOWN = 4
QUERIES = ["boat", "red boat", "a cat by the lamp", "snow", "flowers", "night sea", "yellow"]
VITALS_SCRIPT = """() => new Promise(done => {
  const found = {lcp: 0, cls: 0};
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) found.lcp = entry.startTime;
  }).observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) found.cls += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(found), 500);
})"""
WEIGHT_SCRIPT = """() => performance.getEntriesByType("resource")
  .filter(each => /\\.(css|js)$/.test(new URL(each.name).pathname))
  .reduce((sum, each) => sum + each.encodedBodySize, 0)"""


class Command(BaseCommand):
    """Measure home, results and a work in Chromium as a phone on a slow network."""

    help = "Measure home, results and a work in Chromium as a phone on a slow network."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the site runs and what to search for."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--query", default="red boat at sunset")

    def handle(self, *args: Any, url: str, query: str, **options: Any) -> None:
        """Print the figures; the last line is JSON."""
        url = url.rstrip("/")
        try:
            with chromium() as browser:
                figures = _measure(browser, url, query)
        except (BrowserMissingError, AxeMissingError) as error:
            raise CommandError(str(error)) from error
        figures["render_p50_ms"] = _render(url)
        self.stderr.write(
            f"{RUNS_A_PAGE} runs each, {NETWORK_CONDITIONS['latency']} ms round trips, 1.6 Mbit/s, "
            f"CPU {CPU_SLOWDOWN} times slower. render_p50_ms: a page of results without its "
            f"search, median of {3 * len(QUERIES)}"
        )
        self.stdout.write(json.dumps(figures))


def _measure(browser: "Browser", url: str, query: str) -> dict[str, Any]:
    addresses = {"home": url, "results": f"{url}/search?q={quote_plus(query)}"}
    context = browser.new_context()
    page = context.new_page()
    page.goto(addresses["results"])
    work = page.locator(".card h3 a").first
    if not work.count():
        raise CommandError(f"{page.url} shows no work: load a collection, or give another --query")
    addresses["artwork"] = f"{url}{work.get_attribute('href')}"
    context.close()
    figures: dict[str, Any] = {}
    weight = 0.0
    for name, address in addresses.items():
        runs = [_visit(browser, address) for _ in range(RUNS_A_PAGE)]
        figures[name] = {
            "lcp_ms": round(statistics.median(run["lcp"] for run in runs)),
            "cls": round(statistics.median(run["cls"] for run in runs), 4),
        }
        weight = max(weight, *(run["weight"] for run in runs))
    figures["css_js_kb"] = round(weight / 1000, 1)
    figures["axe_violations"] = sum(
        len(_audit(browser, address, scheme))
        for address in addresses.values()
        for scheme in ("light", "dark")
    )
    return figures


def _visit(browser: "Browser", address: str) -> dict[str, float]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True
    )
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK_CONDITIONS)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    open_page(page, address)
    figures: dict[str, float] = {
        **page.evaluate(VITALS_SCRIPT),
        "weight": page.evaluate(WEIGHT_SCRIPT),
    }
    context.close()
    return figures


def _audit(browser: "Browser", address: str, scheme: Any) -> list[str]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, address)
    messages = violations(page)
    context.close()
    return messages


def _render(url: str) -> float:
    """Return the median milliseconds of a results page without its search, by Server-Timing."""
    spent = []
    for query in QUERIES * 3:
        response = requests.get(f"{url}/search", params={"q": query}, timeout=60)
        times = dict(
            part.strip().split(";dur=")
            for part in response.headers.get("Server-Timing", "").split(",")
            if ";dur=" in part
        )
        if not {"search", "page"} <= set(times):
            raise CommandError(f"{response.url} has no Server-Timing header with search and page")
        spent.append(float(times["page"]) - float(times["search"]))
    return round(statistics.median(spent), 1)
