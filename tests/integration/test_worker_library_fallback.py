"""The app under Microsoft's own worker library, where our decoding fails its check."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from local.stack import Stack
from tests.integration.worker_calls import Document, call, http_call, ingest_call
from tests.integration.worker_run import FELL_BACK, TRIGGER, deploy, run_worker, settings_of


@dataclass(frozen=True, kw_only=True)
class FallenBack:
    """What a worker told whose check of our decoding failed."""

    ingest: Document
    warnings: Sequence[Document]
    landed: Document
    status: Document


@pytest.fixture(scope="module")
def fallen_back(
    worker_python: str, services: Stack, tmp_path_factory: pytest.TempPathFactory
) -> FallenBack:
    """A worker's life with a decoding of ours that decodes nothing, as if Azure had changed."""
    app = deploy(tmp_path_factory.mktemp("fallen-back"))
    with (app / "functions" / "event_decoding.py").open("a") as decoding:
        decoding.write("\n\ndef decode_batch(handed): return None\n")
    settings = settings_of(services, table="fallenback")
    calls = [
        call("reconcile", ["json", json.dumps({"IsPastDue": True})]),
        ingest_call(range(4)),
        http_call("status"),
    ]
    answer = run_worker(worker_python, app, settings, calls)
    _, landed, status = answer["answers"]
    (ingest,) = [item for item in answer["functions"] if item["name"] == "ingest"]
    return FallenBack(
        ingest=ingest,
        warnings=[line for line in answer["logs"] if line["event"] == FELL_BACK],
        landed=landed,
        status=status,
    )


def test_a_worker_whose_check_fails_says_so_once_and_is_as_it_would_be_without_us(
    fallen_back: FallenBack,
) -> None:
    (warning,) = fallen_back.warnings

    assert "decoded otherwise than by the library" in warning["reason"]
    assert fallen_back.ingest["raw_bindings"] == [TRIGGER]
    assert fallen_back.ingest["bindings"]["events"]["type"] == "eventHubTrigger"


def test_a_batch_that_the_library_decodes_is_landed_or_quarantined_too(
    fallen_back: FallenBack,
) -> None:
    totals = fallen_back.status["body"]["ingest"]["totals"]

    assert fallen_back.landed == {}
    assert (totals["landed"], totals["quarantined"]) == (1, 3)
