"""The command line as a function, and photos on disk: two good ones and one of every kind that is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flexura.cli.root import verbs

Run = Callable[..., Result]


@pytest.fixture
def run(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the tiny bundle; with `catch_exceptions` off, so that only real exits are exits."""
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tiny_bundle))
    monkeypatch.setenv("FLEXURA_THREADS", "1")
    monkeypatch.delenv("FLEXURA_DEBUG", raising=False)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(verbs, [str(argument) for argument in arguments], catch_exceptions=False)

    return invoke


@pytest.fixture
def photo_file(tmp_path: Path, skin_photo: bytes) -> Path:
    path = tmp_path / "jane_doe.jpg"
    path.write_bytes(skin_photo)
    return path


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.jpg"
    path.write_text("no photo")
    return path


@pytest.fixture
def grey_file(tmp_path: Path) -> Path:
    """A flat grey picture: readable, and no skin."""
    from io import BytesIO

    from PIL import Image

    content = BytesIO()
    Image.new("RGB", (320, 320), (128, 128, 128)).save(content, "PNG")
    path = tmp_path / "wall.png"
    path.write_bytes(content.getvalue())
    return path
