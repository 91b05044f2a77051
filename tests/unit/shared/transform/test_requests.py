from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.transform.requests import parse_figures, request_run
from shared.transform.work import RunFigures, Work

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORK = Work(
    kind="window",
    work_id="w-1",
    contract="telemetry/1",
    path="_landfall/windows/w-1.json",
    source="w-1",
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("kind", "file", "name"),
    [("window", "window.py", "--manifest"), ("upload", "dropzone.py", "--file")],
)
def test_a_request_names_the_job_and_where_everything_is(kind: str, file: str, name: str) -> None:
    request = request_run(replace(WORK, kind=kind), "abfss://lake", timedelta(hours=2))

    parameters = dict(zip(request.task.parameters[::2], request.task.parameters[1::2], strict=True))
    assert (request.task.file, request.timeout_seconds) == (file, 7200)
    assert parameters[name] == "abfss://lake/_landfall/windows/w-1.json"
    assert parameters["--report"] == "abfss://lake/_landfall/reports/w-1"


def test_figures_that_a_report_does_not_have_are_none() -> None:
    figures = parse_figures({"rows_in": 5, "rows_out": 4, "rows_quarantined": "many"})

    assert figures == RunFigures(rows_in=5, rows_out=4, rows_quarantined=None)


@pytest.mark.parametrize("report", [[], "text", None, 5])
def test_a_report_that_is_no_object_is_none(report: object) -> None:
    with pytest.raises(ValueError, match="no JSON object"):
        parse_figures(report)
