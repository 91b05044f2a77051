import shutil
import subprocess
from pathlib import Path

import pytest

CRATE = Path(__file__).resolve().parents[2] / "native"


@pytest.mark.skipif(shutil.which("cargo") is None, reason="Rust is not installed here")
def test_the_native_core_keeps_its_own_promises_whatever_the_bytes() -> None:
    command = ["cargo", "test", "--quiet", "--no-default-features"]

    done = subprocess.run(command, cwd=CRATE, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
