import pytest

from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.errors import MisconfiguredError
from shared.values.rejection import Reason, Rejection
from tests.builders import a_contract, a_schema, an_event, contracts


def resolved(known: ContractCatalog, **changes: object) -> str:
    found = known.resolve(an_event(**changes))
    return str(found.id) if isinstance(found, Contract) else found.reason.value


TWO_VERSIONS = contracts(a_contract(version=1), a_contract(version=2), default=None)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("simple", "simple/2"),
        ("simple/1", "simple/1"),
        ("simple/3", "unknown_version"),
        ("simple/", "unknown_version"),
        ("simple/x", "unknown_version"),
        ("simple/²", "unknown_version"),
        ("simple/01", "unknown_version"),
        ("simple/" + "9" * 5000, "unknown_version"),
        ("other", "unknown_contract"),
        ("", "unknown_contract"),
    ],
)
def test_the_contract_property_is_a_name_or_a_name_and_version(reference: str, found: str) -> None:
    assert resolved(TWO_VERSIONS, properties={"contract": reference}) == found


def test_an_event_that_names_no_contract_is_held_to_the_default() -> None:
    assert resolved(contracts(default="simple")) == "simple/1"
    assert resolved(contracts(default=None)) == "unknown_contract"


def test_a_registered_schema_id_finds_its_contract() -> None:
    schema = a_schema() | {"schemaRegistryIds": ["abc1"]}
    known = contracts(parse_contract(ContractId(name="simple", version=1), schema, "s"))

    assert resolved(known, content_type="avro/binary+abc1") == "simple/1"
    assert resolved(known, content_type="avro/binary+zzz") == "unknown_contract"
    assert resolved(known, content_type="avro/binary+zzz", properties={"contract": "simple"}) == (
        "simple/1"
    )


def test_a_default_that_is_unknown_is_a_misconfiguration() -> None:
    with pytest.raises(MisconfiguredError, match="default contract nobody is unknown"):
        contracts(default="nobody")


def test_the_landed_schema_ends_with_the_origin_and_keeps_the_rules() -> None:
    contract = a_contract({"name": "id", "type": "long", "minimum": 3})

    fields = contract.landed_schema["fields"]

    assert [item["name"] for item in fields] == ["id", "_landfall"]
    assert fields[0]["minimum"] == 3


def test_what_a_stranger_names_is_cut_short_in_the_detail() -> None:
    found = contracts().find("x" * 5000)

    assert isinstance(found, Rejection)
    assert (found.reason, len(found.detail)) == (Reason.UNKNOWN_CONTRACT, 256)
