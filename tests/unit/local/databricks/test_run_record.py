from local.databricks.ending import SUCCEEDED
from local.databricks.run import Attempt
from local.databricks.run_record import read_run, write_run
from tests.unit.local.databricks.test_plan import a_run, ended


def test_a_run_is_read_back_as_it_was_written() -> None:
    run = ended(a_run("only"), "only", SUCCEEDED)

    assert read_run(write_run(run)) == run


def test_a_run_that_an_earlier_version_wrote_is_read_without_what_is_gone() -> None:
    run = a_run("only")
    record = write_run(run) | {"queued_at": 900, "repairs": []}
    record["attempts"] = [attempt | {"retry": 0} for attempt in record["attempts"]]

    assert read_run(record) == run
    assert isinstance(read_run(record).attempts[0], Attempt)
