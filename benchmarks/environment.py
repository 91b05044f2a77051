"""A separate environment for the packages we compare with, on top of the project's own."""

import hashlib
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-bench"
STAMP = ENVIRONMENT / "pins"
PINS = (ROOT / "benchmarks" / "requirements.txt", ROOT / "constraints.txt")


def is_ready() -> bool:
    """Whether this Python belongs to that environment."""
    return Path(sys.prefix) == ENVIRONMENT


def make_environment() -> Path:
    """Make it, again only if a pin or our Python has changed; returns its Python.

    It also sees the project's packages, in the versions that the project uses.
    """
    python = ENVIRONMENT / "bin" / "python"
    pins = [sys.version.encode(), *(path.read_bytes() for path in PINS)]
    fingerprint = hashlib.sha256(b"".join(pins)).hexdigest()
    if STAMP.exists() and STAMP.read_text() == fingerprint:
        return python
    print("benchmarks: installing what they compare with", flush=True)
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    (packages,) = ENVIRONMENT.glob("lib/python*/site-packages")
    (packages / "landfall.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "-r", str(PINS[0]), "-c", str(PINS[1])], check=True)
    STAMP.write_text(fingerprint)
    return python
