import json
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from shared.adapters.contract_files import load_all_gold, load_contracts
from shared.errors import MisconfiguredError
from tests.builders import a_schema
from tests.root import ROOT


def write(folder: Path, schema: Any, file: str = "simple/1.avsc") -> Path:
    path = folder / "contracts" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return folder / "contracts"


def decimal(**attributes: Any) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal"} | attributes


def field(**attributes: Any) -> dict[str, Any]:
    return a_schema({"name": "id", "type": "long"}, {"name": "x"} | attributes)


def test_the_contracts_of_the_project_load() -> None:
    loaded = load_contracts(ROOT / "contracts")

    assert [str(contract.id) for contract in loaded] == [
        "close_approach/1",
        "meteorite_landing/1",
        "telemetry/1",
    ]


MISFIT_RULES = [
    ("string", "minimum", 1),
    ("string", "maximum", 1),
    ("string", "exclusiveMinimum", 1),
    ("string", "exclusiveMaximum", 1),
    ("long", "minLength", 1),
    ("double", "maxLength", 1),
    ("int", "pattern", "a"),
    ("boolean", "minimum", 0),
    ("boolean", "minLength", 0),
    ("bytes", "minimum", 0),
    ("bytes", "minLength", 1),
    ({"type": "fixed", "name": "F", "size": 2}, "maxLength", 1),
    ({"type": "bytes", "logicalType": "decimal", "precision": 3}, "minLength", 1),
    ({"type": "bytes", "logicalType": "decimal", "precision": 3}, "minimum", "1"),
    ({"type": "array", "items": "long"}, "minimum", 0),
    ({"type": "map", "values": "long"}, "minimum", 0),
    ({"type": "enum", "name": "E", "symbols": ["A"]}, "pattern", "A"),
    ({"type": "long", "logicalType": "timestamp-micros"}, "minimum", 0),
    ({"type": "string", "logicalType": "uuid"}, "pattern", "A"),
    (["null", "string"], "minimum", 1),
    (["null", "string", "long"], "minimum", 1),
    ("long", "minimum", "1"),
    ("long", "minimum", 10**400),
    ("double", "maximum", -(10**400)),
    ("string", "maxLength", 10**400),
    ("string", "pattern", "a{99999999999}"),
    ("string", "pattern", "(" * 2000 + ")" * 2000),
    ("long", "minimum", True),
    ("double", "maximum", None),
    ("string", "minLength", -1),
    ("string", "maxLength", 1.5),
    ("string", "pattern", "("),
    ("string", "pattern", 1),
]


@pytest.mark.parametrize(("avro_type", "rule", "value"), MISFIT_RULES)
def test_a_rule_that_does_not_fit_is_refused_with_file_and_field(
    tmp_path: Path, avro_type: Any, rule: str, value: Any
) -> None:
    folder = write(tmp_path, field(type=avro_type, **{rule: value}))

    with pytest.raises(MisconfiguredError, match=r"^contracts/simple/1.avsc: x: .*rule"):
        load_contracts(folder)


@pytest.mark.parametrize(
    "attributes",
    [
        {"type": "long", "minimum": 2, "maximum": 1},
        {"type": "long", "exclusiveMinimum": 1, "maximum": 1},
        {"type": "long", "minimum": 1, "exclusiveMaximum": 1},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 3},
            "minimum": 1.5,
            "exclusiveMaximum": 1.5,
        },
    ],
)
def test_rules_that_allow_no_value_are_refused(tmp_path: Path, attributes: dict[str, Any]) -> None:
    folder = write(tmp_path, field(**attributes))

    with pytest.raises(MisconfiguredError, match=r"simple/1.avsc: x: its rules allow no value"):
        load_contracts(folder)


MALFORMED = [
    (field(), "x: a field has a type"),
    (field(type="text"), "x: type 'text' is unknown"),
    (field(type={"type": "fixed", "name": "F"}), "x: a fixed has a size"),
    (field(type={"type": "fixed", "name": "F", "size": 0}), "x: a fixed has a size"),
    (field(type={"type": "fixed", "name": "F", "size": True}), "x: a fixed has a size"),
    (field(type={"type": "fixed", "size": 2}), "x: a record, enum or fixed has a name"),
    (
        field(type={"type": "fixed", "name": "F", "size": 8, "logicalType": "uuid"}),
        "x: logical type 'uuid' on fixed of 8 bytes",
    ),
    (
        field(type={"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}),
        "x: logical type 'duration'",
    ),
    (field(type=decimal()), "x: a decimal has a precision"),
    (field(type=decimal(precision=0)), "x: a decimal has a precision"),
    (field(type=decimal(precision=39)), "x: a decimal has a precision, of 1 to 38"),
    (field(type=decimal(precision="9")), "x: a decimal has a precision"),
    (field(type=decimal(precision=4, scale=5)), "x: a decimal's scale is 0 to its precision"),
    (field(type=decimal(precision=4, scale=-1)), "x: a decimal's scale"),
    (
        field(type=decimal(type="fixed", name="F", size=2, precision=5)),
        "x: 5 digits do not fit into 2 bytes",
    ),
    (
        field(type=decimal(type="fixed", name="F", size=2, precision=2), default="a"),
        "x: its default breaks it: 1 bytes, not 2",
    ),
    (field(type=decimal(precision=2), default="\u0064"), "x: its default breaks it: more than 2"),
    (field(type=decimal(type="string", precision=2)), "x: logical type 'decimal' on string"),
    (field(type={"type": "enum", "name": "array", "symbols": ["A"]}), "x: type 'array' is decl"),
    (field(type={"type": "long", "logicalType": "time-millis"}), "x: logical type 'time-millis'"),
    (field(type={"type": "long", "logicalType": "timestamp-nanos"}), "x: logical type 'timest"),
    (field(type={"type": "array"}), "x: array without 'items'"),
    (field(type={"type": "array", "items": "text"}), r"x\[\]: type 'text' is unknown"),
    (field(type={"type": "map", "values": 1}), r"x\{\}: a type is"),
    (field(type={"type": "enum", "name": "E", "symbols": []}), "x: an enum has a list"),
    (field(type={"type": "enum", "name": "E", "symbols": ["A", "A"]}), "x: an enum's symbols"),
    (field(type={"type": "enum", "name": "E", "symbols": ["a b"]}), "x: an enum's symbols"),
    (field(type=[]), "x: a union has branches"),
    (field(type=["null", "null"]), "x: a union has branches"),
    (field(type=["null", ["string"]]), "x: a union has branches"),
    (field(type="long", minimun=3), "x: unknown attribute minimun"),
    (field(type={"type": "record", "name": "R", "fields": []}), "x: a record has a list of fields"),
    (
        field(type={"type": "record", "name": "R", "fields": [{"name": "y", "type": "R"}]}),
        "x.y: type 'R' contains itself, as no table's column can",
    ),
    (field(type={"type": "enum", "name": "simple", "symbols": ["A"]}), "x: type 'simple' is decl"),
    (field(type="long", default="1"), "x: its default breaks it"),
    (field(type="bytes", default="\u0100"), "x: its default breaks it: a default is text"),
    (field(type="bytes", default=1), "x: its default breaks it: a default is text"),
    (
        field(type={"type": "fixed", "name": "F", "size": 2}, default="abc"),
        "x: its default breaks it: 3 bytes, not 2",
    ),
    (
        field(type={"type": "int", "logicalType": "date"}, default="2026-01-01"),
        "x: its default breaks it: a default is an integer",
    ),
    (field(type={"type": "double"}, default=3), "Default value <3> must match"),
    (
        field(
            type={
                "type": "record",
                "name": "R",
                "fields": [{"name": "y", "type": "int", "default": "a"}],
            }
        ),
        "x.y: its default breaks it",
    ),
    (field(type=["null", "long"], default=-1, minimum=0), "x: its default breaks it"),
    (a_schema({"name": "a", "type": "int"}, {"name": "a", "type": "int"}), "two fields have"),
    (field(type="int", aliases="y"), "x: a field's aliases are a list of names"),
    (field(type="int", aliases=["a b"]), "x: a field's aliases are"),
    (field(type="int", aliases=[1]), "x: a field's aliases are"),
    (field(type="int", aliases=["id"]), "two fields have the same name or alias"),
    (field(type="int", aliases=["x"]), "two fields have the same name or alias"),
    (field(type="int", aliases=["y", "y"]), "two fields have the same name or alias"),
    (field(type="int", aliases=["_landfall"]), "_landfall: the name is kept"),
    (field(type="null"), "x: nothing but null can stand here"),
    (field(type=["null"]), "x: nothing but null"),
    (field(type={"type": "array", "items": "null"}), r"x\[\]: nothing but null"),
    (field(type={"type": "map", "values": ["null"]}), r"x\{\}: nothing but null"),
    (a_schema({"name": "a", "type": "int"}, {"name": "A", "type": "int"}), "two fields differ in"),
    (a_schema({"name": "a b", "type": "int"}), "'a b' is no field name"),
    (a_schema({"name": "_landfall", "type": "int"}), "_landfall: the name is kept"),
    (a_schema({"name": "_Landfall", "type": "int"}), "_landfall: the name is kept"),
    (a_schema(name="other"), "it is named other, its folder simple"),
    ({"type": "enum", "name": "simple", "symbols": ["A"]}, "a contract is a record"),
    ({"type": "record", "name": "simple"}, "a record has a list of fields"),
    ({"type": "record", "fields": []}, "has a name"),
    ("[", "no valid JSON"),
    ('{"type": "record", "type": "record"}', "key 'type' stands twice"),
    (a_schema() | {"schemaRegistryIds": "abc"}, "schemaRegistryIds is no list"),
]


def nested(levels: int) -> Any:
    avro_type: Any = "int"
    for _ in range(levels):
        avro_type = {"type": "array", "items": avro_type}
    return avro_type


def records_of(first: Any, count: int) -> list[Any]:
    """Fields of records, each of which refers to the one before it."""
    types = [first, *(f"R{number}" for number in range(count))]
    return [
        {
            "name": f"x{number}",
            "type": {
                "type": "record",
                "name": f"R{number}",
                "fields": [{"name": "y", "type": types[number]}],
            },
        }
        for number in range(count)
    ]


TOO_DEEP = [[{"name": "x", "type": nested(levels)}] for levels in (63, 200, 800)]


@pytest.mark.parametrize("fields", [*TOO_DEEP, records_of("int", 70), records_of(nested(40), 30)])
def test_a_contract_that_nests_too_deep_is_refused_with_file_and_field(
    tmp_path: Path, fields: list[Any]
) -> None:
    folder = write(tmp_path, a_schema(*fields))

    with pytest.raises(MisconfiguredError, match=r"1\.avsc: x.*: types nest more than 64 deep"):
        load_contracts(folder)


@pytest.mark.parametrize("fields", [[{"name": "x", "type": nested(62)}], records_of("int", 62)])
def test_a_contract_may_nest_64_deep(tmp_path: Path, fields: list[Any]) -> None:
    assert len(load_contracts(write(tmp_path, a_schema(*fields)))) == 1


@pytest.mark.parametrize(("schema", "problem"), MALFORMED)
def test_a_malformed_contract_is_refused_with_file_and_field(
    tmp_path: Path, schema: Any, problem: str
) -> None:
    folder = write(tmp_path, schema)

    with pytest.raises(MisconfiguredError, match=rf"contracts/simple/1\.avsc: .*{problem}"):
        load_contracts(folder)


@pytest.mark.parametrize(
    "file", ["simple/one.avsc", "simple/0.avsc", "simple/1.json", "Simple/1.avsc"]
)
def test_a_file_that_is_named_otherwise_is_refused(tmp_path: Path, file: str) -> None:
    folder = write(tmp_path, a_schema(), file)

    with pytest.raises(MisconfiguredError, match=f"contracts/{file}: a contract's"):
        load_contracts(folder)


def test_every_file_at_fault_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "[", "simple/1.avsc")
    folder = write(tmp_path, field(type="text"), "simple/2.avsc")

    with pytest.raises(MisconfiguredError, match=r"simple/1\.avsc.*; .*simple/2\.avsc: x"):
        load_contracts(folder)


def test_a_folder_without_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="no contract below"):
        load_contracts(tmp_path)


def test_lint_says_which_contract_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, field(type="string", minimum=1))

    code = main(["contracts", "--folder", str(folder)])

    assert code == 1
    assert "contracts/simple/1.avsc: x: rule minimum does not fit" in capsys.readouterr().err


GOLD = "-- grain: id\nSELECT id FROM silver GROUP BY id\n"


def test_gold_tables_are_found_by_their_contract(tmp_path: Path) -> None:
    write(tmp_path, GOLD, "simple/gold/by_id.sql")
    folder = write(tmp_path, GOLD, "other/gold/other_by_id.sql")

    found = load_all_gold(folder)

    assert {name: [table.name for table in tables] for name, tables in found.items()} == {
        "other": ["other_by_id"],
        "simple": ["by_id"],
    }


def test_two_gold_tables_of_one_name_are_refused_since_they_would_replace_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, a_schema())
    write(tmp_path, GOLD, "simple/gold/by_id.sql")
    folder = write(tmp_path, GOLD, "other/gold/by_id.sql")

    code = main(["contracts", "--folder", str(folder)])

    assert code == 1
    assert "gold table by_id is declared by other and simple" in capsys.readouterr().err
