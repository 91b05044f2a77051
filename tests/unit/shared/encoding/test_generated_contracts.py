"""Whatever types a contract has: good values land as they are, and no bad one does any harm."""

import json
from io import BytesIO
from typing import Any

import fastavro
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.audit.walking import make_walk, origin_prefix
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract, ContractId, parse_contract
from shared.encoding.compression import Codec
from shared.landing.batch_files import EncodedFile, encode_batch
from shared.values.rejection import Reason
from tests.builders import a_place, an_event
from tests.examples import examples
from tests.unit.shared.encoding.avro_strategies import (
    Generated,
    contract_schemas,
    places,
    replaced,
    without_branches,
)

FEWER = settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
AVRO = "avro/binary"
STRANGE = (
    None, True, 0, -1, 2**31, 2**63, 10**50, 1.5, 1e308, float("nan"), float("inf"), "", "x", "A",
    "\ud800", "AAAA", "1.5", "2026-01-01", "2026-01-01T00:00", "12:00", "0" * 50, [], [[]], {},
    {"alias0": None}, {"\ud800": 1},
)  # fmt: skip


def a_contract(generated: Generated) -> Contract:
    return parse_contract(ContractId(name="simple", version=1), generated.schema, "generated")


def encoded(contract: Contract, body: bytes, content_type: str | None = None) -> EncodedFile:
    known = ContractCatalog([contract], "simple")
    event = an_event(5, body, content_type=content_type)
    (file,) = encode_batch([event], a_place(), known, Codec(name="null")).files
    return file


def read(file: EncodedFile) -> dict[str, Any]:
    (record,) = fastavro.reader(BytesIO(file.data))
    return {name: value for name, value in record.items() if name != "_landfall"}


def in_avro(contract: Contract, value: Any) -> bytes:
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(dict(contract.schema)), value)
    return body.getvalue()


@FEWER
@given(data=st.data(), generated=contract_schemas(any_union=False))
def test_a_json_event_lands_and_reads_back_equal(data: st.DataObject, generated: Generated) -> None:
    in_json, written = data.draw(generated.values)

    file = encoded(a_contract(generated), json.dumps(in_json).encode())

    assert read(file) == without_branches(written)
    assert stepped_over(file) == [5]


@FEWER
@given(data=st.data(), generated=contract_schemas(any_union=True))
def test_an_avro_event_lands_and_reads_back_equal(
    data: st.DataObject, generated: Generated
) -> None:
    _, written = data.draw(generated.values)
    contract = a_contract(generated)

    file = encoded(contract, in_avro(contract, written), AVRO)

    assert read(file) == without_branches(written)
    assert stepped_over(file) == [5]


@FEWER
@given(data=st.data(), generated=contract_schemas(any_union=False))
def test_a_strange_value_is_refused_where_it_stands_or_lands_readable(
    data: st.DataObject, generated: Generated
) -> None:
    in_json, _ = data.draw(generated.values)
    path, steps = data.draw(st.sampled_from(places(in_json)))
    changed = replaced(in_json, steps, data.draw(st.sampled_from(STRANGE)))

    file = encoded(a_contract(generated), json.dumps(changed).encode())

    found = read(file)
    assert file.file.contract or found["reason"] in set(Reason)
    assert file.file.contract or found["path"].startswith(path[:250])


@FEWER
@given(data=st.data(), generated=contract_schemas(any_union=True), put=st.binary(max_size=3))
def test_mutated_avro_is_refused_or_lands_readable(
    data: st.DataObject, generated: Generated, put: bytes
) -> None:
    _, written = data.draw(generated.values)
    contract = a_contract(generated)
    body = in_avro(contract, written)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 3)))

    file = encoded(contract, body[:start] + put + body[end:], AVRO)

    found = read(file)
    assert file.file.contract or found["reason"] in set(Reason)
    assert stepped_over(file) == [5]


def stepped_over(file: EncodedFile) -> list[int]:
    blocks = fastavro.block_reader(BytesIO(file.data))
    walk = make_walk(blocks.metadata["avro.schema"])
    (block,) = blocks
    return walk(block.bytes_.getvalue(), 1, origin_prefix("hub", 0, "0"))
