"""The quarantine's commands on the real ledger and lake: listed, shown, redriven once, audited."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.audit.run import Scope, audit_batch, run_audit
from ops.stack_service import Stores, open_service
from tests.integration.pipeline import SAMPLE_CONTRACT, Pipeline, Sent

BAD_BODY = b"\xff\x00 no JSON"


def sample(**values: Any) -> Sent:
    return Sent(body=json.dumps({"id": 1} | values).encode(), contract="sample")


def mended(folder: Path) -> Path:
    """The contract as it is once its highest value is 9."""
    fields = [
        {**field, "maximum": 9} if field["name"] == "small" else field
        for field in SAMPLE_CONTRACT["fields"]
    ]
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "1.avsc").write_text(json.dumps({**SAMPLE_CONTRACT, "fields": fields}))
    return folder


def test_what_was_quarantined_is_listed_shown_and_redriven_once(
    pipeline: Pipeline, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    first = pipeline.next_number
    bad = Sent(body=BAD_BODY, contract="sample")
    pipeline.ingest(sample(small=9), sample(), bad, sample(small=10), sample(small=8))
    stack = pipeline.settings_file(tmp_path)
    one = ("--stack", str(stack), "--partition", "0")
    numbers = (*one, "--from", str(first), "--to", str(first + 4))
    before = pipeline.get("status")["ingest"]["totals"]

    def ops(*arguments: str) -> str:
        assert main(["quarantine", *arguments]) == 0
        return capsysbinary.readouterr().out.decode()

    groups = json.loads(ops("list", *numbers, "--json"))["groups"]
    shown = ops("show", *one, "--number", str(first + 3))
    assert main(["quarantine", "show", *one, "--number", str(first + 2), "--raw"]) == 0
    raw = capsysbinary.readouterr().out

    command = ["quarantine", "redrive", *numbers, "--contracts", str(mended(tmp_path / "c"))]
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(main, [command, command]))
    capsysbinary.readouterr()
    again = ops(*command[1:])

    kept = [json.loads(line) for line in ops("list", *numbers, "--events", "--json").splitlines()]
    after = pipeline.get("status")["ingest"]["totals"]
    batches = pipeline.get("batches", partition="0", **{"from": str(first)})["batches"]
    redrives = [batch for batch in batches if batch["is_redrive"] and batch["landed"]]
    assert [(item["reason"], item["quarantined"]) for item in groups] == [
        ("invalid_utf8", 1),
        ("rule_maximum", 3),
    ]
    assert "rule_maximum" in shown
    assert '"small": 10' in shown
    assert raw == BAD_BODY
    assert codes == [0, 0]
    assert again.startswith("landed                     0\n")
    assert [(item["sequence_number"] - first, item["reason"]) for item in kept] == [
        (2, "invalid_utf8"),
        (3, "rule_maximum"),
    ]
    assert after["landed"] - before["landed"] == before["quarantined"] - after["quarantined"] == 2
    assert [(item["landed"], item["first"] - first, item["last"] - first) for item in redrives] == [
        (2, 0, 4)
    ]
    assert audit_problems(open_service(stack)) == ()


def audit_problems(stores: Stores) -> tuple[object, ...]:
    found = run_audit(
        stores,
        Scope(),
        lambda batches: (audit_batch(batch, stores.lake.read) for batch in batches),
        lambda *_: None,
    )
    return found.problems
