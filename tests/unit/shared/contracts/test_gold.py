import pytest

from shared.adapters.contract_files import CONTRACTS_FOLDER, load_gold
from shared.contracts.gold import GoldTable, parse_gold
from shared.errors import MisconfiguredError

SELECT = "SELECT device_id, count(*) AS events FROM silver GROUP BY device_id"
HEADER = "-- Events by device.\n-- grain: device_id\n-- counts: events\n"


def parse(text: str, name: str = "by_device") -> GoldTable:
    return parse_gold(name, text, f"contracts/telemetry/gold/{name}.sql")


def test_the_header_names_the_grain_and_the_column_that_counts() -> None:
    assert parse(f"{HEADER}{SELECT}\n") == GoldTable(
        name="by_device", query=SELECT, grain=("device_id",), counts="events"
    )


def test_a_grain_may_have_several_columns_and_a_table_need_not_count() -> None:
    table = parse(f"--grain: device_id ,  hour\n{SELECT}")

    assert (table.grain, table.counts) == (("device_id", "hour"), None)


def test_comments_are_no_part_of_the_query() -> None:
    table = parse(f"{HEADER}WITH x AS (SELECT 1)\n  -- what follows\n{SELECT}")

    assert table.query == f"WITH x AS (SELECT 1)\n{SELECT}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SELECT, "its header names no grain"),
        (f"-- grain:\n{SELECT}", "its header names no grain"),
        (f"-- grain: device id\n{SELECT}", "its header names no grain"),
        (f"-- grain: device_id,\n{SELECT}", "its header names no grain"),
        (f"-- grain: device_id\n-- counts: 7\n{SELECT}", "its header counts '7'"),
        (f"-- grain: device_id\n-- counts:\n{SELECT}", "its header counts ''"),
        ("-- grain: device_id\n", "it is no SELECT"),
        ("-- grain: device_id\nDROP TABLE silver", "it is no SELECT"),
        ("-- grain: device_id\nselected", "it is no SELECT"),
    ],
)
def test_a_file_that_is_no_gold_table_is_refused_by_its_name(text: str, problem: str) -> None:
    with pytest.raises(MisconfiguredError) as raised:
        parse(text)

    assert str(raised.value).startswith(f"contracts/telemetry/gold/by_device.sql: {problem}")
    assert raised.value.hint == "mend the gold table's file"


@pytest.mark.parametrize("name", ["By_Device", "by-device", "7days", ""])
def test_a_name_that_is_no_tables_is_refused(name: str) -> None:
    with pytest.raises(MisconfiguredError, match="is named in lower case"):
        parse(f"{HEADER}{SELECT}", name)


@pytest.mark.parametrize(
    ("contract", "table"),
    [
        ("close_approach", "close_approaches_by_month"),
        ("meteorite_landing", "meteorites_by_decade_and_class"),
        ("telemetry", "telemetry_by_device_and_hour"),
    ],
)
def test_each_contract_that_is_deployed_has_its_gold_table(contract: str, table: str) -> None:
    (loaded,) = load_gold(CONTRACTS_FOLDER, contract)

    assert loaded.name == table
    assert loaded.grain
    assert loaded.counts
    assert all(column in loaded.query for column in (*loaded.grain, loaded.counts))


def test_a_contract_without_gold_has_no_gold_table() -> None:
    assert load_gold(CONTRACTS_FOLDER, "nobody") == ()
