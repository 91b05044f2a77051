"""Whatever contract and events: both cores give the same bytes, reasons, paths and details.

Runs some thousand events. For more: `make fuzz [MINUTES=60]`.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("landfall_native", reason="the native core is not built here")

from fuzz.bodies import Bodies
from fuzz.comparing import ORIGIN, find_difference, to_events
from fuzz.schemas import Schemas
from fuzz.supporting import find_lack
from producer.bad_events import BadEvents
from producer.body import AvroEncoder
from producer.errors import UsageError
from producer.synthesis import synthesize
from shared.adapters.contract_files import CONTRACTS_FOLDER, load_contracts
from shared.contracts.catalog import is_avro
from shared.contracts.contract import Contract
from shared.encoding.judging import LARGEST_BODY_BYTES
from shared.encoding.native_encoder import NativeEncoder
from shared.encoding.reference_encoder import BLOCK_BYTES, ReferenceEncoder
from shared.values.json_body import encode_json
from tests.builders import a_contract
from tests.every_type import every_type
from tests.examples import examples

REAL = [*load_contracts(CONTRACTS_FOLDER), every_type()]
randoms = st.randoms(use_true_random=False)
CASES = 40
CHOICE = [{"type": "enum", "name": "Letter", "symbols": ["A"]}, "int"]


@settings(max_examples=examples(150), suppress_health_check=list(HealthCheck))
@given(random=randoms)
def test_the_cores_agree_on_whatever_is_drawn(random: Random) -> None:
    contract = Schemas(random).contract()
    assume(not find_lack(contract))
    bodies = Bodies(random, contract.record)

    assert find_difference(contract, [bodies.body() for _ in range(4)]) is None


@pytest.mark.parametrize("seed", range(examples(50)))
def test_the_cores_agree_on_a_batch_of_many(seed: int) -> None:
    random = Random(seed)
    contract = next(c for c in iter(Schemas(random).contract, None) if not find_lack(c))
    bodies = Bodies(random, contract.record)

    assert find_difference(contract, [bodies.body() for _ in range(CASES)]) is None


@pytest.mark.parametrize("contract", REAL, ids=lambda contract: str(contract.id))
def test_the_cores_agree_on_the_contracts_that_there_are(contract: Contract) -> None:
    bodies = Bodies(Random(7), contract.record)

    assert find_difference(contract, [bodies.body() for _ in range(examples(400))]) is None


def events_of_the_producer(contract: Contract, random: Random) -> Iterator[tuple[bytes, bool]]:
    """Its good events in both forms, and each kind of its bad ones."""
    bad_events, encode = BadEvents(contract), AvroEncoder(contract).encode
    for _ in range(30):
        good = synthesize(contract.record, random)
        bad = bad_events.next(good)
        yield encode_json(good), False
        yield encode(good) or b"", True
        yield bad.body, is_avro(bad.content_type)


def can_be_synthesized(contract: Contract) -> bool:
    """Whether the producer can invent events; text that matches most patterns it cannot."""
    try:
        synthesize(contract.record, Random(11))
    except UsageError:
        return False
    return True


SYNTHESIZED = [contract for contract in REAL if can_be_synthesized(contract)]


@pytest.mark.parametrize("contract", SYNTHESIZED, ids=lambda contract: str(contract.id))
def test_the_cores_agree_on_the_events_of_the_producer_whole_and_broken(contract: Contract) -> None:
    random = Random(11)
    whole = list(events_of_the_producer(contract, random))
    break_one = Bodies(random, contract.record).broken
    broken = [(break_one(body), avro) for body, avro in whole * examples(20) if len(body) < 10_000]

    assert find_difference(contract, [*whole, *broken]) is None


WITHOUT_NAMESPACE = {"type": "enum", "name": "N", "namespace": "", "symbols": ["A"]}
OF_THE_SAME_NAME = {"type": "enum", "name": "N", "symbols": ["C"]}


@pytest.mark.parametrize(
    "fields",
    [
        [
            {"name": "u", "type": WITHOUT_NAMESPACE, "default": "A"},
            {"name": "w", "type": OF_THE_SAME_NAME, "default": "C"},
        ],
        [{"name": "u", "type": [WITHOUT_NAMESPACE, "int"], "default": "A"}],
    ],
)
def test_the_cores_agree_on_defaults_of_types_without_a_namespace_inside_one(
    fields: list[dict[str, Any]],
) -> None:
    inner = {"type": "record", "name": "R", "namespace": "a.b", "fields": fields}
    contract = a_contract(
        {"name": "x", "type": inner, "default": {}},
        {"name": "y", "type": {"type": "map", "values": "N"}, "default": {"k": "A"}},
        {"name": "z", "type": ["a.b.R", "N"], "default": {}},
    )

    assert find_difference(contract, [(b"{}", False), (b'{"z":"A"}', False)]) is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            {"type": "record", "name": "Inner", "fields": [{"name": "y", "type": CHOICE}]},
            {"y": "A"},
        ),
        ({"type": "array", "items": CHOICE}, ["A", 7]),
        ({"type": "map", "values": CHOICE}, {"a": 7, "b": "A"}),
    ],
)
def test_a_choice_of_types_inside_what_may_be_null_lands_by_both(kind: Any, body: Any) -> None:
    contract = a_contract(
        {"name": "x", "type": [kind, "null"]}, {"name": "z", "type": ["Letter", "int"]}
    )
    bodies = [json.dumps({"x": x, "z": 1}).encode() for x in (body, None)]

    assert find_difference(contract, [(each, False) for each in bodies]) is None
    events = to_events([(each, False) for each in bodies])
    assert not ReferenceEncoder(contract).encode(events, ORIGIN).rejections


def test_the_cores_cut_blocks_at_the_same_records() -> None:
    contract = a_contract({"name": "x", "type": "string"})
    sizes = [
        0,
        BLOCK_BYTES,
        1,
        BLOCK_BYTES - 50,
        50,
        60_000,
        60_000,
        60_000,
        LARGEST_BODY_BYTES - 8,
    ]
    bodies = [(b'{"x":"' + b"a" * size + b'"}', False) for size in (*sizes, *range(0, 9000, 90))]

    encoded = NativeEncoder(contract).encode(to_events(bodies), ORIGIN)

    assert len(encoded.blocks) > len(sizes) // 2
    assert find_difference(contract, bodies) is None


@pytest.mark.parametrize("rule", ["minLength", "maxLength"])
def test_the_cores_agree_on_the_greatest_sizes(rule: str) -> None:
    contract = a_contract(
        {"name": "x", "type": ["null", "string"], "default": None, rule: 2**63 - 1},
        {"name": "y", "type": ["string", {"type": "fixed", "name": "F", "size": 2**63 - 1}]},
    )
    bodies = [b'{"x":"a","y":"a"}', b'{"y":"AAAA"}', b'{"y":1}', b'{"y":"a","x":1}']

    assert find_difference(contract, [(body, False) for body in bodies]) is None


@pytest.mark.parametrize("length", [0, LARGEST_BODY_BYTES, LARGEST_BODY_BYTES + 1])
@pytest.mark.parametrize("is_avro", [False, True])
def test_the_cores_take_bodies_up_to_the_same_size(length: int, is_avro: bool) -> None:
    body = b'{"id": 1}'.ljust(length)[:length]

    assert find_difference(a_contract(), [(body, is_avro)]) is None


def test_the_cores_agree_on_arrays_and_maps_of_more_than_a_few() -> None:
    contract = a_contract(
        {"name": "x", "type": {"type": "array", "items": "boolean"}, "default": []},
        {"name": "y", "type": {"type": "map", "values": "int"}, "default": {}},
    )
    many = examples(100_000)
    keys = ",".join(f'"{number}":{number}' for number in range(5000))
    claims = (
        b"\x80\x80\x80\x01",
        b"\x82\x80\x80\x01",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02",
    )
    bodies = [
        *[(f'{{"x":[{"true," * count}true]}}'.encode(), False) for count in (62, 63, many)],
        *[(f'{{"y":{{{text}}}}}'.encode(), False) for text in (keys, f'{keys},"7":7')],
        *[(claim + b"\x01" * (5 * many) + b"\x00\x00", True) for claim in claims],
    ]

    assert find_difference(contract, bodies) is None
