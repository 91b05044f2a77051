"""An environment of its own for Microsoft's worker library, which needs Python 3.13."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.parts import ROOT

ENVIRONMENT = ROOT / ".venv313"
STAMP = ENVIRONMENT / "pins"
# Two test workers may want it at once: one makes it.
LOCK = ROOT / ".venv313.lock"
REQUIREMENTS, CONSTRAINTS = ROOT / "requirements.txt", ROOT / "constraints.txt"
WORKER_LIBRARY = ("azure-functions-runtime==1.3.0", "azurefunctions-extensions-base==1.2.0")
# What a Python must bring to make an environment; some distributions leave it out.
PROBE = "import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))"


@pytest.fixture(scope="session")
def worker_python() -> str:
    """The Python of the worker library's environment."""
    python = find_python()
    if python is None:
        pytest.skip(
            "no python3.13 that runs and can make environments, neither on the path nor among "
            "pyenv's versions: the worker library needs one"
        )
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_environment(python)


def find_python() -> str | None:
    """A python3.13 that runs: on the path (a shim there may not), or among pyenv's versions."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        shutil.which("python3.13"),
        *map(str, sorted(pyenv.glob("versions/3.13*/bin/python3.13"))),
    ]
    return next((path for path in candidates if path and _works(path)), None)


def make_environment(python: str) -> str:
    """Install what Azure installs, and the worker library; anew only when a pin has changed."""
    made = ENVIRONMENT / "bin" / "python"
    fingerprint = _fingerprint()
    if not (made.exists() and STAMP.exists() and STAMP.read_text() == fingerprint):
        _run(python, "-m", "venv", "--clear", str(ENVIRONMENT))
        install = [str(made), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(*install, "-r", str(REQUIREMENTS), "-c", str(CONSTRAINTS), *WORKER_LIBRARY)
        STAMP.write_text(fingerprint)
    return str(made)


def _works(python: str) -> bool:
    try:
        done = subprocess.run([python, "-c", PROBE], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _fingerprint() -> str:
    pins = [REQUIREMENTS.read_text(), CONSTRAINTS.read_text(), *WORKER_LIBRARY]
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
