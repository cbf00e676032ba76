"""The demo in a real Chromium: served by `flexura serve --demo`, looked at on desktop and phone, held to the rules."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

START_S = 180


@dataclass(frozen=True)
class Way:
    """How somebody uses the pages: the window in CSS pixels, how many of the screen's stand for one, and with what."""

    width: int
    height: int
    scale: int = 1
    hand: Literal["mouse", "finger", "keyboard"] = "mouse"


# Every journey is made in each of these ways; the last is a desktop at 200 %, with the keyboard alone.
WAYS = {"desktop": Way(1280, 800), "phone": Way(360, 740, hand="finger"), "keyboard": Way(640, 400, 2, "keyboard")}
# WCAG 2.2 level AA, and what axe calls good practice.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="session")
def demo(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running demo; ended like a service, it leaves no folder behind."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {"FLEXURA_BUNDLE": str(tiny_bundle), "TMPDIR": str(folder)}
    with _serve(_free_port(), environment, "--demo") as address:
        yield address
    assert not list(folder.glob("flexura-*"))


PASSWORD = "seven green ladders"
SUBJECT = "248289761001"
ADD_MARIA = ("user", "add", "maria", "--role", "nurse", "--no-codes", "--password", PASSWORD)


@pytest.fixture(scope="module")
def clinic(
    tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory, start_provider: Callable[..., str]
) -> Iterator[str]:
    """Address of a clinic without patients, with a nurse, maria, and an identity provider that knows her."""
    port = _free_port()
    environment = _clinic_at(f"http://127.0.0.1:{port}", tiny_bundle, tmp_path_factory.mktemp("clinic"))
    environment |= {"FLEXURA_OIDC_ISSUER": start_provider(), "FLEXURA_OIDC_CLIENT": "flexura"}
    environment |= {"FLEXURA_OIDC_SECRET": "s:cret/of the clinic"}
    _run_console(environment, ADD_MARIA, ("user", "link", "maria", "--subject", SUBJECT))
    with _serve(port, environment) as address:
        yield address


@pytest.fixture(scope="module")
def named_clinic(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a clinic with maria and without provider, by a name: browsers bind passkeys to no numbers."""
    port = _free_port()
    address = f"http://localhost:{port}"
    environment = _clinic_at(address, tiny_bundle, tmp_path_factory.mktemp("named"))
    _run_console(environment, ADD_MARIA)
    with _serve(port, environment):
        yield address


def _clinic_at(origin: str, bundle: Path, folder: Path) -> dict[str, str]:
    return {
        "FLEXURA_BUNDLE": str(bundle),
        "FLEXURA_DATA_DIR": str(folder / "data"),
        "FLEXURA_MASTER_KEY_FILE": str(folder / "keys"),
        "FLEXURA_ORIGIN": origin,
    }


def _run_console(environment: dict[str, str], *verbs: tuple[str, ...]) -> None:
    for verb in (("key", "create"), *verbs):
        subprocess.run([*FLEXURA, "admin", *verb], env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


FLEXURA = (sys.executable, "-c", "from flexura.cli import main; main()")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _serve(port: int, environment: dict[str, str], *options: str, stderr: int = subprocess.DEVNULL) -> Iterator[str]:
    """Run `flexura serve` until the block ends."""
    command = [*FLEXURA, "serve", *options, "--port", str(port), "--assessors", "1"]
    environment = os.environ | {"FLEXURA_THREADS": "1"} | environment
    with subprocess.Popen(command, stderr=stderr, env=environment) as process:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process)
        yield address
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended at once"
        try:
            if httpx2.get(f"{address}/api/v1/ready").status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)
    pytest.fail("the service did not start in time")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's or the distribution's Chromium: scripts/setup installs it, nothing is downloaded by Playwright."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert path, "Chromium is not installed: scripts/setup test installs it (Debian: apt-get install chromium)"
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    browser = playwright.chromium.launch(executable_path=path, args=sandbox)
    yield browser
    browser.close()


BEYOND_THE_SIDE = """[...document.body.querySelectorAll("*")]
  .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(element => `${element.tagName} ${element.className}`).join(", ")"""


@dataclass
class Visitor:
    """Somebody at a browser, by mouse, finger or keyboard alone, who notes everything that must not happen."""

    page: Page
    home: str
    hand: str = "keyboard"
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda sent: self._judge(sent.url))

    def _judge(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.home:
            self.faults.append(f"a request to another host: {parts.netloc}")
        told = [word for word in ("Render", "Pixel", "Texel", "Ada", "D-100", "Jane") if word in url]
        if told:
            self.faults.append(f"a patient in an address: {told}")

    def open(self, path: str) -> None:
        self.page.goto(self.home + path)

    def reach(self, wanted: Locator, *, most: int = 120) -> None:
        """Go forward with the Tab key until something has the focus."""
        wanted.wait_for()
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                assert self._is_seen(wanted), "focused, but out of sight"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by the keyboard")

    def _is_seen(self, element: Locator) -> bool:
        box = element.bounding_box()
        return box is not None and box["width"] > 0 and box["height"] > 0

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Press a button, a link, a box or a fold: `key` does it where there is no pointer."""
        if self.hand == "keyboard":
            self.reach(wanted)
            self.page.keyboard.press(key)
        elif self.hand == "finger":
            wanted.tap()
        else:
            wanted.click()

    def type(self, wanted: Locator, text: str) -> None:
        """Type into a field, or choose what begins so from a list."""
        if self.hand != "keyboard" and wanted.evaluate("field => field.localName") == "select":
            options = wanted.locator("option").all_inner_texts()
            wanted.select_option(label=next(each for each in options if each.lower().startswith(text.lower())))
            return
        if self.hand == "keyboard":
            self.reach(wanted)
        else:
            self.press(wanted)
        self.page.keyboard.type(text)

    def slide_to_start(self, slider: Locator) -> None:
        if self.hand == "keyboard":
            self.press(slider, "Home")
        else:
            slider.click(position={"x": 1, "y": 10})

    def draw(self, canvas: Locator) -> None:
        """Draw a little beside the middle."""
        if self.hand == "keyboard":
            self.press(canvas, "ArrowRight")
            self.page.keyboard.press("Space")
        elif self.hand == "finger":
            canvas.tap()
        else:
            canvas.hover()
            self.page.mouse.down()
            self.page.mouse.move(*(part + 40 for part in self._middle(canvas)), steps=4)
            self.page.mouse.up()

    def _middle(self, element: Locator) -> tuple[float, float]:
        box = element.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def look(self, heading: str) -> None:
        """Check the page that is shown, as it is, in the dark and on paper: heading, axe's rules, nothing cut off."""
        self.page.get_by_role("heading", level=1, name=heading).wait_for()
        found = Axe().run(self.page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        self._find_nothing_cut_off()
        self.page.emulate_media(color_scheme="dark")
        assert self.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 30)"
        self._see_contrast()
        self.page.emulate_media(color_scheme="dark", media="print")  # whoever works in the dark prints on white, too
        assert self.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert self.page.locator("body > header").is_hidden()
        assert self.page.get_by_role("heading", level=1).first.is_visible()
        self._find_nothing_cut_off()
        self._see_contrast()
        self.page.emulate_media(color_scheme="light", media="screen")
        assert not self.faults

    def _see_contrast(self) -> None:
        found = Axe().run(self.page, options=CONTRAST)
        assert found.violations_count == 0, found.generate_report()

    def _find_nothing_cut_off(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} pixels are cut off at the side, of {self.page.evaluate(BEYOND_THE_SIDE)}"

    def sign_in(self, name: str = "clinician") -> None:
        self.open("/sign-in")
        if name != "clinician":
            self.page.get_by_label("Name", exact=True).fill(name)
        self.press(self.page.get_by_role("button", name="Sign in"))
        self.page.wait_for_url(self.home + "/")

    def sign_out(self) -> None:
        """Wait for the page that follows: an address opened before it has come is a race with it."""
        self.press(self.page.get_by_role("button", name="Sign out"))
        self.look("Sign in")


@pytest.fixture(params=WAYS)
def visitor(request: pytest.FixtureRequest, chromium: Browser, demo: str) -> Iterator[Visitor]:
    """A new visitor of the demo, in each way."""
    with _open(chromium, request.param) as page:
        yield Visitor(page, demo, WAYS[request.param].hand)


@pytest.fixture(params=WAYS)
def colleague(request: pytest.FixtureRequest, chromium: Browser, clinic: str) -> Iterator[Visitor]:
    """A new visitor of the clinic, in each way."""
    with _open(chromium, request.param) as page:
        yield Visitor(page, clinic, WAYS[request.param].hand)


@pytest.fixture(params=WAYS)
def founder(
    request: pytest.FixtureRequest, chromium: Browser, tiny_bundle: Path, tmp_path: Path
) -> Iterator[tuple[Visitor, str]]:
    """Who starts a clinic that nobody can sign in to, in each way, and the link that the terminal shows."""
    terminal, stderr = os.openpty()
    environment = {
        "FLEXURA_BUNDLE": str(tiny_bundle),
        "FLEXURA_DATA_DIR": str(tmp_path / "data"),
        "FLEXURA_MASTER_KEY_FILE": str(tmp_path / "keys"),
    }
    made = [*FLEXURA, "admin", "key", "create"]
    subprocess.run(made, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)
    with _serve(_free_port(), environment, stderr=stderr) as home, _open(chromium, request.param) as page:
        said = os.read(terminal, 65536).decode()
        yield Visitor(page, home, WAYS[request.param].hand), re.search(rf"open ({home}/set-up#\S+)", said).group(1)
    os.close(terminal)
    os.close(stderr)


@pytest.fixture
def keyholder(chromium: Browser, named_clinic: str) -> Iterator[Visitor]:
    """A new visitor of the clinic that has a name, on a phone, with a security key of Chromium (CDP WebAuthn)."""
    with _open(chromium, "phone") as page:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False}
        session.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
        yield Visitor(page, named_clinic)


@contextmanager
def _open(chromium: Browser, name: str) -> Iterator[Page]:
    way = WAYS[name]
    context = chromium.new_context(
        viewport={"width": way.width, "height": way.height},
        has_touch=way.hand == "finger",
        device_scale_factor=way.scale,
    )
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
