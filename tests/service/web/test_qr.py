"""The QR code of a second factor: what a camera reads off the page is the address that an app takes."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from flexura.security.codes import provisioning_uri
from flexura.service.web.qr import QUIET, draw_qr

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DISTANCES = (4, 6, 8)  # pixels of a module: OpenCV misses one code in a hundred at any one of them
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def _raster(side, path):
    """The drawing as a camera sees it: black on white; a run must be a rectangle, and all of the path be runs."""
    modules = np.full((side, side), 255, np.uint8)
    for x, y, length, back in (map(int, run) for run in RUN.findall(path)):
        assert length == back
        modules[y, x : x + length] = 0
    assert RUN.sub("", path) == ""
    return modules


def _read(modules):
    pictures = (np.kron(modules, np.ones((pixels, pixels), np.uint8)) for pixels in DISTANCES)
    return next(filter(None, (cv2.QRCodeDetector().detectAndDecode(picture)[0] for picture in pictures)), None)


def _drawn(page):
    """Side and path of the one QR code of a page."""
    ((side, path),) = re.findall(
        r'<svg class="qr" viewBox="0 0 (\d+) \1" role="img" aria-label="[^"]+" shape-rendering="crispEdges">'
        r'<rect width="\1" height="\1" fill="#fff"/><path fill="#000" d="([^"]+)"/></svg>',
        page,
    )
    return int(side), path


@pytest.mark.parametrize("name", ["maria", "Zoë Ünal", "n" * 128])
def test_a_camera_reads_the_address_of_the_secret(name):
    uri = provisioning_uri(SECRET, name)
    drawing = draw_qr(uri)
    modules = _raster(drawing.side, drawing.path)
    assert _read(modules) == uri
    quiet = np.ones_like(modules, bool)
    quiet[QUIET:-QUIET, QUIET:-QUIET] = False
    assert (modules[quiet] == 255).all()
    assert (modules[QUIET, QUIET : QUIET + 7] == 0).all()  # the finder's edge begins where the quiet zone ends


def test_the_set_up_shows_its_secret_as_text_and_picture(app):
    browser = TestClient(app, base_url="https://clinic.test")
    answer = browser.get("/set-up")
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", answer.text)
    read = _read(_raster(*_drawn(answer.text)))
    assert parse_qs(urlsplit(read).query)["secret"] == [secret]
    assert f'href="{html.escape(read)}"' in answer.text
    assert "style=" not in answer.text  # the content security policy would drop it


def test_a_users_secret_is_shown_once_as_text_and_picture(enter):
    browser, token = enter("administrator")
    form = {"name": "zoe", "role": "nurse", "password": "seven green ladders", "codes": "1", "counter_token": token}
    made = browser.post("/users", data=form)
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", made.text)
    assert _read(_raster(*_drawn(made.text))) == provisioning_uri(secret, "zoe")
    listed = browser.get("/users").text
    assert 'class="qr"' not in listed
    again = re.search(r'action="(/users/\w+/second-factor)"', listed).group(1)
    renewed = browser.post(again, data={"counter_token": token}).text
    (other,) = re.findall(r"<code>([A-Z2-7]{32})</code>", renewed)
    assert other != secret
    assert _read(_raster(*_drawn(renewed))) == provisioning_uri(other, "zoe")
