"""Importing the app, as the host's worker does: in a process of its own, without any setting."""

import os
import subprocess
import sys

from tests.root import ROOT

IMPORT = """
import os, sys

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
REACHING = {"socket.connect", "socket.getaddrinfo"}

def refuse(event, arguments):
    path = os.path.abspath(str(arguments[0])) if event == "open" else ""
    is_contract = path.startswith(os.path.abspath("contracts"))
    writes = event == "open" and arguments[2] & WRITING and path != os.devnull
    if is_contract or writes or event in REACHING:
        os.write(2, f"{event} {arguments}".encode())
        os._exit(3)

sys.addaudithook(refuse)
import function_app
print(len(function_app.app.get_functions()))
"""


def run(*statements: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", "\n".join(statements)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_importing_the_app_needs_no_settings_and_reaches_for_nothing() -> None:
    done = run(IMPORT)

    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr


def test_an_app_that_reads_its_contracts_when_it_is_imported_would_be_seen() -> None:
    done = run(IMPORT, "open('contracts/telemetry/1.avsc')")

    assert done.returncode == 3
