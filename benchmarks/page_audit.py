"""The pages of the demo in a headless Chromium: weight, requests, times and the checks that Lighthouse makes.

    python benchmarks/page_audit.py [--runs N] [--width PX ...] [--german]

Each screen is opened N times with an empty cache in a new context; a table per width (1280 and 360 pixels, where no
other is asked for) shows medians, as Markdown. Weight is what
the page, its style sheet and its scripts have after gzip, photos and their layers left out; the service itself sends
them plain. Times are of this machine, and say nothing where something else computes on it.
"""

import argparse
import gzip
import re
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, sync_playwright

_PORT = 8766
_HOME = f"http://127.0.0.1:{_PORT}"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_HEAD = "| Screen | KiB | Requests | Server, ms | LCP, ms | CLS | TBT, ms | Faults |\n|---|---|---|---|---|---|---|---|"
_PHOTOS = re.compile(r"/cases/\w+/(photos/\w+|assessments/\w+/layers/\w+|reviews/\w+/outline)$")
# Largest contentful paint, layout shift, and of each long task what is over 50 ms, as web.dev defines them.
_OBSERVE = """
window.seen = { lcp: 0, cls: 0, tbt: 0 };
const watch = (type, note) => {
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
};
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
watch("longtask", (entry) => { seen.tbt += Math.max(0, entry.duration - 50); });
"""
_NAVIGATION = """() => {
    const [sent] = performance.getEntriesByType("navigation");
    return { ...seen, server: sent.responseStart - sent.requestStart };
}"""
_DOCUMENT = """() => ({
    language: document.documentElement.lang,
    title: document.title,
    viewport: document.querySelector("meta[name=viewport]")?.content || "",
    unnamed: [...document.images].filter((image) => !image.hasAttribute("alt")).length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""


@dataclass
class Seen:
    """One opening of one screen."""

    answers: list[Response] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    told: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    bytes: int = 0

    def note(self, answer: Response) -> None:
        """Take note of an answer."""
        self.answers.append(answer)

    def hear(self, message: ConsoleMessage) -> None:
        """Take note of an error on the console."""
        if message.type == "error":
            self.said.append(message.text)


@contextmanager
def run_demo() -> Iterator[tuple[list[str], str]]:
    """Run `flexura serve --demo`; gives its names and the password."""
    command = [sys.executable, "-c", "from flexura.cli import main; main()", "serve", "--demo", "--port", str(_PORT)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        line = next(line for line in demo.stderr if line.startswith("Names "))
        names, password = line.removeprefix("Names ").strip().split("; password ")
        try:
            yield names.split(", "), password
        finally:
            demo.send_signal(signal.SIGTERM)


def sign_in(browser: Browser, name: str, password: str, options: dict[str, Any]) -> dict[str, Any]:
    """Sign in, and keep the session's cookie for the screens."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{_HOME}/sign-in")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("form.card button").first.click()
    page.wait_for_url(f"{_HOME}/")
    state = context.storage_state()
    context.close()
    return {"storage_state": state}


def find_screens(page: Page) -> dict[str, str]:
    """Find the addresses of a clinician's screens, by following links as a person does."""
    page.goto(_HOME)
    first = page.locator("table.work a")
    case = next(path for path in _paths(first) if _has_answer(page, path))
    page.goto(_HOME + case)
    patient = page.locator("h1 a").get_attribute("href")
    correct, report = (page.locator(f"a[href$='/{end}']").first.get_attribute("href") for end in ("correct", "report"))
    return {
        "worklist": "/",
        "admission": "/patients/new",
        "patient, new case": f"{patient}",
        "assessment": case,
        "correction": f"{correct}",
        "report": f"{report}",
        "course": f"{patient}/course",
        "account": "/account",
        "model": "/model",
        "refusal": "/nowhere",
    }


def _paths(links: Locator) -> list[str]:
    return [str(link.get_attribute("href")) for link in links.all()]


def _has_answer(page: Page, path: str) -> bool:
    page.goto(_HOME + path)
    return page.locator(".answer").count() > 0


def open_screen(browser: Browser, path: str, options: dict[str, Any]) -> Seen:
    """Open one screen with an empty cache, and note what it brings and what is wrong with it."""
    context = browser.new_context(**options)
    seen, page = Seen(), context.new_page()
    page.add_init_script(_OBSERVE)
    page.on("response", seen.note)
    page.on("console", seen.hear)
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    document = page.goto(_HOME + path, wait_until="networkidle")
    assert document is not None
    seen.told = page.evaluate(_NAVIGATION)
    seen.bytes = sum(len(gzip.compress(answer.body())) for answer in seen.answers if _is_weighed(answer.url))
    seen.faults = [*_judge(page, document, seen), *_find_violations(page)]
    context.close()
    return seen


def _is_weighed(url: str) -> bool:
    return urlsplit(url).scheme == "http" and not _PHOTOS.search(urlsplit(url).path)


def _judge(page: Page, document: Response, seen: Seen) -> Iterator[str]:
    """What Lighthouse would say beside axe's rules: of the document, its headers, its requests and the console."""
    told = page.evaluate(_DOCUMENT)
    headers = document.headers
    statics = [answer for answer in seen.answers if "/static/" in answer.url]
    refused = document.status >= 400
    found = {
        "no language": not told["language"],
        "no title": not told["title"],
        "no viewport": "width=device-width" not in told["viewport"],
        "a picture without alt": told["unnamed"] > 0,
        "wider than the screen": told["wide"] > 0,
        "no content-security-policy": "default-src 'none'" not in headers.get("content-security-policy", ""),
        "the page may be cached": "no-store" not in headers.get("cache-control", ""),
        "files are not cached": not all("max-age" in answer.headers.get("cache-control", "") for answer in statics),
        "a type may be guessed": headers.get("x-content-type-options") != "nosniff",
        "another host": not all(answer.url.startswith((_HOME, "data:", "blob:")) for answer in seen.answers),
        "console": [text for text in seen.said if not (refused and "Failed to load resource" in text)] != [],
    }
    yield from (name for name, wrong in found.items() if wrong)


def _find_violations(page: Page) -> list[str]:
    return [row["id"] for row in Axe().run(page, options=_RULES).response["violations"]]


def print_row(name: str, runs: list[Seen]) -> None:
    """Print one screen's medians, and everything that is wrong with it."""
    median = {key: statistics.median(seen.told[key] for seen in runs) for key in ("server", "lcp", "cls", "tbt")}
    faults = sorted({fault for seen in runs for fault in seen.faults})
    print(
        f"| {name} | {runs[0].bytes / 1024:.1f} | {len(runs[0].answers)} | {median['server']:.0f} "
        f"| {median['lcp']:.0f} | {median['cls']:.3f} | {median['tbt']:.0f} | {', '.join(faults) or 'none'} |",
        flush=True,
    )


def audit(browser: Browser, width: int, password: str, arguments: argparse.Namespace) -> None:
    """Print the table of one width."""
    options: dict[str, Any] = {"viewport": {"width": width, "height": 800 if width > 500 else 740}}
    options["locale"] = "de-DE" if arguments.german else "en-GB"
    print(f"\n{width} pixels wide\n\n{_HEAD}")
    print_row("sign-in", [open_screen(browser, "/sign-in", options) for _ in range(arguments.runs)])
    for role in ("clinician", "auditor", "administrator"):
        signed = options | sign_in(browser, role, password, options)
        context = browser.new_context(**signed)
        own = {"auditor": {"audit log": "/audit"}, "administrator": {"users": "/users"}}
        screens = own.get(role) or find_screens(context.new_page())
        context.close()
        for name, path in screens.items():
            print_row(name, [open_screen(browser, path, signed) for _ in range(arguments.runs)])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--width", type=int, nargs="+", default=[1280, 360])
    parser.add_argument("--german", action="store_true")
    arguments = parser.parse_args()
    with run_demo() as (_, password), sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width in arguments.width:
            audit(browser, width, password, arguments)
        browser.close()


if __name__ == "__main__":
    main()
