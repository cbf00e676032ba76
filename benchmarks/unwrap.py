#!/usr/bin/env python3
"""What one data key costs to open under a master key in memory and under one in a PKCS#11 token.

    .venv/bin/python benchmarks/unwrap.py [--count 2000] [--hsm URI]

Without `--hsm` the token is one of SoftHSM (`apt-get install softhsm2`) in a temporary folder; with it, an address as
FLEXURA_MASTER_KEY_HSM takes, whose key exists. Microseconds of one call, median and 99th percentile. "current" asks
the token which key is the newest, as is done once for each new patient.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flexura.security.encryption import Owner, make_data_key, unwrap, wrap
from flexura.security.hsm import HsmKeys, open_hsm
from flexura.security.hsmaddress import parse_address
from flexura.security.keys import KeyRing, MasterKeys, make_key

_SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
_PIN = "4711-of-a-token-that-is-gone-afterwards"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--hsm", metavar="URI")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        token = open_hsm(parse_address(given.hsm)) if given.hsm else _make_token(Path(folder))
        print(f"{'':<8}{'wrap':>16}{'unwrap':>16}{'current':>16}   µs: median, 99 %")
        _report("memory", KeyRing(make_key(os.urandom(32))), given.count)
        _report("token", token, given.count)


def _make_token(folder: Path) -> HsmKeys:
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "measured", "--pin", _PIN, "--so-pin", _PIN]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "pin").write_text(_PIN)
    (folder / "pin").chmod(0o600)
    uri = f"pkcs11:token=measured;object=flexura?module-path={_SOFTHSM}&pin-source={folder / 'pin'}"
    keys = open_hsm(parse_address(uri))
    keys.create_first(randomness=os.urandom)
    return keys


def _report(name: str, keys: MasterKeys, count: int) -> None:
    key = make_data_key(Owner("clinic", "patient"), 1, randomness=os.urandom)
    master = keys.current
    wrapped = wrap(key, master, randomness=os.urandom)
    calls: tuple[Callable[[], object], ...] = (
        lambda: wrap(key, master, randomness=os.urandom),
        lambda: unwrap(wrapped, keys),
        lambda: keys.current,
    )
    print(f"{name:<8}" + "".join(f"{_measure(call, count):>16}" for call in calls))


def _measure(call: Callable[[], object], count: int) -> str:
    times_us = []
    for _ in range(count):
        begun = time.perf_counter()
        call()
        times_us.append((time.perf_counter() - begun) * 1e6)
    return f"{statistics.median(times_us):.0f}, {statistics.quantiles(times_us, n=100)[98]:.0f}"


if __name__ == "__main__":
    main()
