from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.contract import ContractId
from shared.hub.address import PartitionAddress
from shared.landing.path import LandingPath, parse_landing_path
from tests.builders import a_range

HOURS = st.integers(0, 2_000_000).map(lambda hours: datetime.fromtimestamp(hours * 3600, UTC))
PATHS = st.builds(
    LandingPath,
    contract=st.none()
    | st.builds(
        ContractId,
        name=st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        version=st.integers(1, 99),
    ),
    enqueued_at=HOURS,
    address=st.builds(
        PartitionAddress,
        hub=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
        partition_id=st.integers(0, 2000).map(str),
    ),
    generation=st.integers(0, 20),
    range=st.tuples(st.integers(0, 2**60), st.integers(0, 1000)).map(
        lambda pair: a_range(pair[0], pair[0] + pair[1])
    ),
    digest=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
)


def a_path(**changes: object) -> LandingPath:
    values = {
        "contract": ContractId(name="telemetry", version=1),
        "enqueued_at": datetime(2026, 1, 2, 3, 59, tzinfo=UTC),
        "address": PartitionAddress(hub="events", partition_id="7"),
        "generation": 0,
        "range": a_range(5, 12),
        "digest": "0123abcd",
    }
    return LandingPath(**values | changes)


@given(PATHS)
def test_a_path_is_read_back_as_what_it_says(path: LandingPath) -> None:
    assert parse_landing_path(str(path)) == path


def test_a_bronze_path_names_contract_hour_partition_generation_range_and_hash() -> None:
    assert str(a_path()) == (
        "bronze/telemetry/v=1/dt=2026-01-02/hr=03/"
        "events-p007-g0-00000000000000000005-00000000000000000012-0123abcd.avro"
    )


def test_a_quarantine_path_has_the_same_stem() -> None:
    assert str(a_path(contract=None)) == (
        "quarantine/dt=2026-01-02/hr=03/"
        "events-p007-g0-00000000000000000005-00000000000000000012-0123abcd.avro"
    )


def test_the_hour_is_utc() -> None:
    east = datetime(2026, 1, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))

    assert "dt=2026-01-01/hr=22" in str(a_path(enqueued_at=east))


@pytest.mark.parametrize("path", ["", "bronze/x", "_landfall/windows/w.json", f"x/{a_path()}"])
def test_what_is_no_landing_is_not_read(path: str) -> None:
    assert parse_landing_path(path) is None
