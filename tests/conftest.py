"""A rendered photo, a tiny but real model bundle, both databases (PostgreSQL in a cluster of our own), a PKCS#11 token.

The bundle's graphs run in the engine, with the inputs and outputs of the shipped ones, described and hashed
like them. It takes red for affected skin and always thinks of eczema first.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import AreaErrors, Calibration, ConformalQuantile, DistanceReference
from flexura.decision.taxonomy import TAXONOMY
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import write_description
from flexura.inference.graphs import ANSWER, LOOK
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode

# The same examples on every run, however slow the machine: a red run means a change, not another draw.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
SO_PIN = "security-officer"
SIDE, CELLS, SAMPLES = 64, 16, 4
MODEL = {
    "name": "flexura-tiny",
    "version": "test",
    "weights_licence": "Apache-2.0 (made for the tests)",
    "intended_use": "Tests of flexura only.",
}


@pytest.fixture(scope="session")
def skin_photo() -> bytes:
    """A JPEG of a rendered forearm with moderate eczema; it passes the quality gate."""
    spec = SkinSpec(seed=7, tone=4, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(384, 512), lighting="even")
    return encode(render(spec).pixels, SetConfig())


@pytest.fixture(scope="session")
def grey_photo() -> bytes:
    """A picture that can be read and is not good enough to be answered on."""
    grey = BytesIO()
    Image.new("RGB", (320, 320), (128, 128, 128)).save(grey, "PNG")
    return grey.getvalue()


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the bundle; tests that damage it work on a copy."""
    folder = tmp_path_factory.mktemp("bundle")
    onnx.save(_look(), folder / LOOK.file)
    onnx.save(_answer(), folder / ANSWER.file)
    calibration = Calibration(
        labels=TAXONOMY,
        temperature=1.5,
        conformal=ConformalQuantile(0.7, 0.9),
        distance=DistanceReference((0.0, 2.0, 4.0, 6.0, 8.0), 0.95),
        area_errors=AreaErrors((1.0,), (tuple(point / 100 for point in range(-9, 10)),), 0.9),
        expected_calibration_error=0.05,
    )
    write_description(folder, side=SIDE, calibration=calibration, model=MODEL, origin={"recipe": "none"}, figures={})
    return folder


def _look() -> onnx.ModelProto:
    constants = {
        "whole": np.float32(255),
        "redness": np.array([[[[9.0]], [[-9.0]], [[0.0]]], [[[4.0]], [[4.0]], [[4.0]]]], np.float32),
        "red_enough": np.array([-1.2, -1.0], np.float32),
        "height_width": np.array([1, 2], np.int64),
        **{name: np.array([value], np.int64) for name, value in (("first", 0), ("second", 1), ("planes_axis", 1))},
        "as_places": np.array([0, 1, CELLS // 2, CELLS // 2], np.int64),
    }
    cell = SIDE // CELLS
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["levels", "whole"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled", "height_width"], ["pooled"], keepdims=0),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["cells"], kernel_shape=[cell, cell], strides=[cell, cell]),
        helper.make_node("Conv", ["cells", "redness", "red_enough"], ["map_logits"]),
        helper.make_node("Sigmoid", ["map_logits"], ["maps"]),
        # Redness weighs places: a softmax over halves of the cells.
        helper.make_node("Slice", ["map_logits", "first", "second", "planes_axis"], ["lesion_logit"]),
        helper.make_node("AveragePool", ["lesion_logit"], ["halved"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["halved"], ["places"], axis=1),
        helper.make_node("Softmax", ["places"], ["weights"], axis=1),
        helper.make_node("Reshape", ["weights", "as_places"], ["attention"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ("batch", SIDE, SIDE, 3))
    ends = {"maps": (2, CELLS, CELLS), "attention": (1, CELLS // 2, CELLS // 2), "pooled": (3,)}
    return _model(nodes, [pixels], ends, constants)


def _answer() -> onnx.ModelProto:
    codes = len(TAXONOMY)
    bias = np.full(codes, -2.0, np.float32)
    bias[[0, 1, 10]] = 3.0, 1.5, 1.0  # atopic dermatitis, contact dermatitis, psoriasis
    weights = np.zeros((3, codes), np.float32)
    weights[:, 10] = 0.5  # paler photos look a little more like psoriasis
    grades = np.array([0.1, 0.3, 0.5, 0.1], np.float32)
    constants = {
        "weights": weights,
        "bias": bias,
        "spread": np.linspace(-0.5, 0.5, SAMPLES, dtype=np.float32)[None, :, None] * weights[0],
        "sign_grades": np.tile(grades, (1, 6, 1)),
        "iga_grades": np.array([[0.05, 0.15, 0.5, 0.2, 0.1]], np.float32),
        "middle": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Gemm", ["pooled", "weights", "bias"], ["logits"]),
        helper.make_node("Unsqueeze", ["logits", "middle"], ["one_sample"]),
        helper.make_node("Add", ["one_sample", "spread"], ["logit_samples"]),
        helper.make_node("Identity", ["sign_grades"], ["signs"]),
        helper.make_node("Identity", ["iga_grades"], ["iga"]),
        # Every unknown context field or finding moves the photo a little away from what is known.
        helper.make_node("Concat", ["context", "findings"], ["told"], axis=1),
        helper.make_node("IsNaN", ["told"], ["unknown"]),
        helper.make_node("Cast", ["unknown"], ["unknown_count"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["unknown_count", "middle"], ["distance"], keepdims=0),
    ]
    widths = {"pooled": 3, "context": len(CONTEXT_NAMES), "findings": len(FEATURE_NAMES)}
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ("batch", width)) for name, width in widths.items()
    ]
    shapes = {"logits": (codes,), "logit_samples": (SAMPLES, codes), "signs": (6, 4), "iga": (5,), "distance": ()}
    return _model(nodes, inputs, shapes, constants)


def _model(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: dict[str, tuple[int, ...]],
    constants: dict[str, np.ndarray],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ("batch", *shape)) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, f"PostgreSQL's {name} is not installed: apt-get install postgresql (scripts/setup test does it)"
    return path


def _run(*command: str) -> None:
    """PostgreSQL refuses to run as root; Debian's package made a user for it."""
    by = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*by, *command], check=True, capture_output=True, timeout=120)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a cluster of our own, without fsync: nothing here cuts its power."""
    with tempfile.TemporaryDirectory(prefix="flexura-pg-", dir="/tmp") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        port, place = _free_port(), f"{folder}/cluster"
        _run(_program("initdb"), "-D", place, "-U", "flexura", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=50"
        control = (_program("pg_ctl"), "-D", place, "-w")
        _run(*control, "-o", options, "-l", f"{folder}/log", "start")
        try:
            yield f"postgresql://flexura@127.0.0.1:{port}"
        finally:
            _run(*control, "-m", "immediate", "stop")


# Emptied, not made anew: a database is a thousand files.
_RESET = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/clinic.db"
    url = f"{request.getfixturevalue('cluster')}/postgres"
    from flexura.storage.database import open_database

    engine = open_database(url)
    with engine.begin() as connection:
        for statement in _RESET:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return url


@dataclass(frozen=True)
class Token:
    """A token of SoftHSM, which can be taken away and put back."""

    folder: Path
    label: str
    pin: str = "hush-4711"

    @property
    def uri(self) -> str:
        """What FLEXURA_MASTER_KEY_HSM holds."""
        return f"pkcs11:token={self.label};object=flexura?module-path={SOFTHSM}&pin-source={self.pin_file}"

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    def lose(self) -> None:
        (self.folder / "tokens").rename(self.folder / "away")

    def put_back(self) -> None:
        (self.folder / "away").rename(self.folder / "tokens")


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    """A token without keys. SoftHSM may still show an earlier test's, so each has a label of its own."""
    program = shutil.which("softhsm2-util")
    assert program, "SoftHSM is not installed: apt-get install softhsm2 (scripts/setup test does it)"
    made = Token(tmp_path / "hsm", f"clinic-{os.urandom(4).hex()}")
    (made.folder / "tokens").mkdir(parents=True)
    made.pin_file.write_text(f"{made.pin}\n")
    made.pin_file.chmod(0o600)
    configuration = made.folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {made.folder / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    command = [program, "--init-token", "--free", "--label", made.label, "--pin", made.pin, "--so-pin", SO_PIN]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return made


@pytest.fixture(scope="module")
def start_provider() -> Iterator[Callable[..., str]]:
    """Start an identity provider (openid_provider.py) in a process of its own; gives its issuer's address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(now: int | None = None) -> str:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        clock = [] if now is None else [str(now)]
        command = [sys.executable, str(Path(__file__).with_name("openid_provider.py")), str(port), *clock]
        started.append(subprocess.Popen(command))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert started[-1].poll() is None, "the identity provider ended at once"
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://localhost:{port}"
            time.sleep(0.1)
        pytest.fail("the identity provider did not start in time")

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def make_authenticator() -> Callable[..., Any]:
    """Make security keys in software (authenticator.py)."""
    spec = spec_from_file_location("authenticator", Path(__file__).with_name("authenticator.py"))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules["authenticator"] = module  # where its dataclass looks itself up
    spec.loader.exec_module(module)
    made: Callable[..., Any] = module.Authenticator
    return made
