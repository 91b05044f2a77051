"""Our decoding under the newer library and the worker library's own datums."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.parts import ROOT
from tests.handed_batches import Handed, make_datums, odd_batches, written_batches

SCRIPT = Path(__file__).with_name("decoding_alike.py")


@pytest.fixture(scope="module")
def comparison(worker_python: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that answers each line, a batch, with whether it is decoded alike."""
    with subprocess.Popen(
        [worker_python, "-P", str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        yield process


@settings(deadline=None)
@given(events=st.one_of(written_batches(), odd_batches()))
def test_any_batch_is_decoded_as_the_newer_library_decodes_it(
    comparison: "subprocess.Popen[str]", events: list[Handed]
) -> None:
    data, metadata = make_datums(events)
    line = {
        "bodies": [base64.b64encode(body).decode() for body in data.value.bytes],
        "metadata": {name: datum.value for name, datum in metadata.items()},
    }

    comparison.stdin.write(f"{json.dumps(line)}\n")
    comparison.stdin.flush()

    assert json.loads(comparison.stdout.readline()) is True
